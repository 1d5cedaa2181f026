"""What the times of registers say against marks: for a pupil's history, and as a list for the school. Nothing is changed."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from services.registers.law import law_of
from services.registers.marks.domain.register_times import BY_ARRIVAL, Flag, Opening, mark_flags, other_day, register_flags
from services.registers.marks.repository import register_times
from services.registers.marks.repository.register_times import Place
from services.registers.marks.schemas.flags import FlaggedMark, FlaggedRegister, FlagOut
from services.registers.schools.domain.calendars import school_year
from services.registers.schools.repository import schools
from services.registers.schools.use_cases.schools import read_school
from shared.database import Transaction
from shared.problems import Invalid

LONGEST = 31
"""Days that one list covers."""


async def flags_by_times(tx: Transaction, marks: Iterable[Row[Any]]) -> dict[Place, tuple[Flag, ...]]:
    """Return what the times of their registers say against one pupil's current marks, by place.

    Only L and U are weighed: the moment of closing decides no other code.
    """
    weighed = {(mark.urn, mark.date, mark.session): mark for mark in marks if mark.code in BY_ARRIVAL}
    if not weighed:
        return {}
    found = await register_times.openings(tx, weighed)
    la_codes = await schools.la_codes(tx, {urn for urn, _, _ in found})
    return {
        place: (
            *mark_flags(weighed[place].code, weighed[place].minutes_late, opening),
            *register_flags(opening, place[1], law_of(la_codes[place[0]])),
        )
        for place, opening in found.items()
    }


async def read_flagged(tx: Transaction, urn: int, first: date, last: date) -> list[FlaggedRegister]:
    """Return a school's registers of a period with which something is wrong; raise SchoolNotFound."""
    if first > last or (last - first).days >= LONGEST:
        raise Invalid(f"`from` is on or before `to`, at most {LONGEST} days in all.")
    law = law_of((await read_school(tx, urn)).la_code)
    rows = await register_times.registers(tx, urn, first, last)
    timed = {(row.date, row.session): Opening(row.opened_at, row.closed_at) for row in rows if row.opened_at}
    calendars = await schools.calendars_of(tx, {(urn, school_year(row.date)) for row in rows})
    held = {each.year: each.open_sessions for each in calendars}
    marks: dict[tuple[date, str], list[FlaggedMark]] = {}
    for mark in await register_times.marks_by_arrival(tx, urn, list(timed)):
        if flags := mark_flags(mark.code, mark.minutes_late, timed[mark.date, mark.session]):
            marks.setdefault((mark.date, mark.session), []).append(_mark(mark, flags))
    found = []
    for row in rows:
        place = (row.date, row.session)
        sessions = held.get(school_year(row.date))
        opening = timed.get(place)
        flags = (Flag.NOT_HELD,) if sessions is not None and row.session not in sessions.get(row.date, ()) else ()
        flags += register_flags(opening, row.date, law) if opening else other_day(row.date, row.last_opened_at, row.last_closed_at)
        if flags or place in marks:
            found.append(
                FlaggedRegister(
                    date=row.date,
                    session=row.session,
                    opened_at=opening.opened_at if opening else row.last_opened_at,
                    closed_at=opening.closed_at if opening else row.last_closed_at,
                    minutes_open=opening.minutes if opening else None,
                    flags=_told(flags),
                    marks=marks.get(place, []),
                )
            )
    return found


def _mark(mark: Row[Any], flags: Sequence[Flag]) -> FlaggedMark:
    told = {name: getattr(mark, name) for name in ("pupil_id", "upn", "forename", "surname", "code", "minutes_late")}
    return FlaggedMark(**told, flags=_told(flags))


def _told(flags: Iterable[Flag]) -> list[FlagOut]:
    return [FlagOut(flag=flag, sentence=flag.sentence) for flag in flags]
