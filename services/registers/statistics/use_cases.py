"""Attendance figures of a school or an authority, as the Department for Education publishes them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from services.registers.certificates.domain import percentage
from services.registers.law import NATIONAL
from services.registers.schools.domain.calendars import HALVES, school_year
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.schools import read_school
from services.registers.statistics import repository
from services.registers.statistics.domain import Figures, classes, cohort, persistence
from services.registers.statistics.repository import Scope
from services.registers.statistics.schemas import By, CodeFigures, FiguresOut, SchoolFigures, StatisticsOut, TotalOut, WeekFigures
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Forbidden, Invalid

LONGEST = 366
"""Days: the figures are those of a school year or a part of one."""


async def read_statistics(
    tx: Transaction, caller: CallerInfo, *, urn: int | None, la_code: str | None, district: str | None, first: date, last: date, by: By
) -> StatisticsOut:
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
    scope = Scope(first, last, held, cohort(first, NATIONAL), classes(), persistence(first, NATIONAL))
    (total, *parts) = await repository.count(tx, scope, by)
    whole = _figures(total)
    return StatisticsOut(start=first, end=last, urn=urn, la=la_code, by=by, total=_total(whole), items=_items(by, parts, whole))


async def _may_see(tx: Transaction, caller: CallerInfo, urn: int | None, la_code: str | None) -> None:
    if caller.bound and urn not in caller.schools:
        raise Forbidden("This token is not for that school.")
    if caller.la_code and la_code not in {None, caller.la_code}:
        raise Forbidden("This token is not for that authority.")
    if caller.la_code and urn is not None and not await schools.is_within(tx, urn, caller.la_code):
        raise Forbidden("That school belongs to another authority.")


async def _held(tx: Transaction, urns: Sequence[int], first: date, last: date) -> list[tuple[int, date, Half]]:
    """Return the sessions that schools held in a period: every one that may be marked where no calendar was sent."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    years = {school_year(first), school_year(last)}
    calendars = {
        (each.urn, each.year): each.open_sessions for each in await schools.calendars_of(tx, [(u, y) for u in urns for y in years])
    }
    every = dict.fromkeys(days, HALVES)
    return [(urn, day, half) for urn in urns for day in days for half in calendars.get((urn, school_year(day)), every).get(day, ())]


def _figures(row: Row[Any]) -> Figures:
    return Figures(row.enrolments, int(row.attended), int(row.authorised), int(row.unauthorised), int(row.not_possible), row.persistent)


def _out(figures: Figures) -> dict[str, Any]:
    rates = {
        "attendance": figures.attended,
        "absence": figures.authorised + figures.unauthorised,
        "authorised_absence": figures.authorised,
        "unauthorised_absence": figures.unauthorised,
    }
    counts = {name: getattr(figures, name) for name in ("enrolments", "possible", "attended", "authorised", "unauthorised", "not_possible")}
    return {**counts, **{name: figures.rate(sessions) for name, sessions in rates.items()}}


def _total(figures: Figures) -> TotalOut:
    return TotalOut(**_out(figures), persistently_absent=figures.persistently_absent or 0, persistent_absence=figures.persistent_absence)


def _items(by: By, parts: Sequence[Row[Any]], whole: Figures) -> list[CodeFigures] | list[WeekFigures] | list[SchoolFigures]:
    if by == "code":
        return [_code(row.name, int(row.attended), whole) for row in parts]
    if by == "week":
        return [WeekFigures(**FiguresOut(**_out(_figures(row))).model_dump(), week=date.fromisoformat(row.name)) for row in parts]
    return [SchoolFigures(**_total(_figures(row)).model_dump(), urn=int(row.name)) for row in parts]


def _code(code: str, sessions: int, whole: Figures) -> CodeFigures:
    category = classes()[code]
    share = None if category == "not-possible" else percentage(sessions, whole.possible)
    return CodeFigures(code=code, category=category, sessions=sessions, share=None if share is None else float(share))
