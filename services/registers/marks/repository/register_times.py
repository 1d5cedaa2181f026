"""When registers were open, and the marks that their times decide."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text

from services.registers.marks.domain.register_times import BY_ARRIVAL, Opening
from shared.database import Transaction

_OPENINGS = text("""
    SELECT DISTINCT ON (urn, date, session) urn, date, session, opened_at, closed_at
    FROM receipts JOIN unnest(CAST(:urns AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[])) AS wanted (urn, date, session)
         USING (urn, date, session)
    WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL
    ORDER BY urn, date, session, revision DESC
""")

# Two moments make an interval; one alone may still lie in another day.
_REGISTERS = text("""
    SELECT date, session, count(*) AS times,
           (array_agg(opened_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL OR closed_at IS NOT NULL))[1] AS last_opened_at,
           (array_agg(closed_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL OR closed_at IS NOT NULL))[1] AS last_closed_at,
           (array_agg(opened_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL))[1] AS opened_at,
           (array_agg(closed_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL))[1] AS closed_at
    FROM receipts WHERE urn = :urn AND date BETWEEN :first AND :last
    GROUP BY date, session ORDER BY date, session
""")

# By the key of marks, which begins with day, half and pupil: the school's pupils are few.
_BY_ARRIVAL = text("""
    SELECT mark.date, mark.session, mark.code, mark.minutes_late, mark.pupil_id, known.forename, known.surname, pupil.upn
    FROM unnest(CAST(:dates AS date[]), CAST(:halves AS text[])) AS taken (date, session)
    CROSS JOIN pupils_at_schools AS known
    JOIN marks AS mark ON mark.date = taken.date AND mark.session = taken.session AND mark.pupil_id = known.pupil_id AND mark.urn = known.urn
    JOIN pupils AS pupil ON pupil.id = known.pupil_id
    WHERE known.urn = :urn AND mark.code = ANY(:codes) AND mark.minutes_late IS NOT NULL
    ORDER BY mark.date, mark.session, known.surname, known.forename, mark.pupil_id
""")

Place = tuple[int, date, str]
"""URN, date and half of a register."""


async def openings(tx: Transaction, places: Collection[Place]) -> dict[Place, Opening]:
    """Return from when to when these registers were open, as far as their schools said."""
    keys = {"urns": [each[0] for each in places], "dates": [each[1] for each in places], "halves": [each[2] for each in places]}
    return {(row.urn, row.date, row.session): Opening(row.opened_at, row.closed_at) for row in await tx.execute(_OPENINGS, keys)}


async def registers(tx: Transaction, urn: int, first: date, last: date) -> Sequence[Row[Any]]:
    """Return a school's registers of a period with their times, in order."""
    return (await tx.execute(_REGISTERS, {"urn": urn, "first": first, "last": last})).all()


async def marks_by_arrival(tx: Transaction, urn: int, taken: Sequence[tuple[date, str]]) -> Sequence[Row[Any]]:
    """Return a school's marks of these sessions that the minute of arrival decides, with their pupils."""
    keys = {"dates": [day for day, _ in taken], "halves": [half for _, half in taken]}
    return (await tx.execute(_BY_ARRIVAL, {"urn": urn, "codes": list(BY_ARRIVAL), **keys})).all()
