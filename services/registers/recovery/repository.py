"""Schools, marks and pupils, written as events have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.registers.marks.domain.registers import LockedRegister
from services.registers.marks.repository.marks import month_of
from shared.attendance.sessions import Half
from shared.contracts.registers import ReasonOverdue, RecordedMark
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one

BY = "recovery"
"""Who stored what was brought back."""

_ADD_SCHOOL = text("""
    INSERT INTO schools (urn, name, la_code, establishment_number, phase, stored_by) VALUES (:urn, :words, :la_code, '', :words, :by)
    ON CONFLICT DO NOTHING
""")
_LOCK_SCHOOL = text("""
    UPDATE schools SET revision = greatest(revision, :revision) WHERE urn = :urn
    RETURNING la_code, revision, to_regclass(:month) IS NOT NULL AS has_partition
""")
_RAISE = text("UPDATE schools SET revision = greatest(revision, :revision) WHERE urn = :urn")
_OVERDUE = text("""
    UPDATE unresolved_marks SET due_on = :due_on, computed_on = coalesce(computed_on, :due_on), judged = :judged,
        published_on = CASE WHEN :overdue THEN CAST(:due_on AS date) + 1 END
    WHERE urn = :school AND date = :date AND session = :session AND pupil_id = :pupil_id
""")
_ADD_RECEIPT = text("""
    INSERT INTO receipts (urn, revision, date, session, source, caller, reason)
    VALUES (:urn, :revision, :date, :session, 'register', :by, :words) ON CONFLICT DO NOTHING
""")
_ADD_MARKS = text("""
    INSERT INTO marks (pupil_id, date, urn, revision, session, code)
    SELECT pupil_id, :date, :urn, :revision, :session, CASE WHEN version = 1 THEN code ELSE coalesce(before, code) END
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:codes AS text[]), CAST(:before AS text[]), CAST(:versions AS integer[]))
        AS sent (pupil_id, code, before, version)
    ORDER BY pupil_id ON CONFLICT DO NOTHING RETURNING pupil_id
""")
# Minutes alone make a version that no event has: the one before it is written again, so that the next one gets its number.
_ADD_VERSIONS = text("""
    UPDATE marks SET revision = :revision
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:versions AS integer[])) AS sent (pupil_id, version)
    WHERE date = :date AND session = :session AND urn = :urn AND marks.pupil_id = sent.pupil_id AND marks.version < sent.version - 1
""")
_AMEND_MARKS = text("""
    UPDATE marks SET code = sent.code, revision = :revision, minutes_late = NULL
    FROM unnest(CAST(:pupils AS uuid[]), CAST(:codes AS text[]), CAST(:versions AS integer[])) AS sent (pupil_id, code, version)
    WHERE date = :date AND session = :session AND urn = :urn AND marks.pupil_id = sent.pupil_id AND marks.version = sent.version - 1
    RETURNING marks.pupil_id
""")
_ROLLS = text("UPDATE pupils SET revision = :revision, published_rolls = CAST(:state AS jsonb) WHERE id = :pupil AND revision < :revision")
_PARENTS = text("""
    WITH recovered AS (
        UPDATE recovered_pupils SET revision = :revision, published_parents = CAST(:state AS jsonb) WHERE pupil_id = :pupil AND revision < :revision
    )
    UPDATE pupils SET revision = :revision, published_parents = CAST(:state AS jsonb) WHERE id = :pupil AND revision < :revision
""")
_STORED = text("SELECT revision FROM pupils WHERE id = :pupil FOR NO KEY UPDATE")
_RECOVERED = text("""
    INSERT INTO recovered_pupils (pupil_id, upn, revision, published_rolls) VALUES (:pupil, :upn, :revision, CAST(:state AS jsonb))
    ON CONFLICT (pupil_id) DO UPDATE SET upn = excluded.upn, revision = excluded.revision, published_rolls = excluded.published_rolls
    WHERE recovered_pupils.revision < excluded.revision
""")
# A transaction that publishes an event is over before the relay publishes it: only what was brought back has both in one.
_BROUGHT_BACK = text("""
    SELECT type, body FROM outbox WHERE published_at = occurred_at AND type = ANY(CAST(:types AS text[])) ORDER BY position
""")
_SCHOOLS_WITHOUT_WORDS = text("SELECT urn FROM schools WHERE name = :words ORDER BY urn")


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event that was brought back."""

    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _School:
    la_code: str
    revision: int
    has_partition: bool


async def lock_school(tx: Transaction, urn: int, la_code: str, revision: int, day: date, session: Half, words: str) -> LockedRegister:
    """Return a register of a school, which is locked and has come at least to a revision; a school that is not there is made without a name."""
    await provide_school(tx, urn, la_code, words)
    school = await fetch_one(tx, _LOCK_SCHOOL, _School, {"urn": urn, "revision": revision, "month": month_of(day)})
    assert school is not None  # noqa: S101 -- made if it was not there
    return LockedRegister(urn, school.la_code, day, session, revision, school.has_partition)


async def provide_school(tx: Transaction, urn: int, la_code: str, words: str) -> None:
    """Make a school that is not there, with these words in place of its name."""
    await tx.execute(_ADD_SCHOOL, {"urn": urn, "la_code": la_code, "words": words, "by": BY})


async def raise_revision(tx: Transaction, urn: int, revision: int) -> None:
    """Let a school, if it is there, have come at least to a revision."""
    await tx.execute(_RAISE, {"urn": urn, "revision": revision})


async def note_overdue(tx: Transaction, event: ReasonOverdue) -> None:
    """Note whether the time for the reason of a mark has passed, and that this was published, at the soonest on the day after its last."""
    await tx.execute(_OVERDUE, event.model_dump())


async def restore_marks(tx: Transaction, register: LockedRegister, marks: Sequence[RecordedMark], words: str) -> set[UUID]:
    """Store marks with the versions that they have, where none so new is stored; return whose were."""
    where = {"urn": register.urn, "date": register.date, "session": register.session, "revision": register.revision}
    sent = {
        "pupils": [mark.pupil_id for mark in marks],
        "codes": [mark.code for mark in marks],
        "before": [mark.previous_code for mark in marks],
        "versions": [mark.version for mark in marks],
    }
    await tx.execute(_ADD_RECEIPT, {**where, "by": BY, "words": words})
    restored = set((await tx.execute(_ADD_MARKS, where | sent)).scalars())
    if any(mark.version > 1 for mark in marks):
        while (await tx.execute(_ADD_VERSIONS, where | sent)).rowcount:
            pass
        restored |= set((await tx.execute(_AMEND_MARKS, where | sent)).scalars())
    return restored


async def restore_rolls(tx: Transaction, pupil_id: UUID, upn: str, revision: int, state: str) -> None:
    """Store what was published of a pupil's rolls last; of one who is not there, so that they are the same when a school sends them again."""
    sent = {"pupil": pupil_id, "revision": revision, "state": state}
    if (await tx.execute(_STORED, {"pupil": pupil_id})).first() is None:
        await tx.execute(_RECOVERED, {**sent, "upn": upn})
    else:
        await tx.execute(_ROLLS, sent)


async def restore_parents(tx: Transaction, pupil_id: UUID, revision: int, state: str) -> None:
    """Store what was published of a pupil's parents last."""
    await tx.execute(_PARENTS, {"pupil": pupil_id, "revision": revision, "state": state})


async def brought_back(tx: Transaction, types: Sequence[str]) -> list[EventRow]:
    """Return the events of these types that were brought back, as long as the outbox keeps them."""
    return await fetch_all(tx, _BROUGHT_BACK, EventRow, {"types": list(types)})


async def schools_without_words(tx: Transaction, words: str) -> list[int]:
    """Return the schools that were made without a name."""
    return list((await tx.execute(_SCHOOLS_WITHOUT_WORDS, {"words": words})).scalars())
