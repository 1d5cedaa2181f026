"""N marks that await their reason, and the days on which a school holds sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, TextualSelect, case, select, text, update

from services.registers.marks.repository.marks import UPN_AT_SCHOOL
from services.registers.tables.pupils import pupils, pupils_at_schools
from services.registers.tables.schools import schools
from services.registers.tables.unresolved import unresolved_marks
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all
from shared.due_work import not_waiting

_KEY = "concat_ws('/', mark.date, mark.session, mark.pupil_id, mark.urn, mark.version)"
_FIND = """
    SELECT {key} FROM unresolved_marks AS mark WHERE {due} AND {not_waiting} ORDER BY {order} LIMIT :limit
"""
_LOCK = """
    SELECT mark.urn, mark.date, mark.session, mark.pupil_id FROM unresolved_marks AS mark
    WHERE {due} AND (mark.urn, mark.date, mark.session, mark.pupil_id, mark.version) IN (
        SELECT * FROM unnest(CAST(:urns AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:pupils AS uuid[]),
                             CAST(:versions AS integer[]))
    ) FOR UPDATE SKIP LOCKED
"""
_UNDATED = """
    (mark.due_on IS NULL OR mark.computed_on IS NULL) AND (mark.computed_on IS NULL OR mark.computed_on < :today OR mark.computed_on > :today)
"""
_FIND_UNDATED = text(
    _FIND.format(key=_KEY, due=_UNDATED, not_waiting=not_waiting(_KEY), order="mark.computed_on NULLS FIRST, mark.urn, mark.date")
)
_LOCK_UNDATED = text(_LOCK.format(due=_UNDATED))

_DATE = text("""
    UPDATE unresolved_marks AS mark SET computed_on = :today,
        due_on = coalesce(found.due_on, CASE WHEN mark.published_on IS NOT NULL THEN mark.due_on END)
    FROM unnest(CAST(:urns AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:pupils AS uuid[]), CAST(:due AS date[]))
         AS found (urn, date, session, pupil_id, due_on)
    WHERE (mark.urn, mark.date, mark.session, mark.pupil_id) = (found.urn, found.date, found.session, found.pupil_id)
""")

_OVERDUE = "mark.published_on IS NULL AND mark.due_on < :today"
_FIND_OVERDUE = text(_FIND.format(key=_KEY, due=_OVERDUE, not_waiting=not_waiting(_KEY), order="mark.due_on"))
_PUBLISH = """
    WITH due AS ({lock})
    UPDATE unresolved_marks AS mark SET published_on = {published_on}, judged = mark.judged + 1 FROM due
    WHERE (mark.urn, mark.date, mark.session, mark.pupil_id) = (due.urn, due.date, due.session, due.pupil_id)
    RETURNING mark.urn, mark.date, mark.session, mark.pupil_id, mark.version, mark.due_on, mark.judged, mark.published_on IS NOT NULL AS overdue
"""
_PUBLISH_OVERDUE = text(_PUBLISH.format(lock=_LOCK.format(due=_OVERDUE), published_on=":today"))

_EARLY = "mark.published_on IS NOT NULL AND (mark.due_on >= :today OR mark.published_on <= mark.due_on)"
_FIND_EARLY = text(_FIND.format(key=_KEY, due=_EARLY, not_waiting=not_waiting(_KEY), order="mark.due_on"))
_TAKE_BACK = text(_PUBLISH.format(lock=_LOCK.format(due=_EARLY), published_on="NULL"))

_REGISTERED = text("""
    SELECT asked.urn, day.date
    FROM unnest(CAST(:urns AS integer[]), CAST(:firsts AS date[]), CAST(:lasts AS date[])) AS asked (urn, first, last)
    CROSS JOIN LATERAL (
        SELECT DISTINCT date FROM receipts WHERE receipts.urn = asked.urn AND receipts.date BETWEEN asked.first AND asked.last
    ) AS day
""")

_LISTED = f"""
    SELECT mark.urn, mark.pupil_id, mark.date, mark.session, {UPN_AT_SCHOOL.format(urn="mark.urn")} AS upn,
           here.forename, here.surname, here.year_group,
           school.name AS school, school.la_code
    FROM unresolved_marks AS mark
    JOIN schools AS school ON school.urn = mark.urn
    JOIN pupils AS pupil ON pupil.id = mark.pupil_id
    JOIN pupils_at_schools AS here ON here.urn = mark.urn AND here.pupil_id = mark.pupil_id
    WHERE {{of}}
"""  # noqa: S608 -- every part stands in the code
_COLUMNS = {column.name: column.type for table in (schools, pupils, pupils_at_schools, unresolved_marks) for column in table.columns}


def _listed(of: str) -> TextualSelect:
    """Return the unresolved marks of some schools, as something to select from."""
    names = ("urn", "pupil_id", "date", "session", "upn", "forename", "surname", "year_group", "la_code")
    return text(_LISTED.format(of=of)).columns(**{name: _COLUMNS[name] for name in names}, school=Text())


_OF_SCHOOL = _listed("mark.urn = :of_urn")
_OF_AREA = _listed(
    """(CAST(:la_code AS text) IS NULL OR school.la_code = :la_code) AND (CAST(:district AS text) IS NULL OR school.district = :district)"""
)


class MarkKey(NamedTuple):
    """Day, half, pupil and school of a mark: the order of lists."""

    date: date
    session: str
    pupil_id: UUID
    urn: int


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A mark of which is to be published whether the last day for the reason has passed; `judged`: how often that was, this time included."""

    urn: int
    pupil_id: UUID
    session: Half
    version: int
    due_on: date
    judged: int
    overdue: bool
    date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class UnresolvedRow:
    """A mark that awaits its reason, with its pupil and school; by when, and how many school days are left (negative: have passed)."""

    urn: int
    pupil_id: UUID
    session: Half
    upn: str
    forename: str
    surname: str
    year_group: str | None
    school: str
    la_code: str
    due_on: date | None = None
    days_left: int | None = None
    overdue: bool = False
    date: date


async def undate(tx: Transaction, urn: int) -> None:
    """Let the last day for the reason be computed anew; the one that an event has named stands until then."""
    own = unresolved_marks.c
    named = case((own.published_on.is_not(None), own.due_on))
    await tx.execute(update(unresolved_marks).where(own.urn == urn).values(due_on=named, computed_on=None))


async def find_undated(tx: Transaction, job: str, today: date, limit: int) -> list[str]:
    """Return the keys of marks whose last day is not known, or by another calendar, and was not looked for today."""
    return list((await tx.execute(_FIND_UNDATED, {"job": job, "today": today, "limit": limit})).scalars())


async def claim_undated(tx: Transaction, today: date, keys: Sequence[str]) -> list[MarkKey]:
    """Return those of these marks whose last day is still to be computed, locked; those that another worker has locked are left out."""
    return await fetch_all(tx, _LOCK_UNDATED, MarkKey, {"today": today, **_columns(keys)})


async def set_due(tx: Transaction, today: date, marks: Sequence[MarkKey], due: Sequence[date | None]) -> None:
    """Store the last day for the reason of each of these claimed marks, or that it was looked for and is not known yet."""
    keys = {
        "urns": [mark.urn for mark in marks],
        "dates": [mark.date for mark in marks],
        "halves": [mark.session for mark in marks],
        "pupils": [mark.pupil_id for mark in marks],
    }
    await tx.execute(_DATE, {**keys, "due": due, "today": today})


async def find_overdue(tx: Transaction, job: str, today: date, limit: int) -> list[str]:
    """Return the keys of marks whose last day has passed and of which no event was published."""
    return list((await tx.execute(_FIND_OVERDUE, {"job": job, "today": today, "limit": limit})).scalars())


async def claim_overdue(tx: Transaction, today: date, keys: Sequence[str]) -> list[JudgedRow]:
    """Return those of these marks that are still to be published as overdue, noting that they are."""
    return await fetch_all(tx, _PUBLISH_OVERDUE, JudgedRow, {"today": today, **_columns(keys)})


async def find_early(tx: Transaction, job: str, today: date, limit: int) -> list[str]:
    """Return the keys of marks that were published as overdue on or before their last day, or whose last day has not passed."""
    return list((await tx.execute(_FIND_EARLY, {"job": job, "today": today, "limit": limit})).scalars())


async def claim_early(tx: Transaction, today: date, keys: Sequence[str]) -> list[JudgedRow]:
    """Return those of these marks that are still to be published as not overdue, noting that they are."""
    return await fetch_all(tx, _TAKE_BACK, JudgedRow, {"today": today, **_columns(keys)})


def _columns(keys: Sequence[str]) -> dict[str, list[Any]]:
    """Return the marks of these keys, column by column."""
    parts = [key.split("/") for key in keys]
    return {
        "dates": [date.fromisoformat(day) for day, *_ in parts],
        "halves": [half for _, half, *_ in parts],
        "pupils": [UUID(pupil_id) for _, _, pupil_id, *_ in parts],
        "urns": [int(urn) for *_, urn, _ in parts],
        "versions": [int(version) for *_, version in parts],
    }


async def of_school(tx: Transaction, urn: int, page: PageQuery) -> Listed[UnresolvedRow]:
    """Return a school's unresolved marks with their pupils, the oldest first."""
    return await _oldest_first(tx, _OF_SCHOOL.bindparams(of_urn=urn), page)


async def of_area(tx: Transaction, la_code: str | None, district: str | None, page: PageQuery) -> Listed[UnresolvedRow]:
    """Return the unresolved marks of an authority's or a district's schools, or of all, with their pupils, the oldest first."""
    return await _oldest_first(tx, _OF_AREA.bindparams(la_code=la_code, district=district), page)


async def _oldest_first(tx: Transaction, marks: TextualSelect, page: PageQuery) -> Listed[UnresolvedRow]:
    found = marks.subquery()
    order = Order((found.c.date, found.c.session, found.c.pupil_id, found.c.urn))
    return await fetch_page(tx, select(found), UnresolvedRow, order, page)


async def registered_days(tx: Transaction, spans: Sequence[tuple[int, date, date]]) -> list[tuple[int, date]]:
    """Return the days of which schools have sent a register, of each between a first day and a last."""
    asked = {"urns": [urn for urn, _, _ in spans], "firsts": [first for _, first, _ in spans], "lasts": [last for _, _, last in spans]}
    return [(row.urn, row.date) for row in await tx.execute(_REGISTERED, asked)] if spans else []
