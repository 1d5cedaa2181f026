"""What comes back from the service's own events: marks with their versions, and under which ids and revisions everything else stood.

Names, rolls, contacts, closures and requests for leave are in no event: which school must send what again is listed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import orjson

from services.registers.marks.repository import marks
from services.registers.marks.use_cases.unresolved import follow_unresolved
from services.registers.recovery import repository
from shared.contracts.event import Event
from shared.contracts.registers import (
    CalendarChanged,
    LeaveDecided,
    ParentChanged,
    ReasonOverdue,
    RollChanged,
    SessionRecorded,
    SessionRecordedV2,
    SuccessionChanged,
)
from shared.database import Database, Transaction
from shared.messaging import EventHandlers
from shared.messaging.messages import Transport
from shared.messaging.recovery import NOT_RECOVERED, Recovery


def recovery(_: Transport) -> Recovery:
    """Return what each of the service's events brings back."""
    handlers = EventHandlers("registers")
    handlers.on(SessionRecorded)(_record)
    handlers.on(SessionRecordedV2)(_record)
    handlers.on(RollChanged)(_change_rolls)
    handlers.on(ParentChanged)(_change_parents)
    handlers.on(CalendarChanged)(_change_calendar)
    handlers.on(SuccessionChanged)(_change_succession)
    handlers.on(ReasonOverdue)(_note_overdue)
    handlers.on(LeaveDecided)(_leave_to_the_school)
    return Recovery(handlers, _to_be_sent_again, lacks=None)


async def _record(tx: Transaction, event: SessionRecorded | SessionRecordedV2) -> None:
    register = await repository.lock_school(tx, event.school, event.la_code, event.revision, event.date, event.session, NOT_RECOVERED)
    if not register.has_partition:
        await marks.make_partition(tx, event.date)
    restored = await repository.restore_marks(tx, register, event.marks, NOT_RECOVERED)
    await follow_unresolved(tx, register, [mark for mark in event.marks if mark.pupil_id in restored])


async def _change_rolls(tx: Transaction, event: RollChanged) -> None:
    # By a number that no other child has: what is asserted of a pupil is asked of officers again, once a school records it again.
    own = next(each for each in (event.upn, *event.former_upns) if each not in event.asserted_upns)
    await repository.restore_rolls(tx, event.pupil_id, own, event.revision, _state(event))


async def _change_parents(tx: Transaction, event: ParentChanged) -> None:
    await repository.restore_parents(tx, event.pupil_id, event.revision, _state(event))


def _state(event: RollChanged | ParentChanged) -> str:
    return orjson.dumps(event.model_dump(mode="json", exclude={"revision"})).decode()


async def _change_calendar(tx: Transaction, event: CalendarChanged) -> None:
    await repository.provide_school(tx, event.school, event.la_code, NOT_RECOVERED)
    await repository.raise_revision(tx, event.school, event.revision)


async def _change_succession(tx: Transaction, event: SuccessionChanged) -> None:
    await repository.raise_revision(tx, event.school, event.revision)


async def _note_overdue(tx: Transaction, event: ReasonOverdue) -> None:
    await repository.note_overdue(tx, event)


async def _leave_to_the_school(tx: Transaction, event: LeaveDecided) -> None:
    """Bring nothing back: why leave was asked for, and why it was granted, is known to the school alone."""


@dataclass(slots=True)
class _Lost:
    """What of a school no event holds."""

    unnamed: bool = False
    continues: bool = False
    years: set[str] = field(default_factory=set)
    pupils: set[UUID] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    leave: list[LeaveDecided] = field(default_factory=list)

    def lines(self, urn: int) -> Iterator[str]:
        """Give it in sentences."""
        if self.unnamed:
            yield f"school {urn}: it was not in the copy, send it again"
        if self.continues:
            yield f"school {urn}: which schools it continues has to be stored again"
        if self.years:
            yield f"school {urn}: send its calendar of {', '.join(sorted(self.years))} again"
        if self.pupils:
            yield f"school {urn}: send these pupils again, with their parents: {', '.join(map(str, sorted(self.pupils)))}"
        if self.days:
            span = f"{min(self.days)} to {max(self.days)}"
            yield f"school {urn}: registers of {span} came back without minutes late, who took them, and reasons of amendments"
        for each in self.leave:
            yield f"school {urn}: leave {each.leave_id} of pupil {each.pupil_id}, {each.start} to {each.end}, was {each.outcome}: enter it again"


_LISTED = (SessionRecorded, SessionRecordedV2, RollChanged, ParentChanged, CalendarChanged, SuccessionChanged, LeaveDecided)


async def _to_be_sent_again(database: Database) -> Sequence[str]:
    """Return, school by school, what it must send or decide again because no event holds it."""
    async with database.begin() as tx:
        unnamed = await repository.schools_without_words(tx, NOT_RECOVERED)
        rows = await repository.brought_back(tx, [each.type() for each in _LISTED])
    found: defaultdict[int, _Lost] = defaultdict(_Lost)
    for urn in unnamed:
        found[urn].unnamed = True
    kinds = {each.type(): each for each in _LISTED}
    for row in rows:
        _note(found, kinds[row.type].model_validate_json(row.body))
    return [line for urn in sorted(found) for line in found[urn].lines(urn)]


def _note(found: Mapping[int, _Lost], event: Event) -> None:
    """Note what of an event has to be sent again."""
    match event:
        case SessionRecorded() | SessionRecordedV2():
            found[event.school].days.add(event.date)
        case RollChanged():
            for spell in event.rolls:
                found[spell.urn].pupils.add(event.pupil_id)
        case ParentChanged():
            for parent in event.parents:
                found[parent.urn].pupils.add(event.pupil_id)
        case CalendarChanged():
            found[event.school].years.add(event.year)
        case SuccessionChanged():
            found[event.school].continues = True
        case LeaveDecided():
            found[event.urn].leave.append(event)
