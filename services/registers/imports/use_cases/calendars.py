"""The calendar by which the marks of a Common Transfer File are laid out."""

from services.registers.imports.formats.entries import CalendarNeeded, OpenDays
from services.registers.imports.repository import imported_marks
from services.registers.schools.domain.calendars import HALVES, open_sessions
from services.registers.schools.repository import schools
from shared.database import Transaction


async def open_days(tx: Transaction, asked: CalendarNeeded) -> OpenDays | None:
    """Return the days of a school year on which a school holds sessions; None where no calendar of it has been sent.

    A session that was to be held is one, although the school then had to close: its register has marks of its own for that. Of several schools that
    had one number, one after the other, any may have held it.
    """
    la_code, _, number = asked.school.partition("/")
    urns = await imported_marks.schools_by_number(tx, la_code, number) if number else [int(asked.school)]
    calendars = await schools.calendars_of(tx, [(urn, asked.year) for urn in urns]) if urns else []
    if not calendars:
        return None
    held = [open_sessions(each.terms, tuple(one for one in each.closures if one.kind == "planned")) for each in calendars]
    return {day: tuple(half for half in HALVES if any(half in days.get(day, ()) for days in held)) for day in sorted(set().union(*held))}
