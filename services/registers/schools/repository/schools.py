"""Schools and their calendars."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.registers.tables.schools import calendars, schools
from shared import clock
from shared.database import Transaction


async def school(tx: Transaction, urn: int) -> Row[Any] | None:
    """Return a school."""
    return (await tx.execute(select(schools).where(schools.c.urn == urn))).first()


async def la_codes(tx: Transaction, urns: Iterable[int]) -> dict[int, str]:
    """Return the authority of each of these schools."""
    rows = await tx.execute(select(schools.c.urn, schools.c.la_code).where(schools.c.urn.in_(list(urns))))
    return {row.urn: row.la_code for row in rows}


async def schools_after(tx: Transaction, after: int, limit: int, la_code: str | None, district: str | None) -> Sequence[Row[Any]]:
    """Return schools in the order of their URN, of one authority and district or of all."""
    query = select(schools).where(schools.c.urn > after).order_by(schools.c.urn).limit(limit)
    if la_code is not None:
        query = query.where(schools.c.la_code == la_code)
    if district is not None:
        query = query.where(schools.c.district == district)
    return (await tx.execute(query)).all()


async def hold(tx: Transaction, urns: Iterable[int]) -> None:
    """Let nobody else write about these schools until the end of the transaction."""
    await tx.execute(select(schools.c.urn).where(schools.c.urn.in_(list(urns))).order_by(schools.c.urn).with_for_update(key_share=True))


async def raise_revision(tx: Transaction, urn: int, *, by: int = 1) -> int:
    """Hold a school, raise its revision and return the new one."""
    query = update(schools).where(schools.c.urn == urn).values(revision=schools.c.revision + by).returning(schools.c.revision)
    return int((await tx.execute(query)).scalar_one())


async def store_school(tx: Transaction, urn: int, values: Mapping[str, Any], by: str) -> None:
    """Store a school in place of what was."""
    stored = {**values, "stored_by": by, "stored_at": clock.now()}
    await tx.execute(insert(schools).values(urn=urn, **stored).on_conflict_do_update(index_elements=["urn"], set_=stored))


async def calendar(tx: Transaction, urn: int, year: str) -> Row[Any] | None:
    """Return a school's calendar of one school year."""
    return (await tx.execute(select(calendars).where(calendars.c.urn == urn, calendars.c.year == year))).first()


async def calendars_of(tx: Transaction, which: Iterable[tuple[int, str]]) -> Sequence[Row[Any]]:
    """Return the calendars of these schools and years, as far as there are any."""
    return (await tx.execute(select(calendars).where(tuple_(calendars.c.urn, calendars.c.year).in_(list(which))))).all()


async def all_calendars(tx: Transaction, urn: int) -> Sequence[Row[Any]]:
    """Return every calendar of a school."""
    return (await tx.execute(select(calendars).where(calendars.c.urn == urn).order_by(calendars.c.year))).all()


async def store_calendar(tx: Transaction, urn: int, year: str, values: Mapping[str, Any], by: str) -> None:
    """Store a calendar in place of what was."""
    stored = {**values, "stored_by": by, "stored_at": clock.now()}
    await tx.execute(
        insert(calendars).values(urn=urn, year=year, **stored).on_conflict_do_update(index_elements=["urn", "year"], set_=stored)
    )


async def may_reach(tx: Transaction, urn: int, la_code: str) -> bool:
    """Tell whether a school is in this authority's area, or not known at all."""
    found = (await tx.execute(text("SELECT la_code FROM schools WHERE urn = :urn"), {"urn": urn})).scalar()
    return found is None or found == la_code
