"""What there is to be published again, and the changes of marks relied on as they were published."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.thresholds.domain.runs import PUBLISHED_STEPS
from services.thresholds.domain.sessions import Session
from services.thresholds.repository.arrays import arrays
from services.thresholds.repository.marks import ABSENT
from shared.attendance.sessions import Half
from shared.comparisons import KeyRange
from shared.database import Transaction
from shared.database.rows import fetch_all
from shared.ids import new_id
from shared.messaging.state import Extent, find_keys, id_of

# A day more on either side: an instant's day is that of London.
_RUNS = text("""
    SELECT CAST(pupil_id AS text) FROM run_steps
    WHERE pupil_id > CAST(:id AS uuid) AND recorded_at >= CAST(:first AS date) - 1 AND recorded_at < CAST(:last AS date) + 2 AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
      AND (CAST(:school AS integer) IS NULL OR EXISTS (SELECT FROM rolls WHERE rolls.urn = :school AND rolls.pupil_id = run_steps.pupil_id))
    GROUP BY pupil_id ORDER BY pupil_id LIMIT :limit
""")
_APPROACHES = text("""
    SELECT CAST(id AS text) FROM pupils
    WHERE status = 'approaching' AND id > CAST(:id AS uuid) AND (CAST(:pupil AS uuid) IS NULL OR id = :pupil)
      AND (CAST(:school AS integer) IS NULL OR EXISTS (SELECT FROM rolls WHERE rolls.urn = :school AND rolls.pupil_id = pupils.id))
    ORDER BY id LIMIT :limit
""")
_FIND_MARK_CHANGES = text("""
    SELECT CAST(id AS text) FROM mark_changes
    WHERE id > CAST(:id AS uuid) AND recorded_at >= CAST(:first AS date) - 1 AND recorded_at < CAST(:last AS date) + 2 AND (CAST(:pupil AS uuid) IS NULL OR pupil_id = :pupil)
      AND (CAST(:school AS integer) IS NULL OR CAST(body ->> 'urn' AS integer) = :school)
    ORDER BY id LIMIT :limit
""")
_MARK_CHANGES = text("SELECT CAST(body AS text) FROM mark_changes WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id")
_COUNT_LOST = text("""
    SELECT count(*) FROM mark_changes
    WHERE pupil_id = :pupil AND CAST(body ->> 'urn' AS integer) = :urn AND body ->> 'date' = :date AND body ->> 'session' = :half
      AND body ->> 'loss_id' IS NOT NULL
""")
_COUNT_STORED = text("SELECT count(*) FROM outbox WHERE published_at IS NULL AND xmin = CAST(pg_current_xact_id() AS xid)")
_ADD_MISSING_MARK_CHANGE = text("""
    INSERT INTO mark_changes (id, pupil_id, body) SELECT :id, :pupil, CAST(:body AS jsonb)
    WHERE NOT EXISTS (SELECT FROM mark_changes WHERE pupil_id = :pupil AND body = CAST(:body AS jsonb))
""")
_ADD_MARK_CHANGES = text("""
    INSERT INTO mark_changes (id, pupil_id, body)
    SELECT id, pupil_id, CAST(body AS jsonb) FROM unnest(CAST(:ids AS uuid[]), CAST(:pupils AS uuid[]), CAST(:bodies AS text[])) AS new (id, pupil_id, body)
""")


_MARKS_OF_PUPILS = text("""
    SELECT pupil.id, mark.date, mark.session, mark.urn, mark.code, mark.version FROM (
        SELECT id FROM pupils WHERE id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
    ) AS pupil LEFT JOIN marks AS mark ON mark.pupil_id = pupil.id AND mark.code = ANY(CAST(:absent AS text[]))
    ORDER BY pupil.id, mark.date, mark.session, mark.urn
""")
_NOTICES = text("""
    SELECT id, kind, CAST(marks AS text) AS marks, withdrawn_on FROM reliances
    WHERE kind <> 'prosecution-file' AND id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR id <= :until) ORDER BY id LIMIT :limit
""")


# A run that people's acts ended since is published no more: what it led to they did themselves.
_LAST_PUBLISHED = text("""
    SELECT run_id AS id, max(revision) AS revision FROM run_steps
    WHERE run_id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR run_id <= :until)
    GROUP BY run_id HAVING (array_agg(step ORDER BY revision DESC))[1] = ANY(CAST(:published AS text[])) ORDER BY run_id LIMIT :limit
""")
_CLOSED_CASES = text("""
    SELECT case_id AS id, closed_on FROM closed_cases
    WHERE case_id > CAST(:after AS uuid) AND (CAST(:until AS uuid) IS NULL OR case_id <= :until) ORDER BY case_id LIMIT :limit
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOfPupilRow:
    """A stored mark; null where the pupil has none."""

    id: UUID
    session: Half | None
    urn: int | None
    code: str | None
    version: int | None
    date: date | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice, the marks it relies on as JSON, and when it was withdrawn."""

    id: UUID
    kind: str
    marks: str
    withdrawn_on: date | None


async def marks_of_pupils(tx: Transaction, keys: KeyRange) -> list[MarkOfPupilRow]:
    """Return the marks of unauthorised absence of the pupils of a range, and one row without a mark for a pupil who has none."""
    return await fetch_all(tx, _MARKS_OF_PUPILS, MarkOfPupilRow, {**asdict(keys), "absent": sorted(ABSENT)})


async def notices(tx: Transaction, keys: KeyRange) -> list[NoticeRow]:
    """Return the notices of a range."""
    return await fetch_all(tx, _NOTICES, NoticeRow, asdict(keys))


@dataclass(frozen=True, slots=True)
class PublishedRunRow:
    """A run, and the revision of it that was published last."""

    id: UUID
    revision: int


@dataclass(frozen=True, slots=True)
class ClosedCaseRow:
    """A case that was closed, and when."""

    id: UUID
    closed_on: date


async def published_runs(tx: Transaction, keys: KeyRange) -> list[PublishedRunRow]:
    """Return the runs of a range that are met or withdrawn, and that nobody's act ended."""
    return await fetch_all(tx, _LAST_PUBLISHED, PublishedRunRow, {**asdict(keys), "published": list(PUBLISHED_STEPS)})


async def closed_cases(tx: Transaction, keys: KeyRange) -> list[ClosedCaseRow]:
    """Return the closed cases of a range."""
    return await fetch_all(tx, _CLOSED_CASES, ClosedCaseRow, asdict(keys))


async def find_runs(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return pupils with a run of which something was published in the period."""
    return await find_keys(tx, _RUNS, extent, limit, id=id_of(after))


async def find_approaches(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return pupils who approach the threshold."""
    return await find_keys(tx, _APPROACHES, extent, limit, id=id_of(after))


async def find_mark_changes(tx: Transaction, extent: Extent, after: str, limit: int) -> Sequence[str]:
    """Return changes of marks relied on, in the order in which they were published."""
    return await find_keys(tx, _FIND_MARK_CHANGES, extent, limit, id=id_of(after))


async def add_mark_changes(tx: Transaction, published: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Store changes of marks relied on, each under its id with the pupil and the event's body as JSON."""
    if published:
        await tx.execute(_ADD_MARK_CHANGES, arrays("ids pupils bodies", list(published)))


async def mark_changes(tx: Transaction, keys: Sequence[str]) -> Sequence[str]:
    """Return the bodies of changes, as JSON, in the order in which they were published."""
    return (await tx.execute(_MARK_CHANGES, {"ids": [UUID(key) for key in keys]})).scalars().all()


async def count_lost(tx: Transaction, pupil_id: UUID, urn: int, session: Session) -> int:
    """Return how often it was published that a session was lost to what relies on it."""
    asked = {"pupil": pupil_id, "urn": urn, "date": session.date.isoformat(), "half": session.half}
    found: int = (await tx.execute(_COUNT_LOST, asked)).scalar_one()
    return found


async def count_to_be_published(tx: Transaction) -> int:
    """Return how many events this transaction has stored to be published."""
    found: int = (await tx.execute(_COUNT_STORED)).scalar_one()
    return found


async def add_missing_mark_change(tx: Transaction, pupil_id: UUID, body: str) -> None:
    """Store a change of a mark relied on, by its event's body as JSON, unless it is stored."""
    await tx.execute(_ADD_MISSING_MARK_CHANGE, {"id": new_id(), "pupil": pupil_id, "body": body})
