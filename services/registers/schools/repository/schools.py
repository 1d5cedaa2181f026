"""Schools and their calendars, and which school continues which."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import select, text, tuple_, update

from services.registers.schools.domain.calendars import Calendar
from services.registers.schools.domain.schools import School, Succession
from services.registers.tables.schools import calendars, schools, successions
from shared import clock
from shared.database import Transaction
from shared.database.bells import ring_after_commit
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import columns_of, fetch_all, fetch_one, select_columns, upsert
from shared.ids import new_id

R = TypeVar("R")
WAITING_FOR_A_SCHOOL = "marks of schools that were not known"
"""The job that stores marks which were imported before their school was sent."""


def reader(kind: type[R]) -> Callable[..., R]:
    """Return what makes a domain object of the columns of a row, with what they hold as JSON."""
    adapter = TypeAdapter(kind)
    return lambda **columns: adapter.validate_python(columns)


_SCHOOL, _school = select_columns(schools, School), reader(School)
_CALENDAR, _calendar = select_columns(calendars, Calendar), reader(Calendar)

_CONTINUED = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT urn FROM own
""")


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """A school that continues another, and since when."""

    urn: int
    predecessor: int
    since: date


async def school(tx: Transaction, urn: int) -> School | None:
    """Return a school."""
    return await fetch_one(tx, _SCHOOL.where(schools.c.urn == urn), _school)


async def la_codes(tx: Transaction, urns: Iterable[int]) -> dict[int, str]:
    """Return the authority of each of these schools."""
    rows = await tx.execute(select(schools.c.urn, schools.c.la_code).where(schools.c.urn.in_(list(urns))))
    return {row.urn: row.la_code for row in rows}


async def school_page(tx: Transaction, page: PageQuery, la_code: str | None, district: str | None) -> Listed[School]:
    """Return schools in the order of their names, of one authority and district or of all."""
    query = _SCHOOL
    if la_code is not None:
        query = query.where(schools.c.la_code == la_code)
    if district is not None:
        query = query.where(schools.c.district == district)
    return await fetch_page(tx, query, _school, Order((schools.c.name, schools.c.urn)), page)


async def lock_schools(tx: Transaction, urns: Iterable[int]) -> None:
    """Let nobody else write about these schools until the end of the transaction."""
    await tx.execute(select(schools.c.urn).where(schools.c.urn.in_(list(urns))).order_by(schools.c.urn).with_for_update(key_share=True))


async def raise_revision(tx: Transaction, urn: int, *, by: int = 1) -> int:
    """Lock a school, raise its revision and return the new one."""
    query = update(schools).where(schools.c.urn == urn).values(revision=schools.c.revision + by).returning(schools.c.revision)
    return int((await tx.execute(query)).scalar_one())


async def renew_roll_version(tx: Transaction, urn: int) -> None:
    """Lock a school, and let whoever keeps its roll in memory read it again."""
    await tx.execute(update(schools).where(schools.c.urn == urn).values(roll_version=new_id()))


async def store_school(tx: Transaction, school: School, by: str) -> None:
    """Store a school in place of what was; marks may have waited for it."""
    ring_after_commit(tx, WAITING_FOR_A_SCHOOL)
    await upsert(tx, schools, columns_of(school) | {"stored_by": by, "stored_at": clock.now()})


async def calendar(tx: Transaction, urn: int, year: str) -> Calendar | None:
    """Return a school's calendar of one school year."""
    return await fetch_one(tx, _CALENDAR.where(calendars.c.urn == urn, calendars.c.year == year), _calendar)


async def calendars_of(tx: Transaction, which: Iterable[tuple[int, str]]) -> list[Calendar]:
    """Return the calendars of these schools and years, as far as there are any."""
    return await fetch_all(tx, _CALENDAR.where(tuple_(calendars.c.urn, calendars.c.year).in_(list(which))), _calendar)


async def all_calendars(tx: Transaction, urn: int) -> list[Calendar]:
    """Return every calendar of a school."""
    return await fetch_all(tx, _CALENDAR.where(calendars.c.urn == urn).order_by(calendars.c.year), _calendar)


async def store_calendar(tx: Transaction, calendar: Calendar, by: str) -> None:
    """Store a calendar in place of what was."""
    await upsert(tx, calendars, columns_of(calendar) | {"stored_by": by, "stored_at": clock.now()})


async def authority_of(tx: Transaction, urn: int) -> str | None:
    """Return a school's authority; None where there is no such school."""
    found: str | None = (await tx.execute(text("SELECT la_code FROM schools WHERE urn = :urn"), {"urn": urn})).scalar()
    return found


async def continued(tx: Transaction, urns: Iterable[int]) -> frozenset[int]:
    """Return these schools, those that they continue, and so on back."""
    return frozenset((await tx.execute(_CONTINUED, {"urns": list(urns)})).scalars())


async def store_predecessor(tx: Transaction, urn: int, predecessor: int, since: date, by: str) -> None:
    """Store from which day a school continues another, in place of what was."""
    row = {"urn": urn, "predecessor": predecessor, "since": since, "stored_by": by, "stored_at": clock.now()}
    await upsert(tx, successions, row)


async def predecessors(tx: Transaction, urn: int) -> list[Succession]:
    """Return the schools that a school continues directly, and since when."""
    query = select(successions.c.predecessor.label("urn"), successions.c.since.label("on")).where(successions.c.urn == urn)
    return await fetch_all(tx, query.order_by("on", "urn"), Succession)


async def successors(tx: Transaction, urn: int) -> list[Succession]:
    """Return the schools that continue a school directly, and since when."""
    query = select(successions.c.urn, successions.c.since.label("on")).where(successions.c.predecessor == urn)
    return await fetch_all(tx, query.order_by("on", "urn"), Succession)


async def among(tx: Transaction, urns: Iterable[int]) -> list[SuccessionRow]:
    """Return which of these schools continue which of them, and since when."""
    query = select(successions.c.urn, successions.c.predecessor, successions.c.since)
    query = query.where(successions.c.urn.in_(urns), successions.c.predecessor.in_(urns))
    return await fetch_all(tx, query, SuccessionRow)
