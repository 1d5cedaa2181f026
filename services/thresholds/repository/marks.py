"""The marks that may matter."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.thresholds.domain.facts import Mark
from services.thresholds.repository.arrays import arrays
from services.thresholds.tables import marks
from shared.attendance.register_codes import all_codes
from shared.attendance.sessions import Half
from shared.database import Transaction
from shared.database.rows import fetch_all, select_columns

ABSENT = frozenset(entry.code for entry in all_codes() if entry.category == "unauthorised")
"""Codes of unauthorised absence at any time: only sessions with one of them can count."""

_ABSENCES_OF_PUPILS_BELOW = text("""
    SELECT asked.id, (
        SELECT count(*) FROM marks WHERE pupil_id = asked.id AND date >= asked.first AND code = ANY(CAST(:absent AS text[]))
    ) AS absences
    FROM unnest(CAST(:ids AS uuid[]), CAST(:firsts AS date[])) AS asked (id, first) JOIN pupils ON pupils.id = asked.id
    WHERE pupils.status = 'below' AND pupils.run_id IS NULL AND NOT EXISTS (SELECT FROM reliances WHERE reliances.pupil_id = asked.id)
""")
_STORE_MARKS = text("""
    INSERT INTO marks (pupil_id, date, session, urn, code, version, covered, revision)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:dates AS date[]), CAST(:halves AS text[]), CAST(:urns AS integer[]),
                         CAST(:codes AS text[]), CAST(:versions AS integer[]), CAST(:covered AS boolean[]), CAST(:revisions AS integer[]))
    ON CONFLICT (pupil_id, date, session, urn) DO UPDATE
    SET code = excluded.code, version = excluded.version, covered = excluded.covered, revision = excluded.revision
    WHERE (marks.version, marks.revision) < (excluded.version, excluded.revision)
""")
_WITH_MARKS = text("""
    SELECT DISTINCT pupil_id FROM marks WHERE pupil_id = ANY(CAST(:ids AS uuid[])) AND date >= :since
""")


@dataclass(frozen=True, slots=True)
class MarkRow:
    """A stored mark, and the record of the child that it was sent under."""

    pupil_id: UUID
    date: date
    session: Half
    urn: int
    code: str
    version: int


async def store_marks(tx: Transaction, sent: Iterable[tuple[UUID, Mark]]) -> None:
    """Store marks that are newer than the stored ones, in order, so that none waits for another in a circle."""
    rows = [(pupil_id, *mark.session, mark.urn, mark.code, mark.version, mark.covered, mark.revision) for pupil_id, mark in sent]
    if rows:
        await tx.execute(_STORE_MARKS, arrays("ids dates halves urns codes versions covered revisions", sorted(rows)))


async def absences_of_pupils_below(tx: Transaction, since: Mapping[UUID, date]) -> dict[UUID, int]:
    """Return how many absences from a day on are stored of each of these pupils who is below and on whose marks nothing relies."""
    found = await tx.execute(_ABSENCES_OF_PUPILS_BELOW, {**arrays("ids firsts", [*since.items()]), "absent": list(ABSENT)})
    return {row.id: row.absences for row in found}


async def pupils_with_marks_since(tx: Transaction, ids: Collection[UUID], since: date) -> Sequence[UUID]:
    """Return those of these pupils who have a stored mark on `since` or later."""
    return (await tx.execute(_WITH_MARKS, {"ids": list(ids), "since": since})).scalars().all()


async def marks_between(tx: Transaction, records: Collection[UUID], first: date, last: date) -> list[MarkRow]:
    """Return the stored marks of a child's records in a period, in the order of the records."""
    found = select_columns(marks, MarkRow).where(marks.c.pupil_id.in_(records), marks.c.date.between(first, last))
    return await fetch_all(tx, found.order_by(marks.c.pupil_id), MarkRow)
