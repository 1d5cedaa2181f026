"""A pupil's marks with every version, and which of them lie outside sessions or roll as they now stand."""

from collections.abc import Collection
from datetime import date
from itertools import groupby
from uuid import UUID

from services.registers.marks.domain.granted_leave import MarkOfSession, PupilSession
from services.registers.marks.domain.history import MarkHistory
from services.registers.marks.domain.register_times import Flag
from services.registers.marks.repository import marks
from services.registers.marks.use_cases.flags import flags_by_times
from services.registers.marks.use_cases.republishing import marks_against_leave
from services.registers.schools.repository import schools
from shared.attendance.dates import school_year
from shared.attendance.sessions import Half
from shared.database import Transaction


async def read_history(tx: Transaction, pupil_id: UUID, first: date, last: date, urns: Collection[int] | None) -> list[MarkHistory]:
    """Return the marks of one pupil in a period with all versions, in order; of these schools only, where given."""
    rows = [row for row in await marks.history(tx, pupil_id, first, last) if urns is None or row.urn in urns]
    spells = await marks.spells_of(tx, pupil_id)
    unconfirmed = await marks.unconfirmed_schools(tx, pupil_id)
    calendars = await schools.calendars_of(tx, {(row.urn, school_year(row.date)) for row in rows})
    held = {(each.urn, each.year): each.open_sessions for each in calendars}

    def flags(urn: int, day: date, session: Half) -> list[Flag]:
        on_leave = (urn, day, session) in against
        sessions = held.get((urn, school_year(day)))
        closed = sessions is not None and session not in sessions.get(day, ())
        off_roll = not any(spell.urn == urn and spell.covers(day) for spell in spells)
        claimed = [Flag.UNCONFIRMED] * (urn in unconfirmed)
        return [
            *([Flag.NOT_HELD] * closed),
            *([Flag.OFF_ROLL] * off_roll),
            *claimed,
            *([Flag.ON_LEAVE] * on_leave),
            *by_times.get((urn, day, session), ()),
        ]

    grouped = {key: list(versions) for key, versions in groupby(rows, key=lambda row: (row.urn, row.date, row.session))}
    by_times = await flags_by_times(tx, (versions[-1] for versions in grouped.values()))
    against = {
        (urn, at.date, at.session)
        for urn in {row.urn for row in rows}
        for at in await marks_against_leave(
            tx,
            urn,
            [
                MarkOfSession(PupilSession(day, half, pupil_id), versions[-1].code, versions[-1].version)
                for (own, day, half), versions in grouped.items()
                if own == urn
            ],
        )
    }
    return [MarkHistory(pupil_id, *key, flags(*key), versions) for key, versions in grouped.items()]
