"""Attendance figures of a school or an authority, as the Department for Education publishes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.registers.law import NATIONAL
from services.registers.schools.domain.calendars import HALVES
from services.registers.schools.repository.schools import calendars_of
from services.registers.schools.use_cases.access import require_area
from services.registers.schools.use_cases.schools import read_school
from services.registers.statistics import repository
from services.registers.statistics.domain import By, Figures, classes, cohort
from services.registers.statistics.repository import Scope
from shared.attendance.dates import school_year
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Forbidden, Invalid

LONGEST = 366
"""Days: the figures are those of a school year or a part of one."""


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
    if urn is not None:
        await read_school(tx, urn)
    urns = [urn] if urn is not None else await repository.schools_of(tx, la_code or "", district)
    held = await _held(tx, urns, first, last)
    scope = Scope(first, last, held, cohort(first, NATIONAL), classes(), NATIONAL.at("persistent_absence", first).value)
    total, *parts = await repository.count(tx, scope, by)
    return Statistics(first, last, urn, la_code, by, total, parts)


async def _may_see(tx: Transaction, caller: CallerInfo, urn: int | None, la_code: str | None) -> None:
    if caller.bound and urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    if caller.la_code and la_code not in {None, caller.la_code}:
        raise Forbidden("This token is not for that authority.")
    if urn is not None:
        await require_area(tx, caller, urn)


async def _held(tx: Transaction, urns: Sequence[int], first: date, last: date) -> list[tuple[int, date, Half]]:
    """Return the sessions that schools held in a period: every one that may be marked where no calendar was sent."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    years = {school_year(first), school_year(last)}
    calendars = {(each.urn, each.year): each.open_sessions for each in await calendars_of(tx, [(u, y) for u in urns for y in years])}
    every = dict.fromkeys(days, HALVES)
    return [(urn, day, half) for urn in urns for day in days for half in calendars.get((urn, school_year(day)), every).get(day, ())]
