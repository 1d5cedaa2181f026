"""Membership of a Kafka consumer group, with the offsets in the consumer's own database."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import aiokafka
import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError

from shared.messaging.kafka.background_close import BackgroundCloser
from shared.messaging.kafka.undecodable import read_one
from shared.messaging.messages import NO_TYPE, LoadOffsets, Message, Received, TopicPartition, is_readable_type, storable
from shared.messaging.position import Position

log = structlog.get_logger()

FETCH_BYTES = 24_000_000
"""Of one answer of the broker: some nine hundred registers of 375 marks."""
STALE_SECONDS, ANSWER_SECONDS = 0.03, 0.05
"""What waits after so long a time is not all that there is; how long the broker may take to answer what came since."""
POLL_LIMIT_SECONDS = 600
"""A member that does not fetch for so long (its handler waits for something) leaves its partitions to the others."""
FIND_SECONDS = 5
"""How long the broker may take to answer where its partitions begin and end."""


class _Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """What one connection has been assigned, and where it reads.

    `positions` holds the partitions whose reading has begun. One that is assigned but not in it is looked up in the consumer's database first.
    """

    def __init__(self, consumer: AIOKafkaConsumer, group: str) -> None:
        self.consumer = consumer
        self.group = group
        self.assigned: set[TopicPartition] = set()
        self.positions: dict[TopicPartition, Position] = {}
        self.generation = 0
        self.resumed: dict[TopicPartition, int] = {}
        """Where reading went on in partitions since that was last sent to the broker."""

    def on_partitions_revoked(self, revoked: set[aiokafka.TopicPartition]) -> None:  # noqa: ARG002 -- every rebalance revokes all
        """Drop everything: whoever has a partition next asks the database."""
        self.on_partitions_assigned(set())

    def on_partitions_assigned(self, assigned: set[aiokafka.TopicPartition]) -> None:
        """Take note of what is this member's from now on."""
        self.generation += 1
        self.assigned, self.positions = {TopicPartition(*each) for each in assigned}, {}

    async def begin(self, load_offsets: LoadOffsets) -> None:
        """Begin to read newly assigned partitions at the stored offsets."""
        if partitions := sorted(self.assigned - self.positions.keys()):
            generation = self.generation
            stored = await load_offsets(partitions)
            if generation == self.generation:
                await self._resume({partition: Position.at(offset) for partition, offset in stored.items()})

    async def read(self, limit: int, wait_seconds: float) -> dict[TopicPartition, list[Received]]:
        """Return what came next of the partitions whose reading has begun."""
        generation = self.generation
        reading = [aiokafka.TopicPartition(*partition) for partition in self.positions]
        try:
            async with asyncio.timeout(wait_seconds + 1):  # a rebalance would block it for longer
                records = await self.consumer.getmany(*reading, timeout_ms=int(wait_seconds * 1000), max_records=limit)
        except UnicodeDecodeError:
            records = await self._read_one_of_each()
        except (TimeoutError, NoOffsetForPartitionError):
            return {}
        except OffsetOutOfRangeError as error:
            for each in error.args[0]:  # begin anew, by the last event: the log may be another one, and grow past the offset meanwhile
                self.positions.pop(TopicPartition(*each), None)
            return {}
        if generation != self.generation:
            return {}
        came = {partition: list_ for each, list_ in records.items() if (partition := TopicPartition(*each)) in self.positions}
        replaced = {
            partition: self.positions[partition] for partition, list_ in came.items() if self._log_was_replaced(partition, list_[0])
        }
        if replaced:
            await self._resume(replaced, lost=True)
        found = {partition: self._received(partition, list_) for partition, list_ in came.items() if partition not in replaced}
        return {partition: received for partition, received in found.items() if received}

    async def _read_one_of_each(self) -> dict[aiokafka.TopicPartition, list[Any]]:
        """Return the next record of each partition, where the client cannot decode one of them; it stands for itself and its batch."""
        reading = {aiokafka.TopicPartition(*partition): position.reading for partition, position in self.positions.items()}
        found = {}
        async with asyncio.timeout(FIND_SECONDS):
            ends = await self.consumer.end_offsets(list(reading))
        for partition, offset in reading.items():
            with suppress(IllegalStateError, OffsetOutOfRangeError):  # not this member's any more, or found again at the next reading
                if offset < ends[partition] and (record := await read_one(self.consumer, partition, offset)):
                    found[partition] = [record]
        return found

    def _log_was_replaced(self, partition: TopicPartition, first: Any) -> bool:
        position = self.positions[partition]
        return position.last_event_id is not None and position.was_replaced(first.offset, to_message(first).event_id)

    def _received(self, partition: TopicPartition, records: Sequence[Any]) -> list[Received]:
        position = self.positions[partition]
        if position.confirm(records[0].offset):
            records = records[1:]
        if not records:
            return []
        since, first = position.stored, records[0].offset
        if first not in (since, position.reading):
            # A gap is believed when a second reading from the same offset shows it again, so that nothing is skipped by a mistake.
            position.reading = first
            self._seek(partition, since)
            return []
        if first != since:
            topic, number = partition
            log.warning("gap in the log", consumer=self.group, topic=topic, partition=number, since=since, goes_on_at=first)
        return [position.receive(to_message(record), record.offset) for record in records]

    async def _resume(self, positions: Mapping[TopicPartition, Position], *, lost: bool = False) -> None:
        """Go on in partitions at the stored offset, or where the log begins: retention was faster, or it is another log (`lost`)."""
        generation, partitions = self.generation, [aiokafka.TopicPartition(*partition) for partition in positions]
        async with asyncio.timeout(FIND_SECONDS):
            begins = await self.consumer.beginning_offsets(partitions)
            ends = await self.consumer.end_offsets(partitions)
        if generation != self.generation:
            return
        for partition, position in positions.items():
            begin, end = begins[aiokafka.TopicPartition(*partition)], ends[aiokafka.TopicPartition(*partition)]
            self.resumed[partition] = position.stored
            if lost or not begin <= position.stored <= end:
                position.resume_at(begin, self.group, partition, lost=lost or end < position.stored)
                self.resumed[partition] = begin  # what was deleted unread is published again for whoever has gone on past it
            elif begin == position.stored:
                position.confirm(None)  # retention took the event that was handled last
            self.positions[partition] = position
            self._seek(partition, position.reading)

    def _seek(self, partition: TopicPartition, offset: int) -> None:
        with suppress(IllegalStateError):  # not this member's any more: the listener is called in a moment
            self.consumer.seek(aiokafka.TopicPartition(*partition), offset)


@dataclass
class KafkaSubscription:
    """One member of a consumer group."""

    bootstrap: str
    group: str
    instance: str | None
    session_seconds: float
    topics: tuple[str, ...]
    provide: Callable[[Sequence[str]], Awaitable[None]]
    load_offsets: LoadOffsets

    def __post_init__(self) -> None:
        self._connecting: asyncio.Task[_Membership] | None = None
        self._membership: _Membership | None = None
        self._uncommitted: dict[TopicPartition, int] = {}
        self._committing: asyncio.Task[None] | None = None
        self._closer = BackgroundCloser()
        self._fetched_at = 0.0

    async def start(self) -> None:
        """Begin to connect."""
        self._connecting = asyncio.create_task(self._connect())

    async def fetch(self, *, limit: int, wait_seconds: float) -> Mapping[TopicPartition, Sequence[Received]]:
        """Return what came next per partition; nothing after `wait_seconds` without any."""
        membership = await self._connected(wait_seconds)
        if membership is None:
            return {}
        await membership.begin(self.load_offsets)
        self._uncommitted |= membership.resumed
        membership.resumed = {}
        self._commit_soon(membership)
        loop = asyncio.get_running_loop()
        busy = loop.time() - self._fetched_at
        try:
            fetched = await membership.read(limit, wait_seconds)
            if fetched and busy > STALE_SECONDS and sum(map(len, fetched.values())) <= limit // 2:
                # That came while the last batch was handled. What came since is one more question away, and costs far less now than
                # in a batch of its own.
                for partition, received in (await membership.read(limit // 2, ANSWER_SECONDS)).items():
                    fetched[partition] = [*fetched.get(partition, ()), *received]
        except Exception:
            self._leave(membership)
            raise
        self._fetched_at = loop.time()
        return fetched

    async def rewind(self, partition: TopicPartition) -> None:
        """Ask for the stored offset again before the next reading."""
        if self._membership:
            self._membership.positions.pop(partition, None)

    def holds(self, partition: TopicPartition) -> bool:
        """Return whether the partition is assigned to this member."""
        return self._membership is not None and partition in self._membership.assigned

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Take note of offsets for the broker, for its lag figures and retention only; they are sent in the background."""
        self._uncommitted |= offsets

    async def stop(self) -> None:
        """Leave the group."""
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._membership:
            self._commit_soon(self._membership)
            self._leave(self._membership)
        await self._closer.wait(5)

    async def _connected(self, wait_seconds: float) -> _Membership | None:
        if self._membership is None:
            if self._connecting is None:
                self._connecting = asyncio.create_task(self._connect())
            await asyncio.wait([self._connecting], timeout=wait_seconds)
            if self._connecting.done():
                connecting, self._connecting = self._connecting, None
                self._membership = connecting.result()
        return self._membership

    async def _connect(self) -> _Membership:
        await self.provide(self.topics)
        session = int(self.session_seconds * 1000)
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=self.group,
            group_instance_id=self.instance,
            enable_auto_commit=False,
            auto_offset_reset="none",  # where to begin is decided here, never by default
            session_timeout_ms=session,
            heartbeat_interval_ms=session // 4,
            max_poll_interval_ms=POLL_LIMIT_SECONDS * 1000,
            request_timeout_ms=session + 5_000,
            metadata_max_age_ms=30_000,
            # Whoever is behind catches up in large batches: a pupil is judged once in each, however many registers it holds.
            max_partition_fetch_bytes=FETCH_BYTES // 2,
            fetch_max_bytes=FETCH_BYTES,
            # A partition that is read out while the broker holds a question about the others is asked for again only after it.
            fetch_max_wait_ms=50,
        )
        membership = _Membership(consumer, self.group)
        try:
            consumer.subscribe(self.topics, listener=membership)
            await consumer.start()
        except BaseException:
            self._closer.close(consumer.stop())
            raise
        return membership

    def _leave(self, membership: _Membership) -> None:
        self._membership = None
        self._closer.close(self._stop(membership.consumer))

    async def _stop(self, consumer: AIOKafkaConsumer) -> None:
        if self._committing:
            await asyncio.wait([self._committing], timeout=1)
        await consumer.stop()

    def _commit_soon(self, membership: _Membership) -> None:
        offsets = {
            aiokafka.TopicPartition(*partition): offset
            for partition, offset in self._uncommitted.items()
            if partition in membership.assigned
        }
        if offsets and (self._committing is None or self._committing.done()):
            self._uncommitted = {}
            self._committing = asyncio.create_task(_commit(membership.consumer, offsets))


async def _commit(consumer: AIOKafkaConsumer, offsets: dict[aiokafka.TopicPartition, int]) -> None:
    # The group may have been rebalanced meanwhile, or the broker be away: the next commit goes further than this one.
    with suppress(Exception):
        async with asyncio.timeout(5):
            await consumer.commit(offsets)


def to_message(record: Any) -> Message:
    """Read a record. Whatever it holds becomes a message that a database can store, so that no record blocks its partition.

    One that names no type belongs to no key that events have, and so halts none of them.
    """
    headers = {storable(name): _text(value) for name, value in record.headers or ()}
    kind, key = headers.get("ce_type") or NO_TYPE, _text(record.key)
    if not is_readable_type(kind):
        log.error("record is no event", topic=record.topic, partition=record.partition, offset=record.offset)
        headers["key"], key = key, f"{record.topic}/{record.partition}/{record.offset}"
    try:
        event_id = UUID(headers["ce_id"])
    except (KeyError, ValueError):
        event_id = uuid5(NAMESPACE_URL, f"{record.topic}/{record.partition}/{record.offset}")
    return Message(event_id, record.topic, key, kind, record.value or b"", headers)


def _text(value: bytes | None) -> str:
    """Return bytes as text; those that are none are written out."""
    return storable((value or b"").decode(errors="backslashreplace"))
