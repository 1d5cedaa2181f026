"""What is noted about marks of a file that are stored: what of a line was left out, and what contradicts what else is known."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.registers.imports.repository.imported_marks import SessionKey
from services.registers.imports.use_cases.sorting import SortedEntry
from services.registers.marks.domain.granted_leave import PupilSession
from services.registers.marks.domain.register_times import BY_ARRIVAL, Flag, mark_flags
from services.registers.marks.repository import register_times
from services.registers.marks.use_cases.flags import against_leave
from services.registers.schools.repository import schools
from shared.attendance.dates import school_year
from shared.database import Transaction

Lines = Mapping[UUID, SortedEntry]
"""The line of each mark of a register, by pupil."""


async def notes_of(tx: Transaction, urn: int, registers: Sequence[tuple[SessionKey, Lines]]) -> list[tuple[SortedEntry, str]]:
    """Return the lines of a school's registers with the sentences that the report has about their marks."""
    stored = [(key, lines) for key, lines in registers if lines]
    calendars = await schools.calendars_of(tx, {(urn, school_year(key.date)) for key, _ in stored}) if stored else []
    held = {each.year: each.open_sessions for each in calendars}
    late = {
        key for key, lines in stored if any(each.entry.minutes is not None and each.entry.code in BY_ARRIVAL for each in lines.values())
    }
    openings = await register_times.openings(tx, {(urn, *key) for key in late}) if late else {}
    days = [key.date for key, _ in stored]
    on_leave_at = (
        {PupilSession(row.date, row.session, row.pupil_id) for row in await against_leave(tx, urn, min(days), max(days))} if days else set()
    )
    notes: list[tuple[SortedEntry, str]] = []
    for key, lines in stored:
        sessions, opening = held.get(school_year(key.date)), openings.get((urn, *key))
        closed = (Flag.NOT_HELD,) if sessions is not None and key.session not in sessions.get(key.date, ()) else ()
        for pupil_id, each in lines.items():
            entry = each.entry
            on_leave = (Flag.ON_LEAVE,) if PupilSession(*key, pupil_id) in on_leave_at else ()
            by_times = mark_flags(entry.code, entry.minutes, opening) if opening else ()
            if remarks := (*closed, *on_leave, *by_times, *((entry.note,) if entry.note else ())):
                notes.append((each, " ".join(one.sentence for one in remarks)))
    return notes
