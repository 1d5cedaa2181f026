"""Store what other services publish, as it now stands."""

from collections.abc import Sequence

import orjson

from services.penalties.projections import repository
from shared.attendance.identities import store_former_upns, store_same_as
from shared.contracts.registers import CalendarChanged, ParentChanged, RollChanged, SessionRecorded
from shared.database import Transaction


async def store_roll(tx: Transaction, event: RollChanged) -> None:
    """Store a pupil's UPNs and rolls, and whose other record it is, if this is news."""
    if await repository.claim_revision(tx, event.pupil_id, "roll_revision", event.revision):
        await store_same_as(tx, {event.pupil_id: event.same_as})
        await repository.store_upn(tx, event.pupil_id, event.upn)
        await store_former_upns(tx, [event])
        await repository.replace_rolls(tx, event.pupil_id, event.rolls)


async def store_parents(tx: Transaction, event: ParentChanged) -> None:
    """Store a pupil's parents if this is news."""
    if await repository.claim_revision(tx, event.pupil_id, "parents_revision", event.revision):
        await repository.replace_parents(tx, event.pupil_id, event.parents)


async def store_calendar(tx: Transaction, event: CalendarChanged) -> bool:
    """Store the days of a school year on which a school is open, if this is news; return whether it is."""
    days = tuple(day.date for day in event.open if day.sessions)
    return await repository.save_calendar(tx, repository.CalendarRow(event.school, event.year, days, event.revision))


def decode_amended(body: bytes) -> SessionRecorded:
    """Return a register with the marks that were amended alone, one in a hundred; raise where it is not as the contract has it."""
    sent = orjson.loads(body)
    return SessionRecorded.model_validate({**sent, "marks": [mark for mark in sent["marks"] if mark["version"] > 1]})


async def store_marks(tx: Transaction, events: Sequence[SessionRecorded]) -> None:
    """Store amended marks of pupils with an open case: a notice relies on no mark that has changed since it was judged."""
    amended = [
        repository.MarkRow(mark.pupil_id, event.date, event.session, event.school, mark.code, mark.version)
        for event in events
        for mark in event.marks
        if mark.version > 1
    ]
    watched = await repository.pupils_with_open_case(tx, {mark.pupil_id for mark in amended}) if amended else frozenset()
    if kept := [mark for mark in amended if mark.pupil_id in watched]:
        await repository.save_marks(tx, kept)
