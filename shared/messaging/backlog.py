"""How much of a service's work waits, and since when: for its figures and for operations."""

from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import text

from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one
from shared.messaging.readers import TopicReader, read_topic_readers
from shared.pauses import Cause

# Every part reads an index of what waits, never the history behind it.
_BACKLOG = text("""
    SELECT outbox.*, letters.*, pause.*, (SELECT count(*) FROM failed_work WHERE next_attempt_at IS NOT NULL) AS failing
    FROM (
        SELECT count(*) AS unpublished, coalesce(extract(epoch FROM now() - min(occurred_at)), 0) AS unpublished_seconds
        FROM outbox WHERE published_at IS NULL
    ) AS outbox, (
        SELECT count(*) FILTER (WHERE topic <> 'due-work' AND error IS NOT NULL) AS failed,
               count(*) FILTER (WHERE error IS NULL) AS waiting,
               coalesce(extract(epoch FROM now() - min(arrived_at) FILTER (WHERE topic <> 'due-work')), 0) AS dead_letter_seconds,
               count(*) FILTER (WHERE topic = 'due-work') AS parked,
               coalesce(extract(epoch FROM now() - min(arrived_at) FILTER (WHERE topic = 'due-work')), 0) AS parked_seconds
        FROM dead_letters WHERE resolved_at IS NULL
    ) AS letters, (
        SELECT max(cause) AS paused, coalesce(extract(epoch FROM now() - min(paused_at)), 0) AS paused_seconds FROM due_work_pause
    ) AS pause
""")
_FAILED_ATTEMPTS = text("SELECT job, attempts FROM failed_attempts ORDER BY job")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in a service; seconds: of the oldest of its kind, 0 where there is none."""

    unpublished: int
    """Events in the outbox that are still to be published."""
    unpublished_seconds: float
    failed: int
    """Dead letters that await an operator: events that failed for good."""
    waiting: int
    """Events that wait behind those."""
    dead_letter_seconds: float
    parked: int
    """Due work that failed so often that it awaits an operator."""
    parked_seconds: float
    failing: int
    """Due work that failed and is tried again."""
    readers: list[TopicReader] = field(default_factory=list)
    """How far everybody has read the topics that the service publishes or consumes."""
    paused: Cause | None = None
    """Why due work is paused, if it is: a long absence, or a clock."""
    paused_seconds: float = 0


@dataclass(frozen=True, slots=True)
class FailedAttempts:
    """How many attempts of a job ever failed."""

    job: str
    attempts: int


async def read_backlog(tx: Transaction) -> Backlog:
    """Return what waits now."""
    found = await fetch_one(tx, _BACKLOG, partial(Backlog, readers=await read_topic_readers(tx)))
    assert found is not None  # noqa: S101 -- it has always one row
    return found


async def read_failed_attempts(tx: Transaction) -> list[FailedAttempts]:
    """Return how many attempts of each job ever failed, where any did."""
    return await fetch_all(tx, _FAILED_ATTEMPTS, FailedAttempts)
