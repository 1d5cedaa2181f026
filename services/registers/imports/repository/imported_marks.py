"""Marks of many registers of one school at once: the same tables as one register's, one statement for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from services.registers.marks.domain.registers import Accepted, SentMark, StoredMark
from services.registers.marks.repository.marks import month_of
from services.registers.tables.schools import schools
from shared.attendance.sessions import Half
from shared.database import Transaction, driver

Place = tuple[date, Half]
"""One register of a school."""


@dataclass(frozen=True, slots=True)
class ImportedMarkRow(StoredMark):
    """A mark of one of several registers as it was stored."""

    date: date
    session: Half


_OPEN = text("UPDATE schools SET revision = revision + :by WHERE urn = :urn RETURNING la_code, revision")

_MISSING = text("SELECT month FROM unnest(CAST(:months AS text[])) AS month WHERE to_regclass(month) IS NULL")

# As for one register (`repository/marks.py`): what is replaced goes to mark_versions by a trigger, which also counts the version.
# Arrays go as text, because the driver looks at every element of a list three times.
_STORE = """
    INSERT INTO marks (pupil_id, date, urn, revision, minutes_late, session, code)
    SELECT sent.pupil_id, register.date, $1, register.revision, sent.minutes_late, register.session, sent.code
    FROM unnest($2::text::uuid[], $3::text::smallint[], $4::text::text[], $5::text::smallint[])
         AS sent (pupil_id, place, code, minutes_late)
    JOIN unnest($6::date[], $7::text[], $8::integer[]) WITH ORDINALITY AS register (date, session, revision, place)
         ON register.place = sent.place
    ORDER BY register.date, register.session, sent.pupil_id
    ON CONFLICT (date, session, pupil_id, urn) DO UPDATE
    SET code = excluded.code, minutes_late = excluded.minutes_late, revision = excluded.revision
    WHERE marks.code IS DISTINCT FROM excluded.code
       OR (excluded.minutes_late IS NOT NULL AND marks.minutes_late IS DISTINCT FROM excluded.minutes_late)
    RETURNING pupil_id, code, version, date, session
"""

_REPLACED = text("""
    SELECT before.date, before.session, before.pupil_id, before.code
    FROM unnest(CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:pupils AS uuid[]), CAST(:revisions AS integer[]))
         AS changed (date, session, pupil_id, revision)
    JOIN mark_versions AS before ON before.date = changed.date AND before.session = changed.session
        AND before.pupil_id = changed.pupil_id AND before.urn = :urn AND before.superseded_revision = changed.revision
""")

_RECEIPTS = text("""
    INSERT INTO receipts (urn, revision, date, session, source, caller, by_name, reason)
    SELECT :urn, written.revision, written.date, written.session, 'import', :caller, :by_name, :reason
    FROM unnest(CAST(:revisions AS integer[]), CAST(:dates AS date[]), CAST(:halves AS text[])) AS written (revision, date, session)
""")

# A file that is imported again finds the same marks waiting, and adds nothing to them.
_QUARANTINE = text("""
    INSERT INTO quarantine (urn, date, session, upn, code, minutes_late, reason, revision)
    SELECT :urn, sent.date, sent.session, sent.upn, sent.code, sent.minutes_late, sent.reason, sent.revision
    FROM unnest(CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:upns AS text[]), CAST(:codes AS text[]), CAST(:minutes AS smallint[]),
                CAST(:reasons AS text[]), CAST(:revisions AS integer[]))
         WITH ORDINALITY AS sent (date, session, upn, code, minutes_late, reason, revision, place)
    WHERE NOT EXISTS (
        SELECT FROM quarantine AS before
        WHERE before.urn = :urn AND before.upn = sent.upn AND before.date = sent.date AND before.session = sent.session
          AND before.code = sent.code AND before.minutes_late IS NOT DISTINCT FROM sent.minutes_late
          AND before.reason = sent.reason AND before.released_at IS NULL
    )
    ORDER BY sent.place
    RETURNING revision
""")


async def schools_by_number(tx: Transaction, la_code: str, establishment_number: str) -> Sequence[Row[Any]]:
    """Return the known schools with this authority's and establishment's number."""
    query = select(schools.c.urn).where(schools.c.la_code == la_code, schools.c.establishment_number == establishment_number)
    found: Sequence[Any] = (await tx.execute(query)).all()
    return found


async def open_school(tx: Transaction, urn: int, registers: int) -> Row[Any] | None:
    """Hold a school and raise its revision by so many registers: la_code and the last revision; None where there is no such school."""
    return (await tx.execute(_OPEN, {"urn": urn, "by": registers})).first()


async def missing_months(tx: Transaction, days: Sequence[date]) -> list[date]:
    """Return a day of each month among these that has no partition yet."""
    months = {month_of(day): day for day in days}
    rows = (await tx.execute(_MISSING, {"months": list(months)})).scalars().all()
    return [months[name] for name in rows]


async def store_marks(
    tx: Transaction, urn: int, revisions: Mapping[Place, int], accepted: Mapping[Place, Mapping[UUID, Accepted]]
) -> list[ImportedMarkRow]:
    """Store the marks of several registers; return those that changed."""
    places = sorted(place for place, marks in accepted.items() if marks)
    if not places:
        return []
    rows = [
        (pupil.hex, str(number), _quoted(mark.code), "NULL" if mark.minutes_late is None else str(mark.minutes_late))
        for number, place in enumerate(places, start=1)
        for pupil, mark in accepted[place].items()
    ]
    sent = ["{" + ",".join(column) + "}" for column in zip(*rows, strict=True)]
    registers = [day for day, _ in places], [half for _, half in places], [revisions[place] for place in places]
    return [ImportedMarkRow(*row) for row in await (await driver(tx)).fetch(_STORE, urn, *sent, *registers)]


@cache
def _quoted(code: str) -> str:
    """Return a register code as an element of an array's text."""
    return '"' + code.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def replaced_codes(
    tx: Transaction, urn: int, revisions: Mapping[Place, int], amended: Sequence[ImportedMarkRow]
) -> dict[Place, dict[UUID, str]]:
    """Return the codes that these revisions replaced, by register and pupil."""
    if not amended:
        return {}
    sent = {
        "dates": [row.date for row in amended],
        "halves": [row.session for row in amended],
        "pupils": [row.pupil_id for row in amended],
        "revisions": [revisions[row.date, row.session] for row in amended],
    }
    found: dict[Place, dict[UUID, str]] = {}
    for row in await tx.execute(_REPLACED, {"urn": urn, **sent}):
        found.setdefault((row.date, row.session), {})[row.pupil_id] = row.code
    return found


async def add_receipts(tx: Transaction, urn: int, written: Mapping[Place, int], caller: str, by_name: str, reason: str) -> None:
    """Record that registers were written to by an import."""
    if written:
        places = {"revisions": list(written.values()), "dates": [day for day, _ in written], "halves": [half for _, half in written]}
        await tx.execute(_RECEIPTS, {"urn": urn, "caller": caller, "by_name": by_name, "reason": reason, **places})


async def quarantine_marks(tx: Transaction, urn: int, rejected: Sequence[tuple[Place, int, SentMark, str]]) -> set[int]:
    """Keep rejected marks (register, revision, mark, reason) that do not wait already; return the revisions that brought any."""
    if not rejected:
        return set()
    sent = {
        "dates": [place[0] for place, _, _, _ in rejected],
        "halves": [place[1] for place, _, _, _ in rejected],
        "upns": [mark.upn for _, _, mark, _ in rejected],
        "codes": [mark.code for _, _, mark, _ in rejected],
        "minutes": [mark.minutes_late for _, _, mark, _ in rejected],
        "reasons": [reason for _, _, _, reason in rejected],
        "revisions": [revision for _, revision, _, _ in rejected],
    }
    return set((await tx.execute(_QUARANTINE, {"urn": urn, **sent})).scalars().all())
