"""Open cases on which nobody has decided yet, and the calendars by which they wait."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, text

from services.penalties.case_file.repository.visibility import Visibility, on_roll_today, visible
from services.penalties.reports.domain.school_days import OverdueSpan
from services.penalties.tables.cases import cases, decisions
from services.penalties.tables.projections import pupils, rolls
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all

_CALENDARS = text("""
    SELECT urn, year, ARRAY(SELECT day FROM unnest(open_days) AS day WHERE day BETWEEN :first AND :last ORDER BY day) AS days
    FROM calendars WHERE urn = ANY(CAST(:urns AS integer[])) AND year = ANY(CAST(:years AS text[]))
""")


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """Those open days of a school year that lie in a period."""

    urn: int
    year: str
    days: Sequence[date]


@dataclass(frozen=True, slots=True)
class SchoolOfCases:
    """A school with cases, and the authority that it had when they were opened."""

    urn: int
    la_code: str


@dataclass(frozen=True, slots=True)
class UndecidedRow:
    """An open case without a decision."""

    id: UUID
    pupil_id: UUID
    upn: str | None
    urn: int
    la_code: str
    opened_on: date
    holiday: bool
    threshold: str
    count: int
    earliest_time_bar: date


async def calendar_days(tx: Transaction, urns: Collection[int], years: Collection[str], first: date, last: date) -> list[CalendarDays]:
    """Return the open days of these schools in a period, by the school years that have a calendar."""
    return await fetch_all(tx, _CALENDARS, CalendarDays, {"urns": sorted(urns), "years": sorted(years), "first": first, "last": last})


async def schools_with_undecided(tx: Transaction, to: Visibility, urn: int | None) -> list[SchoolOfCases]:
    """Return the schools of the open cases without a decision that the caller may see; at `urn` alone where it is given."""
    found = select(cases.c.urn, cases.c.la_code).distinct().where(*_undecided(to, urn))
    return await fetch_all(tx, found, SchoolOfCases)


async def undecided_page(
    tx: Transaction, to: Visibility, urn: int | None, spans: Mapping[OverdueSpan, Collection[int]], page: PageQuery
) -> Listed[UndecidedRow]:
    """Return the open cases without a decision that were opened in the span of their school, the oldest first."""
    child = pupils.alias("child")
    columns = [cases.c[name] for name in ("id", "pupil_id", "urn", "la_code", "opened_on", "holiday", "threshold", "earliest_time_bar")]
    count = func.jsonb_array_length(cases.c.counting).label("count")
    found = select(*columns, func.coalesce(child.c.upn, pupils.c.upn).label("upn"), count)
    found = found.join_from(cases, pupils, cases.c.pupil_id == pupils.c.id, isouter=True)
    found = found.join(child, child.c.id == func.coalesce(pupils.c.same_as, pupils.c.id), isouter=True)
    opened = [
        and_(cases.c.opened_on >= span.start, cases.c.opened_on < span.before, cases.c.urn.in_(sorted(urns)))
        for span, urns in spans.items()
    ]
    found = found.where(*_undecided(to, urn), or_(false(), *opened))
    return await fetch_page(tx, found, UndecidedRow, Order((cases.c.opened_on, cases.c.id)), page)


def _undecided(to: Visibility, urn: int | None) -> list[ColumnElement[bool]]:
    conditions = [cases.c.status == "open", ~exists().where(decisions.c.case_id == cases.c.id), visible(to, cases)]
    if urn is not None:
        conditions.append(or_(cases.c.urn == urn, on_roll_today(to, cases, rolls.c.urn == urn)))
    return conditions
