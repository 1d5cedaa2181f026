"""Registers as `registers` says them, read for what matters here: two or three marks of a hundred."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from services.thresholds.domain.facts import Mark, unauthorised_codes
from services.thresholds.domain.pupils import NewMark
from services.thresholds.domain.sessions import Session
from shared.attendance.sessions import Half


@dataclass(frozen=True, slots=True)
class Told:
    """A register, or a part of one: the marks in it that may ever matter, and whether it holds any at all."""

    school: int
    session: Session
    marked: bool
    news: Sequence[tuple[UUID, NewMark]]


class _Mark(msgspec.Struct, gc=False):
    pupil_id: str
    code: str
    version: int
    previous_code: str | None = None
    dual: bool = False


class _Said(msgspec.Struct, gc=False):
    """What `SessionRecorded` must hold, which says what each of it means."""

    school: int
    la_code: str
    date: date
    session: Half
    revision: int
    marks: list[_Mark]


_SAID = msgspec.json.Decoder(_Said)


def read_told(body: bytes) -> Told:
    """Return what an event's body says; raise ValueError where it is not as the contract has it.

    Nothing is kept of a mark that cannot matter (`NewMark.matters` says which can).
    """
    said = _SAID.decode(body)
    session, absent = Session(said.date, said.session), unauthorised_codes(said.date)
    news = [
        (UUID(each.pupil_id), NewMark(Mark(session, said.school, each.code, each.version), each.previous_code, each.dual))
        for each in said.marks
        if each.code in absent or each.version > 1 or each.dual or each.previous_code in absent
    ]
    return Told(said.school, session, bool(said.marks), news)
