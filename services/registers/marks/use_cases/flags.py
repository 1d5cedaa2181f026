"""Marks that contradict what else is recorded: for a pupil's history, and as a list for the school. Nothing is changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from services.registers.law import law_of
from services.registers.marks.domain.granted_leave import MarkOfSession, PupilSession
from services.registers.marks.domain.history import MarkVersion
from services.registers.marks.domain.register_times import BY_ARRIVAL, Flag, mark_flags, other_day, register_flags
from services.registers.marks.repository import granted_leave, register_times
from services.registers.marks.repository.register_times import MarkOfPupilRow, RegisterKey
from services.registers.marks.use_cases.republishing import marks_against_leave
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.schools import read_school
from shared.attendance.dates import school_year
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.problems import Invalid

LONGEST = 31
"""Days that one list covers."""


@dataclass(frozen=True, slots=True)
class FlaggedMark(MarkOfPupilRow):
    """A mark with which something is wrong."""

    flags: Sequence[Flag]


@dataclass(frozen=True, slots=True)
class FlaggedRegister:
    """A register with which something is wrong, or with a mark of it."""

    date: date
    session: Half
    opened_at: datetime | None
    closed_at: datetime | None
    minutes_open: int | None
    flags: Sequence[Flag]
    marks: Sequence[FlaggedMark]


async def flags_by_times(tx: Transaction, marks: Iterable[MarkVersion]) -> dict[RegisterKey, tuple[Flag, ...]]:
    """Return what is wrong with one pupil's current marks by the times of their registers, by register.

    Only L and U are weighed: the moment of closing decides no other code.
    """
    weighed = {(mark.urn, mark.date, mark.session): mark for mark in marks if mark.code in BY_ARRIVAL}
    if not weighed:
        return {}
    found = await register_times.openings(tx, weighed)
    la_codes = await schools.la_codes(tx, {urn for urn, _, _ in found})
    return {
        register: (
            *mark_flags(weighed[register].code, weighed[register].minutes_late, opening),
            *register_flags(opening, register[1], law_of(la_codes[register[0]])),
        )
        for register, opening in found.items()
    }


async def read_flagged(tx: Transaction, urn: int, first: date, last: date) -> list[FlaggedRegister]:
    """Return a school's registers of a period with which something is wrong; raise SchoolNotFound."""
    if first > last or (last - first).days >= LONGEST:
        raise Invalid(f"`from` is on or before `to`, at most {LONGEST} days in all.")
    law = law_of((await read_school(tx, urn)).la_code)
    registers = await register_times.registers(tx, urn, first, last)
    timed = {(each.date, each.session): each.opening for each in registers if each.opening}
    calendars = await schools.calendars_of(tx, {(urn, school_year(each.date)) for each in registers})
    held = {each.year: each.open_sessions for each in calendars}
    closed = [(each.date, each.session) for each in registers if _is_closed(held, each.date, each.session)]
    why: dict[MarkOfPupilRow, list[Flag]] = {}
    for mark in await register_times.marks_by_arrival(tx, urn, list(timed)) if timed else ():
        if contradictions := mark_flags(mark.code, mark.minutes_late, timed[mark.date, mark.session]):
            why.setdefault(mark, []).extend(contradictions)
    for mark in await register_times.marks_of_sessions(tx, urn, closed) if closed else ():
        why.setdefault(mark, []).append(Flag.NOT_HELD)
    for mark in await against_leave(tx, urn, first, last):
        why.setdefault(mark, []).append(Flag.ON_LEAVE)
    marks: dict[tuple[date, Half], list[FlaggedMark]] = {}
    for mark, flags_of_mark in why.items():
        marks.setdefault((mark.date, mark.session), []).append(FlaggedMark(**asdict(mark), flags=flags_of_mark))
    found = []
    for each in registers:
        opening = each.opening
        flags: tuple[Flag, ...] = (Flag.NOT_HELD,) if (each.date, each.session) in closed else ()
        flags += register_flags(opening, each.date, law) if opening else other_day(each.date, each.last_opened_at, each.last_closed_at)
        if flags or (each.date, each.session) in marks:
            found.append(
                FlaggedRegister(
                    date=each.date,
                    session=each.session,
                    opened_at=opening.opened_at if opening else each.last_opened_at,
                    closed_at=opening.closed_at if opening else each.last_closed_at,
                    minutes_open=opening.minutes if opening else None,
                    flags=flags,
                    marks=marks.get((each.date, each.session), []),
                )
            )
    return found


async def against_leave(tx: Transaction, urn: int, first: date, last: date) -> list[MarkOfPupilRow]:
    """Return a school's marks of a period that contradict leave which it granted."""
    leave = await granted_leave.granted_leave(tx, urn, first, last)
    if not leave:
        return []
    rows = await register_times.marks_of_pupils(tx, urn, first, last, {each.pupil_id for each in leave})
    found = {PupilSession(row.date, row.session, row.pupil_id): row for row in rows}
    against = await marks_against_leave(tx, urn, [MarkOfSession(at, row.code, row.version) for at, row in found.items()])
    return [row for at, row in found.items() if at in against]


def _is_closed(held: Mapping[str, Mapping[date, tuple[Half, ...]]], day: date, session: Half) -> bool:
    """Return whether the school sent a calendar of that year in which the session is none."""
    sessions = held.get(school_year(day))
    return sessions is not None and session not in sessions.get(day, ())
