"""The durable log in PostgreSQL: the transport of the embedded default.

Offsets are dense and become visible in order, because whoever appends to a partition holds its row in `log_partitions` until commit;
so a reader that goes on from its last offset can miss nothing. There is no group protocol: every member of a group reads every
partition, and the compare-and-set on the consumer's stored offset lets one of them handle each message; the others stand by.
One partition per topic is enough: only one service appends to it and one member at a time reads it, and its order is then total.
"""

import asyncio
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import structlog

from shared import clock
from shared.database.bells import LOOK_SECONDS, NOTIFY, QUIET_SECONDS, bells_of
from shared.database.locks import Lock
from shared.messaging.log_damage import LogDamaged
from shared.messaging.log_readers import READERS_TABLE, Reports, read_readers
from shared.messaging.messages import LoadOffsets, Message, Oldest, Received, Standing, TopicPartition, read_headers
from shared.messaging.position import Position
from shared.messaging.set_aside import refusals_of_postgresql
from shared.messaging.tail import Tail

log = structlog.get_logger()

KEPT = timedelta(days=30)
"""How long events stay at least, as on Kafka, and then until every reader has read them."""
POLL_SECONDS = 0.02
"""From one look for new events to the next, for a while after some were found; after that a topic's bell is waited for."""
TRIM_SECONDS = 3600
CONNECT_SECONDS, COMMAND_SECONDS = 5.0, 30.0
"""How long the log's database may take over a connection, and over a statement."""

_TABLES = f"""
SELECT pg_advisory_xact_lock({Lock.LOG_TABLES});
CREATE TABLE IF NOT EXISTS log_partitions (
    topic text, partition integer, next_offset bigint NOT NULL DEFAULT 0, PRIMARY KEY (topic, partition)
);
CREATE TABLE IF NOT EXISTS log_events (
    topic text, partition integer, "offset" bigint, event_id uuid NOT NULL, key text NOT NULL, type text NOT NULL,
    body bytea NOT NULL, headers jsonb NOT NULL, appended_at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition, "offset"), UNIQUE (topic, event_id)
);
"""
_ADD_PARTITIONS = "INSERT INTO log_partitions SELECT * FROM unnest($1::text[], $2::integer[]) ON CONFLICT DO NOTHING"
_LOCK_PARTITIONS = """
SELECT FROM log_partitions JOIN unnest($1::text[], $2::integer[]) AS wanted (topic, partition) USING (topic, partition)
ORDER BY topic, partition FOR UPDATE OF log_partitions
"""
# A statement of its own after the lock: only then does it see what the last holder of the partition appended.
# What a relay repeats is there already and is left out before offsets are given, so that they stay dense.
_APPEND = """
WITH arriving AS (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::jsonb[])
        WITH ORDINALITY AS row (topic, partition, event_id, key, type, body, headers, number)
), present AS (
    SELECT topic, partition, "offset", event_id FROM unnest($1::text[], $3::uuid[]) AS row (topic, event_id) JOIN log_events USING (topic, event_id)
), fresh AS (
    SELECT DISTINCT ON (topic, event_id) * FROM arriving
    WHERE (topic, event_id) NOT IN (SELECT topic, event_id FROM present)
    ORDER BY topic, event_id, number
), stored AS (
    INSERT INTO log_events
    SELECT topic, partition, next_offset + row_number() OVER (PARTITION BY topic, partition ORDER BY number) - 1,
           event_id, key, type, body, headers, clock_timestamp()
    FROM fresh JOIN log_partitions USING (topic, partition)
    RETURNING topic, partition, "offset", event_id
), moved AS (
    UPDATE log_partitions SET next_offset = next_offset + added
    FROM (SELECT topic, partition, count(*) AS added FROM stored GROUP BY topic, partition) AS sums
    WHERE (log_partitions.topic, log_partitions.partition) = (sums.topic, sums.partition)
)
SELECT topic, partition, "offset", event_id, true AS appended FROM stored
UNION ALL SELECT topic, partition, "offset", event_id, false FROM present
ORDER BY topic, partition, "offset"
"""
# One row per partition whose end is not where reading stands, or of which that is not sure yet, with the events from there on; none
# where nothing is new.
_READ = """
SELECT part.topic, part.partition, part.next_offset, event.*
FROM log_partitions part
LEFT JOIN unnest($2::text[], $3::integer[], $4::bigint[], $6::boolean[]) AS at (topic, partition, reading, unsure) USING (topic, partition)
LEFT JOIN LATERAL (
    SELECT "offset", event_id, key, type, CASE WHEN type = ANY($7::text[]) THEN '' ELSE body END AS body, headers FROM log_events
    WHERE topic = part.topic AND partition = part.partition AND "offset" >= at.reading ORDER BY "offset" LIMIT $5
) AS event ON true
WHERE part.topic = ANY($1::text[]) AND (part.next_offset IS DISTINCT FROM at.reading OR at.unsure)
ORDER BY part.topic, part.partition, event."offset"
"""
_ENDS = "SELECT topic, partition, next_offset FROM log_partitions WHERE topic = ANY($1::text[])"
_EVENTS = """
SELECT "offset", event_id, key, type, body, headers FROM log_events
WHERE topic = $1 AND partition = $2 AND "offset" >= $3 ORDER BY "offset" LIMIT $4
"""
_OLDEST = """
SELECT at.*, event.* FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS at (topic, partition, reading) JOIN LATERAL (
    SELECT "offset", appended_at FROM log_events
    WHERE (topic, partition) = (at.topic, at.partition) AND "offset" >= at.reading ORDER BY "offset" LIMIT 1
) AS event ON true
"""
_TRIM = """
DELETE FROM log_events AS event WHERE appended_at < $1 AND NOT EXISTS (
    SELECT FROM log_readers AS reader
    WHERE (reader.topic, reader.partition) = (event.topic, event.partition) AND reader.next_offset <= event."offset"
)
"""


async def _connect(address: str) -> Any:
    return await asyncpg.connect(address, timeout=CONNECT_SECONDS, command_timeout=COMMAND_SECONDS)


async def create_log_tables(url: str) -> None:
    """Create the log's tables where they are missing."""
    connection = await _connect(bells_of(url).address)
    try:
        await connection.execute(_TABLES + READERS_TABLE)
    finally:
        await connection.close()


class LogTransport:
    """Events over tables in PostgreSQL. Every transport on one log must have the same number of partitions, for ever."""

    def __init__(self, database_url: str, *, partitions: int = 1) -> None:
        self.bells = bells_of(database_url)
        self._url = self.bells.address
        self.partitions = partitions
        self.tails: defaultdict[TopicPartition, Tail] = defaultdict(Tail)
        """What this process appended last, for readers in the same process."""
        self._idle: list[Any] = []
        self._watch = clock.Watch()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to delete old events, and to listen to the bells of topics; connections are made when they are needed."""
        self._tasks = [asyncio.create_task(self._keep_trimming()), asyncio.create_task(self.bells.listen())]

    async def stop(self) -> None:
        """Close every connection."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        while self._idle:
            self._idle.pop().terminate()

    async def publish(self, messages: Sequence[Message]) -> list[Standing]:
        """Append messages in order, in one transaction, and return where each stands; those that are there already add nothing."""
        partitions = [TopicPartition(message.topic, zlib.crc32(message.key.encode()) % self.partitions) for message in messages]
        wanted, topics = sorted(set(partitions)), {message.topic for message in messages}
        async with refusals_of_postgresql(), self.connection() as connection, connection.transaction():
            for statement in (_ADD_PARTITIONS, _LOCK_PARTITIONS):
                await connection.execute(statement, [partition.topic for partition in wanted], [partition.number for partition in wanted])
            rows = await connection.fetch(
                _APPEND,
                [partition.topic for partition in partitions],
                [partition.number for partition in partitions],
                [message.event_id for message in messages],
                [message.key for message in messages],
                [message.type for message in messages],
                [message.body for message in messages],
                [orjson.dumps(dict(message.headers)).decode() for message in messages],
            )
            if silent := self.bells.silent(topics):
                await connection.execute(NOTIFY, silent)
        by_id = {message.event_id: message for message in messages}
        standings: dict[tuple[str, UUID], Standing] = {}
        for topic, number, offset, event_id, appended in rows:
            partition = TopicPartition(topic, number)
            standings[topic, event_id] = partition, offset
            if appended:
                self.tails[partition].append(offset, by_id[event_id])
        self.bells.ring(topics)
        return [standings[message.topic, message.event_id] for message in messages]

    def subscribe(self, group: str, topics: Sequence[str], load_offsets: LoadOffsets, *, unread: Collection[str] = ()) -> "LogSubscription":
        """Return a group's subscription, not yet started; events of the types `unread` come without their body."""
        return LogSubscription(self, group, list(topics), load_offsets, sorted(unread))

    async def ends(self, topics: Collection[str]) -> Mapping[TopicPartition, int]:
        """Return the next offset of each partition of these topics."""
        async with self.connection() as connection:
            rows = await connection.fetch(_ENDS, list(topics))
        return {TopicPartition(topic, number): offset for topic, number, offset in rows}

    async def readers(self, topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        """Return the offset at which each group goes on in these topics, as its members reported it last."""
        async with self.connection() as connection:
            return await read_readers(connection, topics)

    async def oldest(self, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
        """Return of the first event that there is at each offset or after it when it was appended."""
        partitions, offsets = [partition for partition, _ in standings], [offset for _, offset in standings]
        async with self.connection() as connection:
            rows = await connection.fetch(_OLDEST, [each.topic for each in partitions], [each.number for each in partitions], offsets)
        return {
            (TopicPartition(topic, number), offset): Oldest(found, appended_at, None) for topic, number, offset, found, appended_at in rows
        }

    async def remove_reader(self, reader: str) -> None:
        """Keep nothing more for a group that is gone for good."""
        async with self.connection() as connection:
            await connection.execute("DELETE FROM log_readers WHERE reader = $1", reader)

    async def read(self, partition: TopicPartition, from_offset: int, limit: int) -> Sequence[Received]:
        """Return the events of a partition from an offset on, at most so many."""
        async with self.connection() as connection:
            rows = await connection.fetch(_EVENTS, partition.topic, partition.number, from_offset, limit)
        position = Position(from_offset, from_offset, None)
        return [position.receive(_message(row, partition.topic), row["offset"]) for row in rows]

    async def trim(self, older_than: datetime) -> int:
        """Delete events appended before an instant that every reader has read; return how many. Offsets go on from where they were."""
        async with self.connection() as connection:
            return int((await connection.execute(_TRIM, older_than)).split()[-1])

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Lend a connection; one that failed is not used again."""
        while self._idle and self._idle[-1].is_closed():
            self._idle.pop()
        connection = self._idle.pop() if self._idle else await _connect(self._url)
        try:
            yield connection
        except BaseException:
            connection.terminate()
            raise
        self._idle.append(connection)

    async def _keep_trimming(self) -> None:
        while True:
            try:
                with self._watch.kept():
                    await self.trim(clock.now() - KEPT)
            except Exception as error:  # noqa: BLE001 -- the next time will do
                log.warning("log not trimmed", error=type(error).__name__)
            await asyncio.sleep(TRIM_SECONDS)


@dataclass
class LogSubscription:
    """A group's reading of some topics: when their bells are rung, at short intervals for a while after that, and rarely all the same."""

    transport: LogTransport
    group: str
    topics: list[str]
    load_offsets: LoadOffsets
    unread: list[str] = field(default_factory=list)
    positions: dict[TopicPartition, Position] = field(default_factory=dict)
    _reports: Reports = field(init=False)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)
    _listening: ExitStack = field(default_factory=ExitStack)
    _found_at: float = 0.0
    _look_at: float = 0.0
    _table_by: float = 0.0

    def __post_init__(self) -> None:
        self._reports = Reports(self.group)

    async def start(self) -> None:
        """Listen to the topics' bells; `fetch` connects."""
        self._rung = self._listening.enter_context(self.transport.bells.listening(*self.topics))
        self._found_at = asyncio.get_running_loop().time()

    async def fetch(self, *, limit: int, wait_seconds: float) -> Mapping[TopicPartition, Sequence[Received]]:
        """Return what came next per partition; nothing after `wait_seconds` without any."""
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_seconds
        while True:
            rung = self._rung.is_set()
            self._rung.clear()
            if loop.time() < self._table_by and (found := self._read_tails(limit)):
                self._found_at = loop.time()
                self._look_at = self._found_at + POLL_SECONDS
                return found
            if rung or loop.time() >= self._look_at:
                self._look_at = 0.0  # if this look fails, or finds something, the next one is at once
                found = await self._read(limit)
                self._table_by = loop.time() + LOOK_SECONDS
                if found:
                    self._found_at = loop.time()
                    return found
                quiet = loop.time() - self._found_at > QUIET_SECONDS
                self._look_at = loop.time() + (LOOK_SECONDS if quiet else POLL_SECONDS)
            if loop.time() >= until:
                return {}
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), min(self._look_at, until) - loop.time())

    async def rewind(self, partition: TopicPartition) -> None:
        """Ask for the stored offset again before the next reading."""
        self._look_at = 0.0
        self.positions.pop(partition, None)

    def holds(self, partition: TopicPartition) -> bool:  # noqa: ARG002 -- the interface
        """Return true: the compare-and-set on the stored offset keeps a second member out."""
        return True

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Take note of the offsets, to be reported with a look at the log some seconds later."""
        self._reports.moved(offsets)

    async def stop(self) -> None:
        """Listen no longer, and report what is left; there is no group to leave."""
        self._listening.close()
        if self._reports.unreported:
            with suppress(Exception):
                async with asyncio.timeout(1), self.transport.connection() as connection:
                    await self._reports.write(connection)

    def _read_tails(self, limit: int) -> dict[TopicPartition, list[Received]]:
        """Return what came next of the partitions whose next event this process appended a short while ago, without asking the database."""
        found: dict[TopicPartition, list[Received]] = {}
        for partition, position in self.positions.items():
            if position.last_event_id is None and partition in self.transport.tails:
                came = self.transport.tails[partition].read(position.reading, limit)
                if came:
                    found[partition] = [position.receive(message, offset) for offset, message in enumerate(came, position.reading)]
        return found

    async def _read(self, limit: int) -> dict[TopicPartition, list[Received]]:
        if not self.positions:  # of every partition, also where nothing was published yet: what will be is kept for this group from now on
            await self._load([TopicPartition(topic, number) for topic in self.topics for number in range(self.transport.partitions)])
        at = list(self.positions.items())
        async with self.transport.connection() as connection:
            await self._reports.write_if_due(connection)
            rows = await connection.fetch(
                _READ,
                self.topics,
                [partition.topic for partition, _ in at],
                [partition.number for partition, _ in at],
                [position.reading for _, position in at],
                limit,
                [position.last_event_id is not None for _, position in at],
                self.unread,
            )
        new = {partition for row in rows if (partition := TopicPartition(row["topic"], row["partition"])) not in self.positions}
        if new:
            await self._load(sorted(new))
            return await self._read(limit)
        found: dict[TopicPartition, list[Received]] = {}
        replaced: set[TopicPartition] = set()
        for row in rows:
            partition, offset = TopicPartition(row["topic"], row["partition"]), row["offset"]
            position = self.positions[partition]
            if partition in replaced:
                continue
            if position.was_replaced(offset, row["event_id"]):
                replaced.add(partition)
                position.resume_at(0, self.group, partition, lost=True)
                self._reports.loaded({partition: 0}, await self._now())
            elif not position.confirm(offset):
                goes_on_at = row["next_offset"] if offset is None else offset
                if goes_on_at != position.reading:
                    # A log that ends before what was read from it was lost, and begins anew.
                    lost = goes_on_at < position.reading
                    position.resume_at(0 if lost else goes_on_at, self.group, partition, lost=lost)
                    if lost:
                        self._reports.loaded({partition: 0}, await self._now())
                if offset is not None:
                    _require_before_the_end(row)
                    found.setdefault(partition, []).append(position.receive(_message(row, partition.topic), offset))
        return found

    async def _load(self, partitions: Sequence[TopicPartition]) -> None:
        now = await self._now()
        stored = await self.load_offsets(partitions)
        self.positions |= {partition: Position.at(offset) for partition, offset in stored.items()}
        self._reports.loaded({partition: offset.next_offset for partition, offset in stored.items()}, now)

    async def _now(self) -> datetime:
        async with self.transport.connection() as connection:
            now: datetime = await connection.fetchval("SELECT clock_timestamp()")
            return now


def _require_before_the_end(row: Any) -> None:
    """Raise LogDamaged for an event past the end of its partition: reading on would begin at the end again and again."""
    if row["offset"] >= row["next_offset"]:
        raise LogDamaged(f"{row['topic']}/{row['partition']} ends before {row['next_offset']} and has an event at {row['offset']}")


def _message(row: Any, topic: str) -> Message:
    return Message(row["event_id"], topic, row["key"], row["type"], row["body"], read_headers(row["headers"]))
