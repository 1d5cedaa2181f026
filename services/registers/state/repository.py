"""What there is to be published again, key by key, and as it stands."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from shared.attendance.register_codes import all_codes
from shared.attendance.sessions import Half
from shared.comparisons import KeyRange
from shared.database import Transaction
from shared.database.rows import fetch_all
from shared.messaging.state import Extent, find_keys, id_of

_SUCCESSIONS = text("""
    SELECT CAST(urn AS text) FROM successions
    WHERE urn > :urn AND (CAST(:school AS integer) IS NULL OR urn = :school)
      AND (CAST(:pupil AS uuid) IS NULL OR urn IN (SELECT urn FROM pupils_at_schools WHERE pupil_id = :pupil)) GROUP BY urn ORDER BY urn LIMIT :limit
""")
_CALENDARS = text("""
    SELECT concat_ws('/', urn, year) FROM calendars
    WHERE (urn, year) > (:urn, :year) AND (CAST(:school AS integer) IS NULL OR urn = :school)
      AND (CAST(:pupil AS uuid) IS NULL OR urn IN (SELECT urn FROM pupils_at_schools WHERE pupil_id = :pupil))
      AND make_date(CAST(left(year, 4) AS integer), 9, 1) <= :last AND make_date(CAST(left(year, 4) AS integer) + 1, 8, 31) >= :first
    ORDER BY urn, year LIMIT :limit
""")
_PUPILS = text("""
    SELECT CAST(id AS text) FROM pupils
    WHERE id > CAST(:id AS uuid) AND published_rolls IS NOT NULL AND (CAST(:pupil AS uuid) IS NULL OR id = :pupil)
      AND (CAST(:school AS integer) IS NULL OR EXISTS (SELECT FROM pupils_at_schools WHERE urn = :school AND pupil_id = pupils.id))
    ORDER BY id LIMIT :limit
""")
# School by school, so that a few days of all of them are found without reading every receipt.
_REGISTERS = text("""
    SELECT concat_ws('/', school.urn, own.date) FROM schools AS school CROSS JOIN LATERAL (
        SELECT DISTINCT date FROM receipts
        WHERE receipts.urn = school.urn AND date BETWEEN :first AND :last AND (school.urn > :urn OR date > :day)
    ) AS own
    WHERE school.urn >= :urn AND (CAST(:school AS integer) IS NULL OR school.urn = :school)
      AND (CAST(:pupil AS uuid) IS NULL OR school.urn IN (SELECT urn FROM pupils_at_schools WHERE pupil_id = :pupil))
    ORDER BY school.urn, own.date LIMIT :limit
""")
_OVERDUE = text("""
    SELECT concat_ws('/', urn, date, session, pupil_id) FROM unresolved_marks
    WHERE (urn, date, session, pupil_id) > (:urn, :day, :half, CAST(:id AS uuid))
      AND judged > 0 AND date BETWEEN :first AND :last AND (CAST(:school AS integer) IS NULL OR urn = :school) AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
    ORDER BY urn, date, session, pupil_id LIMIT :limit
""")
_LEAVE = text("""
    SELECT CAST(id AS text) FROM leave_requests
    WHERE id > CAST(:id AS uuid) AND decided_at IS NOT NULL AND starts_on <= :last AND ends_on >= :first AND (CAST(:school AS integer) IS NULL OR urn = :school) AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
    ORDER BY id LIMIT :limit
""")

_LOCK_SCHOOLS = text("SELECT urn, la_code, revision FROM schools WHERE urn = ANY(CAST(:urns AS integer[])) ORDER BY urn FOR NO KEY UPDATE")
_LOCK_PUPILS = text("""
    SELECT id, revision, CAST(published_rolls AS text) AS rolls, CAST(published_parents AS text) AS parents
    FROM pupils WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")
# By the pupils whom the school has sent, since the marks' key begins with day and half and then the pupil. Minutes alone make a version that
# is not published: the one under which the code became known is the one after the last with another code.
_MARKS = text("""
    SELECT mark.session, mark.pupil_id, mark.code, mark.version, coalesce(before.version, 0) + 1 AS published_version, before.code AS previous_code
    FROM pupils_at_schools AS here CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
    JOIN marks AS mark ON mark.date = :day AND mark.session = half.session AND mark.pupil_id = here.pupil_id AND mark.urn = here.urn
    LEFT JOIN LATERAL (
        SELECT version, code FROM mark_versions AS version
        WHERE version.date = :day AND version.session = mark.session AND version.pupil_id = mark.pupil_id AND version.urn = mark.urn
          AND version.code <> mark.code
        ORDER BY version.version DESC LIMIT 1
    ) AS before ON mark.version > 1
    WHERE here.urn = :urn AND (CAST(:pupil AS uuid) IS NULL OR here.pupil_id = :pupil)
    ORDER BY mark.session, mark.pupil_id
""")
_LOCK_OVERDUE = text("""
    SELECT urn, date, session, pupil_id, version, due_on, judged, published_on IS NOT NULL AS overdue FROM unresolved_marks
    WHERE judged > 0 AND due_on IS NOT NULL AND (urn, date, session, pupil_id) IN (
        SELECT * FROM unnest(CAST(:urns AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:pupils AS uuid[]))
    ) ORDER BY date, session, pupil_id FOR UPDATE
""")
_LOCK_LEAVE = text("""
    SELECT leave.id, pupil_id, leave.urn, school.la_code, coalesce(decided_parents, ARRAY[parent_id]) AS parent_ids,
           CASE WHEN code IS NULL THEN 'refused' ELSE 'granted' END AS outcome, code, starts_on, ends_on, decided_on, coalesce(late, false) AS late
    FROM leave_requests AS leave JOIN schools AS school ON school.urn = leave.urn
    WHERE leave.id = ANY(CAST(:ids AS uuid[])) ORDER BY leave.id FOR UPDATE OF leave
""")


# Pupil by pupil and day by day, since the marks' key begins with day and half. Every day that has marks at all: a mark is kept, and published,
# whether or not its day is within the roll by now, and on days on which no school should have been open.
_MARKS_OF_PUPILS = text("""
    SELECT pupil.id, mark.date, mark.session, mark.urn, mark.code, mark.version, mark.published_version FROM (
        SELECT id FROM pupils WHERE id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
    ) AS pupil LEFT JOIN LATERAL (
        SELECT mark.date, mark.session, mark.urn, mark.code, mark.version, coalesce((
            SELECT max(before.version) FROM mark_versions AS before
            WHERE mark.version > 1 AND before.date = mark.date AND before.session = mark.session AND before.pupil_id = mark.pupil_id
              AND before.urn = mark.urn AND before.code <> mark.code
        ), 0) + 1 AS published_version
        FROM generate_series(
            (SELECT CAST(min(date) AS timestamp) FROM marks), (SELECT CAST(max(date) AS timestamp) FROM marks), interval '1 day'
        ) AS day (at)
        CROSS JOIN (VALUES ('AM'), ('PM')) AS half (session)
        JOIN marks AS mark ON mark.date = CAST(day.at AS date) AND mark.session = half.session AND mark.pupil_id = pupil.id
        WHERE mark.code = ANY(CAST(:absent AS text[]))
    ) AS mark ON true
    ORDER BY pupil.id, mark.date, mark.session, mark.urn
""")
ABSENT = sorted({entry.code for entry in all_codes() if entry.category == "unauthorised"})
"""Codes of unauthorised absence at any time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentMarkOfPupilRow:
    """A mark as it stands, and the version under which its code was published; null where the pupil has none."""

    id: UUID
    session: Half | None
    urn: int | None
    code: str | None
    version: int | None
    published_version: int | None
    date: date | None


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school, locked, with the revision that what is known of it has now."""

    urn: int
    la_code: str
    revision: int


@dataclass(frozen=True, slots=True)
class PupilStateRow:
    """A pupil, locked, with the states last published of their rolls and parents, as JSON, and the revision that they have now."""

    id: UUID
    revision: int
    rolls: str | None
    parents: str | None


@dataclass(frozen=True, slots=True)
class PublishedMarkRow:
    """A mark as it stands, with the version under which its code was published and the code that this replaced."""

    session: Half
    pupil_id: UUID
    code: str
    version: int
    published_version: int
    previous_code: str | None


@dataclass(frozen=True, slots=True)
class OverdueReasonRow:
    """A mark of which was published whether its reason is overdue, `judged`: how often."""

    urn: int
    session: Half
    pupil_id: UUID
    version: int
    due_on: date
    judged: int
    overdue: bool
    date: date


@dataclass(frozen=True, slots=True)
class DecidedLeaveRow:
    """Leave as it was decided, and the parents whom the decision was for."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    parent_ids: Sequence[UUID]
    outcome: Literal["granted", "refused"]
    code: Literal["C", "C1", "C2"] | None
    starts_on: date
    ends_on: date
    decided_on: date
    late: bool


async def marks_of_pupils(tx: Transaction, keys: KeyRange) -> list[CurrentMarkOfPupilRow]:
    """Return the marks of unauthorised absence of the pupils of a range, and one row without a mark for each pupil."""
    return await fetch_all(tx, _MARKS_OF_PUPILS, CurrentMarkOfPupilRow, {**asdict(keys), "absent": ABSENT})


async def find_successions(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return schools that continue others, by URN."""
    return await find_keys(tx, _SUCCESSIONS, extent, limit, urn=int(after or 0))


async def find_calendars(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return calendars, by URN and school year."""
    urn, year = after.split("/") if after else ("0", "")
    return await find_keys(tx, _CALENDARS, extent, limit, urn=int(urn), year=year)


async def find_pupils(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return pupils whose rolls were published."""
    return await find_keys(tx, _PUPILS, extent, limit, id=id_of(after))


async def find_registers(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return the days of which a register was stored, by URN and day."""
    urn, day = after.split("/") if after else ("0", date.min.isoformat())
    return await find_keys(tx, _REGISTERS, extent, limit, urn=int(urn), day=date.fromisoformat(day))


async def find_overdue(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return marks whose reason was published as overdue, by URN, day, half and pupil."""
    urn, day, half, pupil_id = after.split("/") if after else ("0", date.min.isoformat(), "", str(UUID(int=0)))
    key = {"urn": int(urn), "day": date.fromisoformat(day), "half": half, "id": UUID(pupil_id)}
    return await find_keys(tx, _OVERDUE, extent, limit, **key)


async def find_leave(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return requests for leave that were decided."""
    return await find_keys(tx, _LEAVE, extent, limit, id=id_of(after))


async def lock_schools(tx: Transaction, urns: Collection[int]) -> dict[int, SchoolRow]:
    """Return schools, locked: nobody publishes anything about them until the transaction ends."""
    return {row.urn: row for row in await fetch_all(tx, _LOCK_SCHOOLS, SchoolRow, {"urns": sorted(urns)})}


async def lock_pupils(tx: Transaction, ids: Sequence[UUID]) -> list[PupilStateRow]:
    """Return pupils, locked."""
    return await fetch_all(tx, _LOCK_PUPILS, PupilStateRow, {"ids": list(ids)})


async def marks_of(tx: Transaction, urn: int, day: date, pupil_id: UUID | None) -> list[PublishedMarkRow]:
    """Return a school's marks of a day, or one pupil's of them."""
    return await fetch_all(tx, _MARKS, PublishedMarkRow, {"urn": urn, "day": day, "pupil": pupil_id})


async def lock_overdue(tx: Transaction, keys: Sequence[str]) -> list[OverdueReasonRow]:
    """Return marks, locked, whose reason was published as overdue and is so still."""
    parts = [key.split("/") for key in keys]
    columns = {
        "urns": [int(urn) for urn, *_ in parts],
        "dates": [date.fromisoformat(day) for _, day, *_ in parts],
        "halves": [half for *_, half, _ in parts],
        "pupils": [UUID(pupil_id) for *_, pupil_id in parts],
    }
    return await fetch_all(tx, _LOCK_OVERDUE, OverdueReasonRow, columns)


async def lock_leave(tx: Transaction, ids: Sequence[UUID]) -> list[DecidedLeaveRow]:
    """Return decided leave, locked."""
    return await fetch_all(tx, _LOCK_LEAVE, DecidedLeaveRow, {"ids": list(ids)})
