"""What other services said, kept as it now stands."""

from collections.abc import Sequence
from typing import Any

import orjson

from services.penalties.repository import children, projections
from services.penalties.use_cases.improvement_notices import follow_calendar
from shared.attendance.identities import store_former_upns
from shared.attendance.successions import store_succession
from shared.contracts.registers import (
    CalendarChanged,
    ParentChanged,
    PupilParent,
    RecordedMark,
    RollChanged,
    SessionRecorded,
    SuccessionChanged,
)
from shared.database import Transaction


async def keep_roll(tx: Transaction, event: RollChanged) -> None:
    """Store a pupil's UPNs and rolls, and whose other record it is, if this is news."""
    if await projections.claim_revision(tx, event.pupil_id, "roll_revision", event.revision):
        await children.store_same_as(tx, event.pupil_id, event.same_as)
        await projections.store_upn(tx, event.pupil_id, event.upn)
        await store_former_upns(tx, {event.pupil_id: event.former_upns})
        await projections.replace_rolls(tx, event.pupil_id, [spell.model_dump() for spell in event.rolls])


async def keep_parents(tx: Transaction, event: ParentChanged) -> None:
    """Store a pupil's parents if this is news."""
    if await projections.claim_revision(tx, event.pupil_id, "parents_revision", event.revision):
        await projections.replace_parents(tx, event.pupil_id, [_parent(parent) for parent in event.parents])


def _parent(parent: PupilParent) -> dict[str, Any]:
    return {**parent.model_dump(), "formerly": [str(former) for former in parent.formerly]}


async def keep_calendar(tx: Transaction, event: CalendarChanged) -> None:
    """Store a school's calendar if this is news, and settle the periods of Notices to Improve that it sets."""
    days = [day.date for day in event.open if day.sessions]
    if await projections.save_calendar(tx, event.school, event.year, days, event.revision):
        await follow_calendar(tx, event.school)


async def keep_succession(tx: Transaction, event: SuccessionChanged) -> None:
    """Store which schools a school continues if this is news."""
    await store_succession(tx, event)


def read_amended(body: bytes) -> SessionRecorded:
    """Return a register with the marks that were amended alone, one in a hundred; raise where it is not as the contract has it."""
    sent = orjson.loads(body)
    return SessionRecorded.model_validate({**sent, "marks": [mark for mark in sent["marks"] if mark["version"] > 1]})


async def keep_marks(tx: Transaction, events: Sequence[SessionRecorded]) -> None:
    """Store amended marks of pupils with an open case: a notice relies on no mark that has changed since it was judged."""
    amended = [(event, mark) for event in events for mark in event.marks if mark.version > 1]
    watched = await projections.pupils_with_open_case(tx, {mark.pupil_id for _, mark in amended}) if amended else frozenset()
    kept = [_mark(event, mark) for event, mark in amended if mark.pupil_id in watched]
    if kept:
        await projections.save_marks(tx, kept)


def _mark(event: SessionRecorded, mark: RecordedMark) -> dict[str, Any]:
    place = {"pupil_id": mark.pupil_id, "date": event.date, "session": event.session, "urn": event.school}
    return {**place, "code": mark.code, "version": mark.version}
