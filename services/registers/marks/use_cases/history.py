"""A pupil's marks with every version, and which of them lie outside sessions or roll as they now stand."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.registers.fields import Person
from services.registers.marks.domain.register_times import Flag
from services.registers.marks.repository import marks
from services.registers.marks.schemas.registers import MarkOut, VersionOut
from services.registers.marks.use_cases.flags import flags_by_times
from services.registers.schools.domain.calendars import school_year
from services.registers.schools.repository import schools
from shared.database import Transaction


async def read_history(tx: Transaction, pupil_id: UUID, first: date, last: date, urns: Collection[int] | None) -> list[MarkOut]:
    """Return the marks of one pupil in a period with all versions, in order."""
    rows = [row for row in await marks.history(tx, pupil_id, first, last) if urns is None or row.urn in urns]
    spells = await marks.spells_of(tx, pupil_id)
    calendars = await schools.calendars_of(tx, {(row.urn, school_year(row.date)) for row in rows})
    held = {(each.urn, each.year): each.open_sessions for each in calendars}

    def flags(urn: int, day: date, half: str) -> list[Flag]:
        sessions = held.get((urn, school_year(day)))
        closed = sessions is not None and half not in sessions.get(day, ())
        off_roll = not any(spell.urn == urn and spell.covers(day) for spell in spells)
        return [*([Flag.NOT_HELD] * closed), *([Flag.OFF_ROLL] * off_roll), *by_times.get((urn, day, half), ())]

    grouped = [list(versions) for _, versions in groupby(rows, key=lambda row: (row.urn, row.date, row.session))]
    by_times = await flags_by_times(tx, (versions[-1] for versions in grouped))
    return [_mark(pupil_id, versions, flags(versions[-1].urn, versions[-1].date, versions[-1].session)) for versions in grouped]


def _mark(pupil_id: UUID, rows: Sequence[Row[Any]], flags: list[Flag]) -> MarkOut:
    now = rows[-1]
    versions = [
        VersionOut(
            version=row.version,
            code=row.code,
            recorded_at=row.received_at,
            minutes_late=row.minutes_late,
            reason=row.reason,
            by=Person(name=row.by_name, title=row.by_title) if row.by_name else None,
            caller=row.caller,
            source=row.source,
        )
        for row in rows
    ]
    place = {"pupil_id": pupil_id, "urn": now.urn, "date": now.date, "session": now.session}
    return MarkOut(**place, code=now.code, version=now.version, flagged=bool(flags), flags=flags, versions=versions)
