"""Publish what registers holds again: each state as of the revision that its school or pupil has now, each mark with the version it has."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from uuid import UUID

import orjson

from services.registers.marks.domain.granted_leave import MarkOfSession, PupilSession
from services.registers.marks.domain.registers import LockedRegister
from services.registers.marks.repository.marks import roll
from services.registers.marks.use_cases.publishing import MARKS_PER_EVENT, session_recorded
from services.registers.marks.use_cases.republishing import marks_against_leave
from services.registers.schools.repository.schools import calendars_of, predecessors
from services.registers.schools.use_cases.policies import succession_changed
from services.registers.schools.use_cases.schools import calendar_changed
from services.registers.state import repository
from services.registers.state.repository import SchoolRow
from shared.attendance.register_codes import codes_on
from shared.comparisons import Held, KeyRange, in_one_transaction
from shared.contracts.event import Event
from shared.contracts.registers import LeaveDecided, ParentChanged, ReasonOverdue, RecordedMark, RollChanged
from shared.database import Transaction
from shared.messaging import publish_many
from shared.messaging.state import Extent, StateKind


async def publish_successions(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish which schools these ones continue."""
    schools = await repository.lock_schools(tx, [int(key) for key in keys])
    events = [succession_changed(urn, await predecessors(tx, urn), row.revision) for urn, row in schools.items()]
    return await publish_many(tx, events, anew=True)


async def publish_calendars(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish the sessions of schools' years."""
    which = [(int(urn), year) for urn, year in (key.split("/") for key in keys)]
    schools = await repository.lock_schools(tx, {urn for urn, _ in which})
    found = sorted(await calendars_of(tx, which), key=lambda calendar: (calendar.urn, calendar.year))
    events = [calendar_changed(each, schools[each.urn].la_code, schools[each.urn].revision) for each in found]
    return await publish_many(tx, events, anew=True)


async def publish_pupils(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish pupils' rolls and parents as they were published last."""
    events: list[Event] = []
    for pupil in await repository.lock_pupils(tx, [UUID(key) for key in keys]):
        if pupil.rolls:
            events.append(RollChanged.model_validate({**orjson.loads(pupil.rolls), "revision": pupil.revision}))
        if pupil.parents:
            events.append(ParentChanged.model_validate({**orjson.loads(pupil.parents), "revision": pupil.revision}))
    return await publish_many(tx, events, anew=True)


async def publish_registers(tx: Transaction, extent: Extent, keys: Sequence[str]) -> int:
    """Publish the marks of schools' days.

    All of one school's with the revision that it has: of each mark nothing newer is known, and no later event has an earlier one.
    """
    days: dict[int, list[date]] = defaultdict(list)
    for key in keys:
        school_key, day_key = key.split("/")
        days[int(school_key)].append(date.fromisoformat(day_key))
    events: list[Event] = []
    for urn, school in (await repository.lock_schools(tx, days)).items():
        enrolled = {each.pupil_id: each for each in (await roll(tx, urn)).values()}
        for day in days[urn]:
            rows = await repository.marks_of(tx, urn, day, extent.pupil_id)
            current = [MarkOfSession(PupilSession(day, row.session, row.pupil_id), row.code, row.version) for row in rows]
            against = await marks_against_leave(tx, urn, current)
            recorded = [
                (
                    row.session,
                    RecordedMark(
                        pupil_id=row.pupil_id,
                        code=row.code,
                        previous_code=row.previous_code,
                        version=row.published_version,
                        dual=row.pupil_id in enrolled and enrolled[row.pupil_id].dual(day),
                        covered_by_leave=mark.at in against,
                    ),
                )
                for row, mark in zip(rows, current, strict=True)
            ]
            for session, marks in groupby(recorded, key=lambda each: each[0]):
                events += _of_session(LockedRegister(urn, school.la_code, day, session, school.revision), [mark for _, mark in marks])
    return await publish_many(tx, events, anew=True)


def _of_session(register: LockedRegister, marks: Sequence[RecordedMark]) -> list[Event]:
    """Return the events of a session's marks, every one of the same revision."""
    pieces = [list(marks[first : first + MARKS_PER_EVENT]) for first in range(0, len(marks), MARKS_PER_EVENT)]
    return [event for piece in pieces for event in session_recorded(register, piece)]


async def publish_overdue(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish whether the time for the reasons of marks has passed, where that was published before and they have none still."""
    rows = await repository.lock_overdue(tx, keys)
    schools: dict[int, SchoolRow] = await repository.lock_schools(tx, {row.urn for row in rows})
    events = [ReasonOverdue.of(row, school=row.urn, la_code=schools[row.urn].la_code, revision=row.version) for row in rows]
    return await publish_many(tx, events, anew=True)


async def publish_leave(tx: Transaction, _: Extent, keys: Sequence[str]) -> int:
    """Publish what was decided about leave, to the parents of then."""
    rows = await repository.lock_leave(tx, [UUID(key) for key in keys])
    events = [LeaveDecided.of(row, leave_id=row.id, start=row.starts_on, end=row.ends_on) for row in rows]
    return await publish_many(tx, events, anew=True)


STATE = (
    StateKind("successions", repository.find_successions, publish_successions),
    StateKind("calendars", repository.find_calendars, publish_calendars),
    StateKind("pupils", repository.find_pupils, publish_pupils, 500),
    StateKind("registers", repository.find_registers, publish_registers, 20),
    StateKind("reasons-overdue", repository.find_overdue, publish_overdue, 500),
    StateKind("leave", repository.find_leave, publish_leave),
)


async def held_marks(tx: Transaction, keys: KeyRange) -> list[Held]:
    """Return the marks of unauthorised absence of pupils, each with the first and last version that has its code."""
    found = []
    for pupil_id, rows in groupby(await repository.marks_of_pupils(tx, keys), key=lambda row: row.id):
        lines = [
            f"{row.date} {row.session} {row.urn} {row.code} {row.published_version}-{row.version}"
            for row in rows
            if row.date and row.code and codes_on(row.date)[row.code].category == "unauthorised"
        ]
        found.append(Held(pupil_id, tuple(lines)))
    return found


COMPARISONS = {"marks": in_one_transaction(held_marks)}
