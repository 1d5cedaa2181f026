"""Attendance figures of a school or an authority, as the Department for Education publishes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.registers.law import NATIONAL
from services.registers.schools.domain.calendars import HALVES, Session
from services.registers.schools.repository.schools import calendars_of
from services.registers.schools.use_cases.access import require_area
from services.registers.schools.use_cases.schools import read_school
from services.registers.statistics import repository
from services.registers.statistics.domain import By, Figures, add_by_part, bits_of, classes, cohort, first_day
from services.registers.statistics.repository import Scope, StaleMonth
from shared import clock
from shared.attendance.dates import school_year
from shared.database import Database, Transaction, all_rows_visible
from shared.due_work import DueWork
from shared.http import CallerInfo
from shared.problems import Forbidden, Invalid

LONGEST = 366
"""Days: the figures are those of a school year or a part of one."""
MONTHS_AT_ONCE = 100
"""Months of schools that are counted in one transaction, about two seconds' work. One school's year is always up to date by that; who asks
for a whole authority's after a change of many schools, and before the worker, asks again for the rest."""
SCHOOLS_AT_ONCE = 50
"""Schools whose totals one statement adds up, and which the worker counts before it looks again."""
QUIET = timedelta(minutes=10)
"""From a school's last register until the worker counts: not while the registers of a morning come in."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a period, in total and by code, week or school."""

    start: date
    end: date
    urn: int | None
    la: str | None
    by: By
    total: Figures
    parts: list[Figures]
    schools_waiting: int


async def read_statistics(
    tx: Transaction, caller: CallerInfo, *, urn: int | None, la_code: str | None, district: str | None, first: date, last: date, by: By
) -> Statistics:
    """Return the figures of a school, an authority or a district of it, of which the caller may see them; raise SchoolNotFound."""
    await _may_see(tx, caller, urn, la_code)
    if (urn is None) == (la_code is None):
        raise Invalid("Either `urn` or `la` says whose figures are asked for.")
    if district and la_code is None:
        raise Invalid("`district` is one of the authority that `la` names.")
    if first > last or (last - first).days >= LONGEST:
        raise Invalid("`from` is on or before `to`, at most a year before.")
    if first < (begins := first_day(NATIONAL)):
        raise Invalid(f"There are figures from {begins} on.")
    if urn is not None:
        await read_school(tx, urn)
    urns = [urn] if urn is not None else await repository.schools_of(tx, la_code or "", district)
    waiting = await bring_up_to_date(tx, urns, first.replace(day=1), last)
    bits = bits_of(first, last, by_week=by == "week")
    scope = Scope(first, last, bits, classes(), NATIONAL.at("persistent_absence", first).value)
    found: list[Figures] = []
    for start in range(0, len(urns), SCHOOLS_AT_ONCE):
        found += await repository.add_up(tx, urns[start : start + SCHOOLS_AT_ONCE], scope, by)
    parts = add_by_part(found)
    total = parts.pop(None, Figures(persistently_absent=0))
    return Statistics(first, last, urn, la_code, by, total, [parts[part] for part in sorted(parts, key=str)], waiting)


async def bring_up_to_date(tx: Transaction, urns: Sequence[int], first: date, last: date) -> int:
    """Count anew what has changed in the months of schools from a first to a last, a limited number; return how many schools still wait."""
    changed = await repository.changed_schools(tx, urns)
    for urn in changed[:MONTHS_AT_ONCE]:
        await repository.note_changes(tx, urn, first_day(NATIONAL))
    stale = await repository.stale_months(tx, urns, first, last)
    for each in stale[:MONTHS_AT_ONCE]:
        await repository.lock_month(tx, each)
        born = cohort(each.month, NATIONAL)
        async with all_rows_visible(tx):  # a date of birth that counts may be on a record at another school
            await repository.count_month(tx, each, await _held(tx, each), born, classes())
    return len({*changed[MONTHS_AT_ONCE:], *(each.urn for each in stale[MONTHS_AT_ONCE:])})


async def _find_due(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    now = clock.now()
    return [str(urn) for urn in await repository.due_schools(tx, job, now - QUIET, now + QUIET, limit)]


async def _count(database: Database, keys: Sequence[str], _due_by: datetime) -> int:
    for key in keys:
        async with database.begin() as tx:
            await bring_up_to_date(tx, [int(key)], date.min, date.max)
    return len(keys)


count_totals = DueWork("totals of months", _find_due, _count, batch=SCHOOLS_AT_ONCE)
"""Counts anew what has changed at schools from which nothing has come for a while, each by itself; returns of how many schools."""


async def _may_see(tx: Transaction, caller: CallerInfo, urn: int | None, la_code: str | None) -> None:
    if caller.bound and urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    if caller.la_code and la_code not in {None, caller.la_code}:
        raise Forbidden("This token is not for that authority.")
    if urn is not None:
        await require_area(tx, caller, urn)


async def _held(tx: Transaction, of: StaleMonth) -> list[Session]:
    """Return the sessions that a school held in a month: every one that may be marked where no calendar was sent."""
    days = [each for number in range(31) if (each := of.month + timedelta(days=number)).month == of.month.month]
    calendars = await calendars_of(tx, [(of.urn, school_year(of.month))])
    held = calendars[0].open_sessions if calendars else dict.fromkeys(days, HALVES)
    return [(day, half) for day in days for half in held.get(day, ())]
