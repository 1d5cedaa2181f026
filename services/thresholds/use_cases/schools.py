"""Calendars and successions of schools arrive, in any order and again: each is stored if it is newer, then pupils are judged by it."""

from datetime import date, timedelta

from services.thresholds.domain.facts import SchoolYear, bits
from services.thresholds.domain.sessions import Session, monday_of, school_year_span
from services.thresholds.repository import schools
from services.thresholds.repository.marks import pupils_with_marks_since
from services.thresholds.repository.pupils import load_pupils
from services.thresholds.repository.reliances import pupils_with_reliances
from services.thresholds.repository.rolls import pupils_on_roll
from services.thresholds.use_cases import lost_sessions
from services.thresholds.use_cases.judging import judge_and_publish
from services.thresholds.use_cases.pupil_records import judged_ids, lock_children
from shared.attendance.successions import store_succession
from shared.contracts.registers import CalendarChanged, SuccessionChanged
from shared.database import Transaction


async def change_calendar(tx: Transaction, event: CalendarChanged) -> None:
    """Store a school's sessions of a year as they now stand and judge the pupils whom they concern.

    A session relied on that was not held after all is published as a changed mark is.
    """
    await schools.lock_schools_exclusively(tx, [event.school])
    year = int(event.year[:4])
    span = school_year_span(year)
    open_ = (Session(day.date, half) for day in event.open if span.contains(day.date) for half in day.sessions)
    before = (await schools.school_years_of(tx, [event.school])).get((event.school, year), SchoolYear())
    if not await schools.store_calendar(tx, event.school, year, bits(open_), event.revision):
        return
    urns = (await schools.linked_urns(tx, [event.school]))[event.school]
    on_roll = await pupils_on_roll(tx, urns, monday_of(span.start), span.end + timedelta(days=6))
    child_of = await lock_children(tx, on_roll)
    records = {*on_roll, *child_of, *child_of.values()}
    # A notice may rely on marks that never counted, and so are not stored.
    concerned = {*await pupils_with_marks_since(tx, records, monday_of(span.start)), *await pupils_with_reliances(tx, records)}
    pupils = await load_pupils(tx, judged_ids(child_of, concerned), child_of)
    lost_before = await lost_sessions.lost(tx, pupils, {(event.school, year): before})
    await judge_and_publish(tx, pupils, await lost_sessions.newly_lost(tx, pupils, lost_before))


async def change_succession(tx: Transaction, event: SuccessionChanged) -> None:
    """Store which schools a school continues and judge the pupils whose holiday that may make one, or two.

    The school may from then on see its predecessors' pupils too.
    """
    # All at once and in order: a worker that locked one of them and waited for another would itself be waited for.
    named = {event.school, *(each.urn for each in event.predecessors)}
    linked = await schools.linked_urns(tx, named)
    await schools.lock_schools_exclusively(tx, {urn for urns in linked.values() for urn in urns})
    before = (await schools.load_schools(tx, [event.school])).successions
    if not await store_succession(tx, event):
        return
    days = [*(each.since for each in before if each.urn == event.school), *(each.since for each in event.predecessors)]
    urns = (await schools.linked_urns(tx, [event.school]))[event.school]
    await schools.lock_schools_exclusively(tx, urns)
    on_roll = await pupils_on_roll(tx, urns, date.min, date.max)
    child_of = await lock_children(tx, on_roll)
    records = {*on_roll, *child_of, *child_of.values()}
    concerned = await pupils_with_marks_since(tx, records, min(days, default=date.max))
    await judge_and_publish(tx, await load_pupils(tx, judged_ids(child_of, concerned), child_of))
