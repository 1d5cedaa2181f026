"""When registers were open, and the marks that their times decide."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from services.registers.marks.domain.register_times import BY_ARRIVAL, Opening
from services.registers.marks.repository.marks import UPN_AT_SCHOOL
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.rows import fetch_all

_OPENINGS = text("""
    SELECT DISTINCT ON (urn, date, session) urn, date, session, opened_at, closed_at
    FROM receipts JOIN unnest(CAST(:urns AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[])) AS wanted (urn, date, session)
         USING (urn, date, session)
    WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL
    ORDER BY urn, date, session, revision DESC
""")

# Two moments make an interval; one alone may still lie in another day.
_REGISTERS = text("""
    SELECT date, session,
           (array_agg(opened_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL OR closed_at IS NOT NULL))[1] AS last_opened_at,
           (array_agg(closed_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL OR closed_at IS NOT NULL))[1] AS last_closed_at,
           (array_agg(opened_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL))[1] AS opened_at,
           (array_agg(closed_at ORDER BY revision DESC) FILTER (WHERE opened_at IS NOT NULL AND closed_at IS NOT NULL))[1] AS closed_at
    FROM receipts WHERE urn = :urn AND date BETWEEN :first AND :last
    GROUP BY date, session ORDER BY date, session
""")

# By the key of marks, which begins with day, half and pupil: the school's pupils are few.
_MARKS = f"""
    SELECT mark.date, mark.session, mark.code, mark.version, mark.minutes_late, mark.pupil_id, at_school.forename, at_school.surname,
           {UPN_AT_SCHOOL.format(urn="at_school.urn")} AS upn
    FROM unnest(CAST(:dates AS date[]), CAST(:halves AS text[])) AS taken (date, session)
    CROSS JOIN pupils_at_schools AS at_school
    JOIN marks AS mark ON mark.date = taken.date AND mark.session = taken.session AND mark.pupil_id = at_school.pupil_id AND mark.urn = at_school.urn
    JOIN pupils AS pupil ON pupil.id = at_school.pupil_id
    WHERE at_school.urn = :urn AND {{which}}
    ORDER BY mark.date, mark.session, at_school.surname, at_school.forename, mark.pupil_id
"""  # noqa: S608 -- every part stands in the code
_BY_ARRIVAL = text(_MARKS.format(which="mark.code = ANY(:codes) AND mark.minutes_late IS NOT NULL"))
_OF_SESSIONS = text(_MARKS.format(which="true"))
_OF_PUPILS = text(_MARKS.format(which="at_school.pupil_id = ANY(CAST(:pupils AS uuid[]))"))
_WITH_CODE = text(
    _MARKS.format(which="mark.code = :code AND (CAST(:pupils AS uuid[]) IS NULL OR at_school.pupil_id = ANY(CAST(:pupils AS uuid[])))")
)

HALVES: tuple[Half, Half] = ("AM", "PM")
RegisterKey = tuple[int, date, Half]
"""School, date and half of the day of a register."""


@dataclass(frozen=True, slots=True)
class RegisterTimesRow:
    """When a register was open: `opened_at` and `closed_at` where both were sent together, `last_…` as last sent, alone or not."""

    date: date
    session: Half
    last_opened_at: datetime | None
    last_closed_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None

    @property
    def opening(self) -> Opening | None:
        """Return from when to when the register was open, where both are known."""
        return Opening(self.opened_at, self.closed_at) if self.opened_at and self.closed_at else None


@dataclass(frozen=True, slots=True)
class MarkOfPupilRow:
    """A mark with its pupil."""

    date: date
    session: Half
    code: str
    version: int
    minutes_late: int | None
    pupil_id: UUID
    forename: str
    surname: str
    upn: str


async def openings(tx: Transaction, registers: Collection[RegisterKey]) -> dict[RegisterKey, Opening]:
    """Return from when to when these registers were open, as far as their schools sent it."""
    keys = {"urns": [each[0] for each in registers], "dates": [each[1] for each in registers], "halves": [each[2] for each in registers]}
    return {(row.urn, row.date, row.session): Opening(row.opened_at, row.closed_at) for row in await tx.execute(_OPENINGS, keys)}


async def registers(tx: Transaction, urn: int, first: date, last: date) -> list[RegisterTimesRow]:
    """Return a school's registers of a period with their times, in order."""
    return await fetch_all(tx, _REGISTERS, RegisterTimesRow, {"urn": urn, "first": first, "last": last})


async def marks_by_arrival(tx: Transaction, urn: int, sessions: Sequence[tuple[date, Half]]) -> list[MarkOfPupilRow]:
    """Return a school's marks of these sessions that the minute of arrival decides, with their pupils."""
    keys = {"dates": [day for day, _ in sessions], "halves": [half for _, half in sessions]}
    return await fetch_all(tx, _BY_ARRIVAL, MarkOfPupilRow, {"urn": urn, "codes": list(BY_ARRIVAL), **keys})


async def marks_of_sessions(tx: Transaction, urn: int, sessions: Sequence[tuple[date, Half]]) -> list[MarkOfPupilRow]:
    """Return a school's marks of these sessions, with their pupils."""
    keys = {"dates": [day for day, _ in sessions], "halves": [half for _, half in sessions]}
    return await fetch_all(tx, _OF_SESSIONS, MarkOfPupilRow, {"urn": urn, **keys})


async def marks_of_pupils(tx: Transaction, urn: int, first: date, last: date, pupil_ids: Collection[UUID]) -> list[MarkOfPupilRow]:
    """Return these pupils' marks of a school in a period."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    keys = {"dates": [day for day in days for _ in HALVES], "halves": [half for _ in days for half in HALVES]}
    return await fetch_all(tx, _OF_PUPILS, MarkOfPupilRow, {"urn": urn, "pupils": list(pupil_ids), **keys})


async def marks_with_code(
    tx: Transaction, urn: int, first: date, last: date, code: str, pupil_ids: Collection[UUID] | None
) -> list[MarkOfPupilRow]:
    """Return a school's marks of a period that have a code, in order; those of these pupils, or of all."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    keys = {"dates": [day for day in days for _ in HALVES], "halves": [half for _ in days for half in HALVES]}
    pupils = None if pupil_ids is None else list(pupil_ids)
    return await fetch_all(tx, _WITH_CODE, MarkOfPupilRow, {"urn": urn, "code": code, "pupils": pupils, **keys})
