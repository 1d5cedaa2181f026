"""Who reads the topics that a service publishes or consumes, how far, and since when something waits to be read.

A worker looks at it twice a minute and stores it, so that its service can show it without asking the broker. A reader that was seen once
is remembered, whatever the broker still has of it, until an operator removes it: what it has not read is kept for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from shared.database import Database, Transaction
from shared.database.bells import OUTBOX, ring_after_commit
from shared.database.rows import fetch_all
from shared.messaging.messages import Standing, TopicPartition, Transport

LOOK_SECONDS = 30.0
"""From one look at the readers to the next."""
LATE_SECONDS = 60.0
"""What waits to be read for longer is late."""
BLIND_SECONDS = 120.0
"""Where nobody has looked for longer, nobody knows: the worker does not run, or the broker does not answer."""

_REMEMBERED = text(
    "SELECT reader, topic, partition, next_offset, deleted_at < now() AS expired FROM topic_readers WHERE topic = ANY(:topics)"
)
# Whoever stands still has waited since it was first seen to wait, though the broker has deleted the oldest of what waits meanwhile. What a
# clock that was ahead has dated has waited since it is seen.
_SEEN = text("""
    INSERT INTO topic_readers AS old (reader, topic, partition, next_offset, end_offset, unread_since, deleted_at, seen_at)
    SELECT reader, topic, partition, next_offset, end_offset, CASE WHEN unread_since IS NOT NULL THEN least(unread_since, now()) END, deleted_at, now()
    FROM unnest(
        CAST(:readers AS text[]), CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:next_offsets AS bigint[]),
        CAST(:end_offsets AS bigint[]), CAST(:unread_since AS timestamptz[]), CAST(:deleted_at AS timestamptz[])
    ) AS row (reader, topic, partition, next_offset, end_offset, unread_since, deleted_at)
    ON CONFLICT (reader, topic, partition) DO UPDATE SET
        next_offset = excluded.next_offset, end_offset = excluded.end_offset, seen_at = excluded.seen_at,
        deleted_at = CASE WHEN excluded.next_offset >= excluded.end_offset OR old.next_offset <> excluded.next_offset
                          THEN excluded.deleted_at ELSE least(old.deleted_at, excluded.deleted_at) END,
        unread_since = CASE WHEN excluded.next_offset >= excluded.end_offset OR old.next_offset <> excluded.next_offset
                            THEN excluded.unread_since ELSE least(old.unread_since, excluded.unread_since) END
""")
_PUBLISH_AGAIN = text("""
    UPDATE outbox SET published_at = NULL
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:begins AS bigint[]), CAST(:ends AS bigint[]))
        AS gone (topic, partition, begins, ends)
    WHERE outbox.topic = gone.topic AND outbox.partition = gone.partition AND published_at IS NOT NULL
    AND outbox."offset" >= gone.begins AND outbox."offset" < gone.ends
""")
_FIGURES = """
    SELECT reader, topic, coalesce(sum(end_offset - next_offset) FILTER (WHERE unread_since IS NOT NULL), 0)::bigint AS events,
           coalesce(extract(epoch FROM now() - min(unread_since)), 0)::float AS seconds,
           extract(epoch FROM min(deleted_at) - now())::float AS kept_seconds,
           extract(epoch FROM now() - min(seen_at))::float AS seen_seconds
    FROM topic_readers
"""
_READERS = text(f"{_FIGURES} GROUP BY reader, topic ORDER BY reader, topic")
_DELAY = f"{_FIGURES} WHERE reader = $1 GROUP BY reader, topic ORDER BY seconds DESC, seen_seconds DESC"
_REMOVE = text("DELETE FROM topic_readers WHERE reader = :reader")


@dataclass(frozen=True, slots=True)
class TopicReader:
    """How far a consumer group has read a topic."""

    reader: str
    topic: str
    events: int
    """Events that it has not read yet."""
    seconds: float
    """Age of the oldest of them, 0 where there is none."""
    kept_seconds: float | None
    """Until the broker deletes the oldest of them, read or not; None where nothing waits, or nothing is deleted before it is read."""
    seen_seconds: float
    """How long ago this was looked up."""


@dataclass(frozen=True, slots=True)
class ReaderPosition:
    """Where a consumer group goes on in a partition, and since when something waits there."""

    reader: str
    topic: str
    partition: int
    next_offset: int
    end_offset: int
    unread_since: datetime | None
    deleted_at: datetime | None


async def find_positions(
    transport: Transport, topics: Collection[str], remembered: Mapping[tuple[str, TopicPartition], int]
) -> list[ReaderPosition]:
    """Return where every reader of these topics goes on; those that the transport does not know any more where they were last."""
    ends = await transport.ends(topics)
    positions = dict(remembered)
    for reader, offsets in (await transport.readers(topics)).items():
        positions |= {(reader, partition): offset for partition, offset in offsets.items()}
    waiting: set[Standing] = {(partition, offset) for (_, partition), offset in positions.items() if offset < ends.get(partition, 0)}
    oldest = await transport.oldest(waiting) if waiting else {}
    found = []
    for (reader, partition), offset in positions.items():
        event = oldest.get((partition, offset))
        found.append(
            ReaderPosition(
                reader,
                *partition,
                offset,
                ends.get(partition, 0),
                event and event.stored_at,
                event and event.deleted_at,
            )
        )
    return found


async def look_at_readers(database: Database, transport: Transport, topics: Collection[str]) -> int:
    """Look up how far everybody has read these topics, and store it; return 0, as a job that has nothing more to do.

    What a broker deleted before a reader came to it is in the outbox still. When the reader has gone on past it, it is published again.
    """
    async with database.begin() as tx:
        rows = (await tx.execute(_REMEMBERED, {"topics": list(topics)})).all()
    remembered = {(row.reader, TopicPartition(row.topic, row.partition)): row.next_offset for row in rows}
    expired = {(row.reader, TopicPartition(row.topic, row.partition)) for row in rows if row.expired}
    found = sorted(await find_positions(transport, topics, remembered), key=lambda each: (each.reader, each.topic, each.partition))
    now = {(each.reader, TopicPartition(each.topic, each.partition)): each.next_offset for each in found}
    passed = {
        (partition, offset): now[reader, partition]
        for (reader, partition), offset in remembered.items()
        if (reader, partition) in expired and offset < now[reader, partition]
    }
    oldest = await transport.oldest(passed) if passed else {}
    gone = [
        (*partition, offset, min(oldest[partition, offset].offset if (partition, offset) in oldest else reached, reached))
        for (partition, offset), reached in passed.items()
    ]
    async with database.begin() as tx:
        if gone:
            await tx.execute(
                _PUBLISH_AGAIN, dict(zip(("topics", "partitions", "begins", "ends"), map(list, zip(*gone, strict=True)), strict=True))
            )
            ring_after_commit(tx, OUTBOX)
        await tx.execute(
            _SEEN,
            {
                "readers": [each.reader for each in found],
                "topics": [each.topic for each in found],
                "partitions": [each.partition for each in found],
                "next_offsets": [each.next_offset for each in found],
                "end_offsets": [each.end_offset for each in found],
                "unread_since": [each.unread_since for each in found],
                "deleted_at": [each.deleted_at for each in found],
            },
        )
    return 0


async def read_topic_readers(tx: Transaction) -> list[TopicReader]:
    """Return how far everybody has read the topics that this service publishes or consumes, as it was looked up last."""
    return await fetch_all(tx, _READERS, TopicReader)


async def find_delay(database: Database, reader: str, *, seconds: float) -> str | None:
    """Return why a reader may be behind what was published, in plain words; None where it has read what is older than a minute.

    A reader that was never looked up has nothing to be behind: its service has just been installed. Raise TimeoutError if the database
    does not answer within so many seconds.
    """
    for row in await database.fetch_alone(_DELAY, reader, seconds=seconds):
        if row["seconds"] > LATE_SECONDS:
            return f"{row['events']} events of {row['topic']} have not been read, the oldest for {row['seconds']:.0f} seconds"
        if row["seen_seconds"] > BLIND_SECONDS:
            return f"Nobody has looked for {row['seen_seconds']:.0f} seconds whether everything was read: the worker or the broker is away"
    return None


async def remove_reader(tx: Transaction, reader: str) -> int:
    """Keep nothing more for a reader that is gone for good; return in how many partitions it was remembered."""
    return (await tx.execute(_REMOVE, {"reader": reader})).rowcount
