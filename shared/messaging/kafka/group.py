"""Membership of a Kafka consumer group, with the offsets in the consumer's own database."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, NoOffsetForPartitionError, OffsetOutOfRangeError

from shared.messaging.kafka.background_close import BackgroundCloser
from shared.messaging.messages import LoadOffsets, Message, Place, Received, Stored

log = structlog.get_logger()

FETCH_BYTES = 24_000_000
"""Of one answer of the broker: some nine hundred registers of 375 marks."""
STALE_SECONDS, ANSWER_SECONDS = 0.03, 0.05
"""What waits after so long a time is not all that there is; how long the broker may take to say what came since."""
POLL_LIMIT_SECONDS = 600
"""A member that does not fetch for so long (its handler waits for something) leaves its partitions to the others."""
FIND_SECONDS = 5
"""How long the broker may take to say where its partitions begin and end."""
UNKNOWN = "unknown"
"""The type of a record that is no CloudEvent. No consumer takes it: it is passed over, loudly."""


class _Membership(ConsumerRebalanceListener):  # type: ignore[misc]
    """What one connection has been assigned, and where it reads.

    `positions` holds the consumer's stored offset of each partition whose reading has begun. A partition that is assigned but not
    in it is looked up in the consumer's database first. `last` holds the event that was handled last, until it has been read once more:
    from there on the log is known to be the same. `jumps` holds where a log is known to go on after a gap.
    """

    def __init__(self, consumer: AIOKafkaConsumer, group: str) -> None:
        self.consumer = consumer
        self.group = group
        self.assigned: set[Place] = set()
        self.positions: dict[Place, int] = {}
        self.last: dict[Place, UUID] = {}
        self.jumps: dict[Place, int] = {}
        self.generation = 0

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002 -- every rebalance revokes all
        """Forget everything: whoever has a partition next asks the database."""
        self.on_partitions_assigned(set())

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Take note of what is this member's from now on."""
        self.generation += 1
        self.assigned, self.positions, self.last, self.jumps = {Place(*each) for each in assigned}, {}, {}, {}

    async def begin(self, load_offsets: LoadOffsets) -> None:
        """Begin to read newly assigned partitions at the stored offsets."""
        if places := sorted(self.assigned - self.positions.keys()):
            generation = self.generation
            stored = await load_offsets(places)
            if generation == self.generation:
                for place in places:
                    self.jumps.pop(place, None)
                await self._find(stored)

    async def read(self, limit: int, wait_seconds: float) -> dict[Place, list[Received]]:
        """Return what came next of the partitions whose reading has begun."""
        generation = self.generation
        reading = [TopicPartition(*place) for place in self.positions]
        try:
            async with asyncio.timeout(wait_seconds + 1):  # a rebalance would hold it for longer
                records = await self.consumer.getmany(*reading, timeout_ms=int(wait_seconds * 1000), max_records=limit)
        except (TimeoutError, NoOffsetForPartitionError):
            return {}
        except OffsetOutOfRangeError as gone:
            for each in gone.args[0]:  # begin anew, by the last event: the log may be another one, and grow past the offset meanwhile
                self.positions.pop(Place(*each), None)
            return {}
        if generation != self.generation:
            return {}
        by_place = {Place(*each): list_ for each, list_ in records.items() if Place(*each) in self.positions}
        strange = {place: Stored(self.positions[place], None) for place, list_ in by_place.items() if self._is_strange(place, list_)}
        if strange:
            await self._find(strange, lost=True)
        found = {place: self._received(place, list_) for place, list_ in by_place.items() if place not in strange}
        return {place: received for place, received in found.items() if received}

    def _is_strange(self, place: Place, records: Sequence[Any]) -> bool:
        """Tell whether another event stands where the one stood that was handled last: the log was lost, and has grown again since."""
        last = self.last.get(place)
        return bool(last) and records[0].offset == self.positions[place] - 1 and _message(records[0]).event_id != last

    def _received(self, place: Place, records: Sequence[Any]) -> list[Received]:
        if self.last.pop(place, None) and records[0].offset == self.positions[place] - 1:
            records = records[1:]
        if not records:
            return []
        since, first = self.positions[place], records[0].offset
        jump = self.jumps.pop(place, None)
        if first not in (since, jump):
            # A gap is believed when a second reading from the same place shows it again, so that nothing is skipped by a mistake.
            self.jumps[place] = first
            self._seek(place, since)
            return []
        if first != since:
            log.warning("gap in the log", consumer=self.group, topic=place.topic, partition=place.partition, since=since, goes_on_at=first)
        received = []
        for record in records:
            received.append(Received(_message(record), record.offset, since))
            since = record.offset + 1
        self.positions[place] = since
        return received

    async def _find(self, places: Mapping[Place, Stored], *, lost: bool = False) -> None:
        """Go on in partitions at the stored offset, or where the log begins: retention was faster, or it is another log (`lost`)."""
        generation, partitions = self.generation, [TopicPartition(*place) for place in places]
        async with asyncio.timeout(FIND_SECONDS):
            begins = await self.consumer.beginning_offsets(partitions)
            ends = await self.consumer.end_offsets(partitions)
        if generation != self.generation:
            return
        for place, (stored, last) in places.items():
            begin, end = begins[TopicPartition(*place)], ends[TopicPartition(*place)]
            self.positions[place] = stored
            self.last.pop(place, None)
            if begin <= stored <= end and not lost:
                if last and begin < stored:
                    self.last[place] = last
                self._seek(place, stored - (place in self.last))
                continue
            what = "events are missing from the log" if stored < begin and not lost else "the log was lost and begins anew"
            log.error(what, consumer=self.group, topic=place.topic, partition=place.partition, read_up_to=stored, goes_on_at=begin)
            self.jumps[place] = begin
            self._seek(place, begin)

    def _seek(self, place: Place, offset: int) -> None:
        with suppress(IllegalStateError):  # not this member's any more: the listener is told in a moment
            self.consumer.seek(TopicPartition(*place), offset)


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
        self._uncommitted: dict[Place, int] = {}
        self._committing: asyncio.Task[None] | None = None
        self._farewells = BackgroundCloser()
        self._fetched_at = 0.0

    async def start(self) -> None:
        """Begin to connect."""
        self._connecting = asyncio.create_task(self._connect())

    async def fetch(self, *, limit: int, wait_seconds: float) -> Mapping[Place, Sequence[Received]]:
        """Return what came next per partition; nothing after `wait_seconds` without any."""
        membership = await self._connected(wait_seconds)
        if membership is None:
            return {}
        await membership.begin(self.load_offsets)
        self._commit_soon(membership)
        loop = asyncio.get_running_loop()
        busy = loop.time() - self._fetched_at
        try:
            fetched = await membership.read(limit, wait_seconds)
            if fetched and busy > STALE_SECONDS and sum(map(len, fetched.values())) <= limit // 2:
                # That came while the last batch was handled. What came since is one more question away, and costs far less now than
                # in a batch of its own.
                for place, received in (await membership.read(limit // 2, ANSWER_SECONDS)).items():
                    fetched[place] = [*fetched.get(place, ()), *received]
        except Exception:
            self._leave(membership)
            raise
        self._fetched_at = loop.time()
        return fetched

    async def rewind(self, place: Place) -> None:
        """Ask for the stored offset again before the next reading."""
        if self._membership:
            self._membership.positions.pop(place, None)

    def holds(self, place: Place) -> bool:
        """Tell whether the partition is assigned to this member."""
        return self._membership is not None and place in self._membership.assigned

    async def commit(self, offsets: Mapping[Place, int]) -> None:
        """Note offsets to tell the broker, for its lag figures only; that happens beside the work."""
        self._uncommitted |= offsets

    async def stop(self) -> None:
        """Leave the group."""
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._membership:
            self._commit_soon(self._membership)
            self._leave(self._membership)
        await self._farewells.heard(5)

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
            self._farewells.say(consumer.stop())
            raise
        return membership

    def _leave(self, membership: _Membership) -> None:
        self._membership = None
        self._farewells.say(self._stop(membership.consumer))

    async def _stop(self, consumer: AIOKafkaConsumer) -> None:
        if self._committing:
            await asyncio.wait([self._committing], timeout=1)
        await consumer.stop()

    def _commit_soon(self, membership: _Membership) -> None:
        offsets = {TopicPartition(*place): offset for place, offset in self._uncommitted.items() if place in membership.assigned}
        if offsets and (self._committing is None or self._committing.done()):
            self._uncommitted = {}
            self._committing = asyncio.create_task(_commit(membership.consumer, offsets))


async def _commit(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    # The group may have been rebalanced meanwhile, or the broker be away: the next commit says more than this one.
    with suppress(Exception):
        async with asyncio.timeout(5):
            await consumer.commit(offsets)


def _message(record: Any) -> Message:
    """Read a record. Whatever it holds becomes a message that a database can store, so that no record blocks its partition."""
    headers = {_text(name.encode()): _text(value) for name, value in record.headers}
    kind = headers.get("ce_type", UNKNOWN)
    if kind == UNKNOWN:
        log.error("record is no event", topic=record.topic, partition=record.partition, offset=record.offset)
    try:
        event_id = UUID(headers["ce_id"])
    except (KeyError, ValueError):
        event_id = uuid5(NAMESPACE_URL, f"{record.topic}/{record.partition}/{record.offset}")
    return Message(event_id, record.topic, _text(record.key), kind, record.value or b"", headers)


def _text(value: bytes | None) -> str:
    # PostgreSQL's text has no NUL.
    return (value or b"").decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
