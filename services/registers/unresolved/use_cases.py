"""Unresolved N: listed for the school, and published once when the time for the reason has passed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.registers.law import law_of
from services.registers.schools.domain.calendars import Calendar, bounds
from services.registers.schools.repository.schools import calendars_of, la_codes
from services.registers.schools.use_cases import schools
from services.registers.schools.use_cases.schools import StoredCalendar
from services.registers.unresolved import repository
from services.registers.unresolved.domain import days_left
from services.registers.unresolved.repository import JudgedRow, UnresolvedRow
from shared import clock
from shared.attendance.dates import school_year
from shared.attendance.reasons import reason_due
from shared.contracts.registers import ReasonOverdue
from shared.database import Transaction
from shared.database.bells import ring_after_commit
from shared.database.paging import Listed, PageQuery
from shared.due_work import DueWork, in_one_transaction
from shared.messaging import publish_many

BATCH_SIZE = 500
"""Marks that one transaction of a job takes up."""


async def put_calendar(tx: Transaction, calendar: Calendar, by: str) -> StoredCalendar:
    """Store a school's year in place of what was; where it changed, the last days for reasons are computed anew.

    Raise CalendarInvalid or SchoolNotFound.
    """
    stored = await schools.put_calendar(tx, calendar, by)
    if stored.changed:
        await repository.undate(tx, calendar.urn)
        ring_after_commit(tx, "last days for reasons")
    return stored


async def _find_undated(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.find_undated(tx, job, clock.today(), limit)


async def _date(tx: Transaction, keys: Sequence[str]) -> int:
    today = clock.today()
    waiting = await repository.claim_undated(tx, today, keys)
    authorities = await la_codes(tx, {mark.urn for mark in waiting})
    days = {urn: sorted({mark.date for mark in waiting if mark.urn == urn}) for urn in authorities}
    held = await school_days(tx, {urn: (own[0], own[-1]) for urn, own in days.items()})
    due = {(urn, day): reason_due(day, held[urn], law_of(authorities[urn])) for urn, own in days.items() for day in own}
    await repository.set_due(tx, today, waiting, [due[mark.urn, mark.date] for mark in waiting])
    ring_after_commit(tx, "reasons overdue", "reasons overdue too early")
    return len(waiting) if len(waiting) == BATCH_SIZE else 0


date_reasons = DueWork("last days for reasons", _find_undated, in_one_transaction(_date), batch=BATCH_SIZE)
"""Computes by when marks must have their reason, where that is not known; returns how many were dated if there may be more, else 0.

Where the school's days are not known that far, it is tried again on the next day. Nobody waits for these dates: marks that come
in while registers do are dated in one batch, school by school, at the next time of looking.
"""


async def _find_overdue(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.find_overdue(tx, job, clock.today(), limit)


async def _publish(tx: Transaction, keys: Sequence[str]) -> int:
    return await _publish_judged(tx, await repository.claim_overdue(tx, clock.today(), keys))


async def _publish_judged(tx: Transaction, marks: Sequence[JudgedRow]) -> int:
    authorities = await la_codes(tx, {mark.urn for mark in marks})
    ordered = sorted(marks, key=lambda mark: (mark.date, mark.session, mark.pupil_id))
    events = [ReasonOverdue.of(mark, school=mark.urn, la_code=authorities[mark.urn], revision=mark.version) for mark in ordered]
    return await publish_many(tx, events)


publish_overdue = DueWork("reasons overdue", _find_overdue, in_one_transaction(_publish), batch=BATCH_SIZE)
"""Publishes, once for each mark, that the time for its reason has passed. No mark is converted: the school must do that."""


async def _find_early(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.find_early(tx, job, clock.today(), limit)


async def _take_back(tx: Transaction, keys: Sequence[str]) -> int:
    marks = await repository.claim_early(tx, clock.today(), keys)
    ring_after_commit(tx, "reasons overdue")
    return await _publish_judged(tx, marks)


judge_overdue_again = DueWork("reasons overdue too early", _find_early, in_one_transaction(_take_back), batch=BATCH_SIZE)
"""Publishes that the time for a reason has not passed after all: the date at which it was judged was wrong, or the school's days were."""


async def read_unresolved(tx: Transaction, urn: int, page: PageQuery) -> Listed[UnresolvedRow]:
    """Return a school's marks that await their reason, the oldest first; raise SchoolNotFound."""
    await schools.read_school(tx, urn)
    return await _with_days(tx, await repository.of_school(tx, urn, page))


async def read_unresolved_of_area(tx: Transaction, la_code: str | None, district: str | None, page: PageQuery) -> Listed[UnresolvedRow]:
    """Return the marks of an area's schools that await their reason, the oldest first."""
    return await _with_days(tx, await repository.of_area(tx, la_code, district, page))


async def _with_days(tx: Transaction, listed: Listed[UnresolvedRow]) -> Listed[UnresolvedRow]:
    today, rows = clock.today(), listed.rows
    held = await school_days(tx, {row.urn: (rows[0].date, max(rows[-1].date, today)) for row in rows})
    found = []
    for row in rows:
        due_on = reason_due(row.date, held[row.urn], law_of(row.la_code))
        left = None if due_on is None else days_left(due_on, held[row.urn], today)
        found.append(replace(row, due_on=due_on, days_left=left, overdue=due_on is not None and due_on < today))
    return listed.with_rows(found)


async def school_days(tx: Transaction, spans: Mapping[int, tuple[date, date]]) -> dict[int, list[date]]:
    """Return the days on which schools hold sessions, of each from a day to the end of the school year after another.

    Where no calendar has been sent for a school year, the days of which a register was sent.
    """
    ends = {urn: bounds(school_year(bounds(school_year(last))[1] + timedelta(days=1)))[1] for urn, (_, last) in spans.items()}
    years = {(urn, school_year(date(year, 9, 1))) for urn, (first, _) in spans.items() for year in range(first.year - 1, ends[urn].year)}
    days: dict[int, set[date]] = {urn: set() for urn in spans}
    sent = set()
    for calendar in await calendars_of(tx, years):
        sent.add((calendar.urn, calendar.year))
        days[calendar.urn].update(calendar.open_sessions)
    for urn, day in await repository.registered_days(tx, [(urn, *bounds(year)) for urn, year in years - sent]):
        days[urn].add(day)
    return {urn: sorted(day for day in days[urn] if first <= day <= ends[urn]) for urn, (first, _) in spans.items()}
