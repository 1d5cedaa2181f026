"""Marks of many registers of one school at once: the same tables as one register's, one statement for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from services.registers.marks.domain.registers import Accepted, SentMark, StoredMark
from services.registers.marks.repository.marks import month_of
from services.registers.tables.schools import schools
from shared.attendance.sessions import Half
from shared.database import Transaction, driver


class SessionKey(NamedTuple):
    """One register of a school."""

    date: date
    session: Half


class LockedSchool(NamedTuple):
    """A school that is locked, and the last of the revisions that were reserved."""

    la_code: str
    revision: int


@dataclass(frozen=True, slots=True)
class ImportedMarkRow(StoredMark):
    """A mark of one of several registers as it was stored."""

    date: date
    session: Half


_LOCK = text("UPDATE schools SET revision = revision + :by WHERE urn = :urn RETURNING la_code, revision")

_MISSING = text("SELECT month FROM unnest(CAST(:months AS text[])) AS month WHERE to_regclass(month) IS NULL")

# As for one register (`repository/marks.py`): what is replaced goes to mark_versions by a trigger, which also counts the version.
# Arrays go as text, because the driver looks at every element of a list three times.
_STORE = """
    INSERT INTO marks (pupil_id, date, urn, revision, minutes_late, session, code)
    SELECT sent.pupil_id, register.date, $1, register.revision, sent.minutes_late, register.session, sent.code
    FROM unnest($2::text::uuid[], $3::text::smallint[], $4::text::text[], $5::text::smallint[])
         AS sent (pupil_id, register, code, minutes_late)
    JOIN unnest($6::date[], $7::text[], $8::integer[]) WITH ORDINALITY AS register (date, session, revision, number)
         ON register.number = sent.register
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

# A file that is imported again finds the same marks waiting, and adds nothing to them. Each line looks for its own by their key: LIMIT, or
# the planner would rather read everything that waits for a pupil once than look a thousand times.
_QUARANTINE = text("""
    INSERT INTO quarantine (urn, date, session, upn, code, minutes_late, reason, revision)
    SELECT :urn, sent.date, sent.session, sent.upn, sent.code, sent.minutes_late, sent.reason, sent.revision
    FROM unnest(CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:upns AS text[]), CAST(:codes AS text[]), CAST(:minutes AS smallint[]),
                CAST(:reasons AS text[]), CAST(:revisions AS integer[]))
         WITH ORDINALITY AS sent (date, session, upn, code, minutes_late, reason, revision, number)
    LEFT JOIN LATERAL (
        SELECT true AS waits FROM quarantine
        WHERE urn = :urn AND upn = sent.upn AND date = sent.date AND session = sent.session AND code = sent.code
          AND minutes_late IS NOT DISTINCT FROM sent.minutes_late AND reason = sent.reason AND released_at IS NULL
        LIMIT 1
    ) AS before ON true
    WHERE before.waits IS NULL
    ORDER BY sent.number
    RETURNING revision
""")

LINES_PER_STATEMENT = 1_000
"""Rejected marks that one statement looks for and stores."""


async def schools_by_number(tx: Transaction, la_code: str, establishment_number: str) -> list[int]:
    """Return the schools with this authority's and establishment's number."""
    query = select(schools.c.urn).where(schools.c.la_code == la_code, schools.c.establishment_number == establishment_number)
    return list((await tx.execute(query)).scalars())


async def lock_school(tx: Transaction, urn: int, revisions: int) -> LockedSchool:
    """Lock a school and raise its revision by so many."""
    return LockedSchool(*(await tx.execute(_LOCK, {"urn": urn, "by": revisions})).one())


async def missing_months(tx: Transaction, days: Sequence[date]) -> list[date]:
    """Return a day of each month among these that has no partition yet."""
    months = {month_of(day): day for day in days}
    rows = (await tx.execute(_MISSING, {"months": list(months)})).scalars().all()
    return [months[name] for name in rows]


async def store_marks(
    tx: Transaction, urn: int, revisions: Mapping[SessionKey, int], accepted: Mapping[SessionKey, Mapping[UUID, Accepted]]
) -> list[ImportedMarkRow]:
    """Store the marks of several registers; return those that changed."""
    keys = sorted(key for key, marks in accepted.items() if marks)
    if not keys:
        return []
    rows = [
        (pupil.hex, str(number), _quoted(mark.code), "NULL" if mark.minutes_late is None else str(mark.minutes_late))
        for number, key in enumerate(keys, start=1)
        for pupil, mark in accepted[key].items()
    ]
    sent = ["{" + ",".join(column) + "}" for column in zip(*rows, strict=True)]
    registers = [day for day, _ in keys], [half for _, half in keys], [revisions[key] for key in keys]
    return [ImportedMarkRow(*row) for row in await (await driver(tx)).fetch(_STORE, urn, *sent, *registers)]


@cache
def _quoted(code: str) -> str:
    """Return a register code as an element of an array's text."""
    return '"' + code.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def replaced_codes(
    tx: Transaction, urn: int, revisions: Mapping[SessionKey, int], amended: Sequence[ImportedMarkRow]
) -> dict[SessionKey, dict[UUID, str]]:
    """Return the codes that these revisions replaced, by register and pupil."""
    if not amended:
        return {}
    sent = {
        "dates": [row.date for row in amended],
        "halves": [row.session for row in amended],
        "pupils": [row.pupil_id for row in amended],
        "revisions": [revisions[SessionKey(row.date, row.session)] for row in amended],
    }
    found: dict[SessionKey, dict[UUID, str]] = {}
    for row in await tx.execute(_REPLACED, {"urn": urn, **sent}):
        found.setdefault(SessionKey(row.date, row.session), {})[row.pupil_id] = row.code
    return found


async def add_receipts(tx: Transaction, urn: int, written: Mapping[SessionKey, int], caller: str, by_name: str, reason: str) -> None:
    """Record that registers were written to by an import."""
    if written:
        columns = {"revisions": list(written.values()), "dates": [day for day, _ in written], "halves": [half for _, half in written]}
        await tx.execute(_RECEIPTS, {"urn": urn, "caller": caller, "by_name": by_name, "reason": reason, **columns})


async def quarantine_marks(tx: Transaction, urn: int, rejected: Sequence[tuple[SessionKey, int, SentMark, str]]) -> set[int]:
    """Keep rejected marks (register, revision, mark, reason) that do not wait already; return the revisions that brought any.

    Of several that are alike the last one is kept: when a roll explains them, the last mark of a session counts.
    """
    different = {(key, mark.upn, mark.code, mark.minutes_late, reason): revision for key, revision, mark, reason in reversed(rejected)}
    lines = [(*key, upn, code, minutes, reason, revision) for (key, upn, code, minutes, reason), revision in reversed(different.items())]
    kept: set[int] = set()
    for start in range(0, len(lines), LINES_PER_STATEMENT):
        columns = zip(*lines[start : start + LINES_PER_STATEMENT], strict=True)
        sent = dict(zip(("dates", "halves", "upns", "codes", "minutes", "reasons", "revisions"), map(list, columns), strict=True))
        kept |= set((await tx.execute(_QUARANTINE, {"urn": urn, **sent})).scalars())
    return kept
