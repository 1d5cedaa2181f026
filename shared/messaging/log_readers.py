"""Where the groups that read the log go on: reported by their members, for whoever must know what has been read."""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import asyncpg
import structlog

from shared.messaging.messages import TopicPartition

log = structlog.get_logger()

REPORT_SECONDS = 3.0
"""From one report of a member that moves to the next; one that stands still reports nothing."""

READERS_TABLE = """
CREATE TABLE IF NOT EXISTS log_readers (
    reader text, topic text, partition integer, next_offset bigint NOT NULL, reported_at timestamptz NOT NULL,
    PRIMARY KEY (reader, topic, partition)
);
"""
# An offset only grows; one that was loaded from the consumer's database, or begins a log anew, replaces what was reported before `as_of`.
_REPORT = """
INSERT INTO log_readers AS old (reader, topic, partition, next_offset, reported_at) VALUES ($1, $2, $3, $4, clock_timestamp())
ON CONFLICT (reader, topic, partition) DO UPDATE SET next_offset = excluded.next_offset, reported_at = excluded.reported_at
WHERE excluded.next_offset > old.next_offset OR old.reported_at < $5
"""
_READERS = "SELECT reader, topic, partition, next_offset FROM log_readers WHERE topic = ANY($1::text[])"


class Reports:
    """What a member of a group has still to report of where the group goes on. The consumer's own database decides; this is for others."""

    def __init__(self, reader: str) -> None:
        self.unreported: dict[TopicPartition, int] = {}
        self._reader = reader
        self._loaded_at: dict[TopicPartition, datetime] = {}
        self._due_at = 0.0

    def moved(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Take note of what the consumer stored."""
        self.unreported |= offsets

    def loaded(self, offsets: Mapping[TopicPartition, int], read_at: datetime) -> None:
        """Take note of where reading begins, by an offset that was looked up after an instant of the log's clock."""
        self.unreported |= offsets
        self._loaded_at |= dict.fromkeys(offsets, read_at)

    async def write_if_due(self, connection: Any) -> None:
        """Report, unless nothing has moved or the last report is a moment ago; a failure delays the report."""
        if self.unreported and time.monotonic() >= self._due_at:
            self._due_at = time.monotonic() + REPORT_SECONDS
            try:
                await self.write(connection)
            except asyncpg.PostgresError as error:
                log.warning("reader not reported", consumer=self._reader, error=type(error).__name__)

    async def write(self, connection: Any) -> None:
        """Report what is unreported."""
        await connection.executemany(
            _REPORT, [(self._reader, *partition, offset, self._loaded_at.get(partition)) for partition, offset in self.unreported.items()]
        )
        self.unreported, self._loaded_at = {}, {}


async def read_readers(connection: Any, topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
    """Return the offset at which each group goes on in these topics, as its members reported it last."""
    found: defaultdict[str, dict[TopicPartition, int]] = defaultdict(dict)
    for reader, topic, number, offset in await connection.fetch(_READERS, list(topics)):
        found[reader][TopicPartition(topic, number)] = offset
    return found
