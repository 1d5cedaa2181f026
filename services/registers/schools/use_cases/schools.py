"""Schools and their calendars."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from services.registers.pupils.repository import pupils
from services.registers.pupils.use_cases.publishing import say_rolls
from services.registers.schools import domain
from services.registers.schools.domain import Closure, Term
from services.registers.schools.repository import schools
from services.registers.schools.schemas.schools import CalendarIn, CalendarOut, SchoolIn
from services.registers.unresolved import repository
from shared.attendance.sessions import Half
from shared.contracts.registers import CalendarChanged, OpenDay
from shared.database import Transaction
from shared.messaging import publish
from shared.problems import Invalid, NotFound


class SchoolNotFound(NotFound):
    """There is no such school."""


class CalendarNotFound(NotFound):
    """No calendar of that year has been sent for this school."""


class CalendarInvalid(Invalid):
    """The calendar cannot be that of the school year."""


async def read_school(tx: Transaction, urn: int) -> Row[Any]:
    """Return a school; raise SchoolNotFound."""
    school = await schools.school(tx, urn)
    if school is None:
        raise SchoolNotFound
    return school


async def read_schools(
    tx: Transaction, after: str | None, limit: int, la_code: str | None, district: str | None = None
) -> Sequence[Row[Any]]:
    """Return up to `limit + 1` schools after a URN."""
    if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 10):
        raise Invalid("`after` is the `next` of the page before.")
    return await schools.schools_after(tx, int(after or 0), limit + 1, la_code, district)


async def put_school(tx: Transaction, urn: int, body: SchoolIn, by: str) -> tuple[Row[Any], bool]:
    """Store a school in place of what was; return it and whether it is new.

    Where it moves to another authority, its calendars and its pupils' rolls are said again.
    """
    before = await schools.school(tx, urn)
    values = body.model_dump()
    moves = before is not None and before.la_code != body.la_code
    # Pupils are held before schools, as everywhere.
    affected = await pupils.hold(tx, await pupils.pupils_of_school(tx, urn)) if moves else []
    if before is None or any(getattr(before, name) != value for name, value in values.items()):
        await schools.store_school(tx, urn, values, by)
    if moves:
        for calendar in await schools.all_calendars(tx, urn):
            await _say_calendar(tx, calendar, body.la_code)
        await say_rolls(tx, affected)
    return await read_school(tx, urn), before is None


async def put_calendar(tx: Transaction, urn: int, year: str, body: CalendarIn, by: str) -> tuple[CalendarOut, bool]:
    """Store a school's year in place of what was; return it and whether it is new. Said when it changed. Raise CalendarInvalid."""
    if wrong := domain.trouble(year, *_days(body)):
        raise CalendarInvalid(wrong)
    school = await read_school(tx, urn)
    await schools.hold(tx, [urn])
    before = await schools.calendar(tx, urn, year)
    values = body.model_dump(mode="json")
    if before is None or (before.terms, before.closures) != (values["terms"], values["closures"]):
        await schools.store_calendar(tx, urn, year, values, by)
        changed = await schools.calendar(tx, urn, year)
        assert changed is not None  # noqa: S101 -- just stored
        await repository.undate(tx, urn)
        await _say_calendar(tx, changed, school.la_code)
    return await read_calendar(tx, urn, year), before is None


async def read_calendar(tx: Transaction, urn: int, year: str) -> CalendarOut:
    """Return a school's year; raise SchoolNotFound or CalendarNotFound."""
    await read_school(tx, urn)
    calendar = await schools.calendar(tx, urn, year)
    if calendar is None:
        raise CalendarNotFound
    held = sum(len(halves) for halves in open_sessions(calendar).values())
    return CalendarOut(urn=urn, year=year, terms=calendar.terms, closures=calendar.closures, sessions=held)


def open_sessions(calendar: Row[Any]) -> Mapping[date, tuple[Half, ...]]:
    """Return the dates and halves on which sessions are held by a stored calendar."""
    return domain.open_sessions(*_days(CalendarIn(terms=calendar.terms, closures=calendar.closures)))


def _days(body: CalendarIn) -> tuple[tuple[Term, ...], tuple[Closure, ...]]:
    terms = tuple(Term(term.start, term.end) for term in body.terms)
    return terms, tuple(Closure(closure.date, tuple(closure.sessions)) for closure in body.closures)


async def _say_calendar(tx: Transaction, calendar: Row[Any], la_code: str) -> None:
    revision = await schools.raise_revision(tx, calendar.urn)
    held = tuple(OpenDay(date=day, sessions=halves) for day, halves in open_sessions(calendar).items())
    await publish(tx, CalendarChanged(school=calendar.urn, la_code=la_code, year=calendar.year, open=held, revision=revision))
