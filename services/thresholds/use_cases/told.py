"""Registers as `registers` says them, read for what matters here: two or three marks of a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson

from services.thresholds.domain.facts import Mark, unauthorised_codes
from services.thresholds.domain.pupils import NewMark
from services.thresholds.domain.sessions import Session
from shared.contracts.registers import SessionRecorded


@dataclass(frozen=True, slots=True)
class Told:
    """A register, or a part of one: the marks in it that may ever matter, and whether it holds any at all."""

    school: int
    session: Session
    marked: bool
    news: Sequence[tuple[UUID, NewMark]]


def read_told(body: bytes) -> Told:
    """Return what an event's body says; raise where it is not as the contract has it.

    No object is made of a mark that cannot matter (`NewMark.matters` says which can); those that may are read by the contract.
    """
    sent = orjson.loads(body)
    marks = sent["marks"]
    absent = unauthorised_codes(date.fromisoformat(sent["date"]))
    kept = [
        mark
        for mark in marks
        if mark["code"] in absent or mark["version"] > 1 or (len(mark) > 3 and (mark.get("dual") or mark.get("previous_code") is not None))
    ]
    event = SessionRecorded.model_validate({**sent, "marks": kept})
    session = Session(event.date, event.session)
    news = (
        (each.pupil_id, NewMark(Mark(session, event.school, each.code, each.version), each.previous_code, each.dual))
        for each in event.marks
    )
    return Told(event.school, session, bool(marks), [(pupil_id, new) for pupil_id, new in news if new.matters])
