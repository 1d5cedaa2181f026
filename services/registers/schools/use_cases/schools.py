"""Schools and their calendars."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from services.registers.schools.domain.calendars import Calendar, contradiction
from services.registers.schools.domain.schools import School
from services.registers.schools.repository import schools
from shared.contracts.registers import CalendarChanged, OpenDay
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.messaging import publish
from shared.problems import Invalid, NotFound

T = TypeVar("T")


class SchoolNotFound(NotFound):
    """There is no such school."""


class CalendarNotFound(NotFound):
    """No calendar of that year has been sent for this school."""


class CalendarInvalid(Invalid):
    """The calendar cannot be that of the school year."""


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """What was sent, as it now stands, and whether there was none until now."""

    value: T
    new: bool


@dataclass(frozen=True, slots=True)
class StoredCalendar(Stored[Calendar]):
    """A calendar as it now stands. `new`: the school had sent none for that year; `changed`: or another one."""

    changed: bool


async def read_school(tx: Transaction, urn: int) -> School:
    """Return a school; raise SchoolNotFound."""
    school = await schools.school(tx, urn)
    if school is None:
        raise SchoolNotFound
    return school


async def read_schools(tx: Transaction, page: PageQuery, la_code: str | None, district: str | None = None) -> Listed[School]:
    """Return schools in the order of their names, of one authority and district or of all."""
    return await schools.school_page(tx, page, la_code, district)


async def put_school(tx: Transaction, school: School, by: str, moved_from: str | None) -> Stored[School]:
    """Store a school in place of what was; where it moves from another authority, publish its calendars again."""
    before = await schools.school(tx, school.urn)
    if school != before:
        await schools.store_school(tx, school, by)
    if moved_from:
        for calendar in await schools.all_calendars(tx, school.urn):
            await _publish_calendar(tx, calendar, school.la_code)
    return Stored(school, before is None)


async def put_calendar(tx: Transaction, calendar: Calendar, by: str) -> StoredCalendar:
    """Store a school's year in place of what was, and publish it where it changed; raise CalendarInvalid or SchoolNotFound."""
    if wrong := contradiction(calendar):
        raise CalendarInvalid(wrong)
    school = await read_school(tx, calendar.urn)
    await schools.lock_schools(tx, [calendar.urn])
    before = await schools.calendar(tx, calendar.urn, calendar.year)
    if calendar != before:
        await schools.store_calendar(tx, calendar, by)
        await _publish_calendar(tx, calendar, school.la_code)
    return StoredCalendar(calendar, before is None, calendar != before)


async def read_calendar(tx: Transaction, urn: int, year: str) -> Calendar:
    """Return a school's year; raise SchoolNotFound or CalendarNotFound."""
    await read_school(tx, urn)
    calendar = await schools.calendar(tx, urn, year)
    if calendar is None:
        raise CalendarNotFound
    return calendar


async def _publish_calendar(tx: Transaction, calendar: Calendar, la_code: str) -> None:
    await publish(tx, calendar_changed(calendar, la_code, await schools.raise_revision(tx, calendar.urn)))


def calendar_changed(calendar: Calendar, la_code: str, revision: int) -> CalendarChanged:
    """Return the event of a school's year as it stands."""
    held = tuple(OpenDay(date=day, sessions=halves) for day, halves in calendar.open_sessions.items())
    return CalendarChanged.of(calendar, school=calendar.urn, la_code=la_code, open=held, revision=revision)
