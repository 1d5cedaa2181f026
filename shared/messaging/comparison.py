"""Whether a service's database is as new as its topic.

A service publishes every event from its outbox, so its topic holds nothing that its database never had. Where it does, the database was
restored from a copy that is older than those events: working on from there would decide, send and count again what was decided, sent and
counted. Where the topic ends before what the database has published, the log went back or was lost, and the events are published again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from prometheus_client import Gauge
from sqlalchemy import text

from shared import clock
from shared.database import Database, Transaction
from shared.database.bells import COMPARISON, OUTBOX, ring_after_commit, wait_for_any
from shared.database.rows import fetch_all
from shared.messaging.messages import Message, Received, TopicPartition, Transport, is_readable_type
from shared.problems import Unavailable

log = structlog.get_logger()

LOOK_SECONDS = 60.0
"""From one comparison to the next."""
RETRY_SECONDS = 1.0
"""From a comparison that could not be made to the next."""
FIRST_SECONDS = 5.0
"""How long an API waits for its first comparison before it serves: a broker that is away keeps no request waiting."""
PAGE = 500
OUTBOX_KEPT = timedelta(days=7)
"""How long the outbox keeps an event at least after it was published (`shared/messaging/retention.py`)."""

_BEHIND = Gauge("database_behind_events", "Events of the service that its topic holds and its database does not", ["service"])

_POSITIONS = text('SELECT partition, "offset", event_id, published_at FROM published_positions WHERE topic = :topic')
_STORED = text("SELECT event_id FROM outbox WHERE event_id = ANY(:ids)")
_EVER_PUBLISHED = text("SELECT last_value IS NOT NULL FROM pg_sequences WHERE sequencename = 'outbox_position_seq'")
_OTHERS = text("""
    SELECT event_id FROM outbox WHERE topic = :topic AND partition = :partition AND "offset" = :offset AND event_id <> :event_id
""")
_MOVE = text("""
    INSERT INTO published_positions (topic, partition, "offset", event_id, published_at)
    VALUES (:topic, :partition, :offset, :event_id, :published_at)
    ON CONFLICT (topic, partition) DO UPDATE
    SET "offset" = excluded."offset", event_id = excluded.event_id, published_at = excluded.published_at
    WHERE published_positions."offset" < excluded."offset"
""")
_DELETE = text("DELETE FROM published_positions WHERE topic = :topic AND partition = :partition")
_PUBLISH_AGAIN = text("""
    UPDATE outbox SET published_at = NULL, partition = NULL, "offset" = NULL
    WHERE topic = :topic AND published_at IS NOT NULL
      AND (partition = :partition AND "offset" >= :offset OR partition IS NULL AND :offset = 0)
""")


class DatabaseIsOlder(Unavailable):
    """This service's database is older than what the service has published."""


class _Position(NamedTuple):
    """The last event that the service has published in a partition, as far as its database goes."""

    partition: int
    offset: int
    event_id: UUID
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Events of a service that its topic holds and its database does not: how many of each kind, and when they occurred."""

    kinds: Mapping[str, int]
    first_at: datetime
    last_at: datetime

    @classmethod
    def of(cls, missing: Sequence[Message]) -> "Gap | None":
        """Return the gap that these events leave; None where there are none."""
        times = [_occurred_at(message) for message in missing]
        kinds = Counter(message.type.removesuffix(".v1") for message in missing)
        return cls(dict(sorted(kinds.items())), min(times), max(times)) if missing else None

    @property
    def count(self) -> int:
        """How many events are missing."""
        return sum(self.kinds.values())

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.kinds.items())
        return (
            f"its topic holds {self.count} events that its database does not ({kinds}), "
            f"from {self.first_at:%Y-%m-%d %H:%M:%S} to {self.last_at:%Y-%m-%d %H:%M:%S} UTC"
        )

    def problem(self, service: str) -> DatabaseIsOlder:
        """Return the refusal of a request, with what to do."""
        first, last = self.first_at.isoformat(), self.last_at.isoformat()
        detail = f"{self}. Bring the newer copy of the database, or run `attendance recover {service}` (docs/operations.md)."
        return DatabaseIsOlder(detail[0].upper() + detail[1:], retry_after=60, events=self.kinds, first_at=first, last_at=last)


async def find_missing(database: Database, transport: Transport, topic: str) -> Sequence[Received]:
    """Return what `find_missing_by_partition` does, the partitions one after another."""
    return [event for events in (await find_missing_by_partition(database, transport, topic)).values() for event in events]


async def find_missing_by_partition(database: Database, transport: Transport, topic: str) -> Mapping[TopicPartition, Sequence[Received]]:
    """Return the events that a service's topic holds and its database does not, each partition's in order.

    Where the log went back, what it lost is published again; where all is well, the database takes note of where its topic ends.
    """
    async with database.begin() as tx:
        stored = await fetch_all(tx, _POSITIONS, _Position, {"topic": topic})
    positions = {TopicPartition(topic, position.partition): position for position in stored}
    ends = await transport.ends([topic])
    if not positions and await _begins_to_compare(database, transport, ends):
        return {}
    return {
        partition: await _compare(database, transport, partition, ends.get(partition, 0), positions.get(partition))
        for partition in sorted(positions.keys() | ends.keys())
    }


async def _begins_to_compare(database: Database, transport: Transport, ends: Mapping[TopicPartition, int]) -> bool:
    """Return whether a database that has published, and no note of where, is taken to be as new as its topic: the end is noted then.

    It was upgraded from a version that took no notes. What is missing from its outbox must be older than that keeps anything; an old copy lacks newer events.
    """
    async with database.begin() as tx:
        if not (await tx.execute(_EVER_PUBLISHED)).scalar():
            return False
    newest = {partition: event for partition, end in ends.items() if end for event in await transport.read(partition, end - 1, 1)}
    unknown = await _unknown(database, list(newest.values()))
    if not newest or not unknown or any(_occurred_at(each.message) > clock.now() - OUTBOX_KEPT for each in unknown):
        return False
    async with database.begin() as tx:
        for partition, event in newest.items():
            await _move(tx, partition, event)
    log.warning("where the topic ends is noted for the first time", partitions=[f"{topic}/{number}" for topic, number in newest])
    return True


async def read_pages(transport: Transport, partition: TopicPartition, begin: int, end: int) -> AsyncIterator[Sequence[Received]]:
    """Give the events of a partition from an offset on up to another, a page at a time."""
    while begin < end and (page := await transport.read(partition, begin, PAGE)):
        yield page
        begin = page[-1].offset + 1


async def accept(database: Database, transport: Transport, topic: str) -> None:
    """Let a database count as being as new as its topic: what is missing was brought back, or is given up by an operator."""
    for partition, end in (await transport.ends([topic])).items():
        for newest in await transport.read(partition, end - 1, 1) if end else ():
            async with database.begin() as tx:
                await _move(tx, partition, newest)
                ring_after_commit(tx, COMPARISON)


async def _move(tx: Transaction, partition: TopicPartition, newest: Received) -> None:
    at = {"offset": newest.offset, "event_id": newest.message.event_id, "published_at": _occurred_at(newest.message)}
    await tx.execute(_MOVE, {"topic": partition.topic, "partition": partition.number, **at})


async def _compare(
    database: Database, transport: Transport, partition: TopicPartition, end: int, last: _Position | None
) -> Sequence[Received]:
    begin, newer_than = (last.offset + 1, None) if last else (0, None)
    if last and await _went_back(transport, partition, end, last):
        await _publish_again(database, transport, partition, end)
        begin, newer_than = 0, last.published_at
    newest = next(iter(await transport.read(partition, end - 1, 1)), None) if end else None
    if newest is None or (last and newest.offset == last.offset and begin):
        return []
    if not begin and is_readable_type(newest.message.type) and await _unknown(database, [newest]) == []:
        missing: list[Received] = []  # the last event is this database's own, and so are those before it
    else:
        missing = await _missing_from(database, transport, partition, begin, end)
    if newer_than:  # what the outbox does not keep any more is older than what was published last
        missing = [each for each in missing if _occurred_at(each.message) > newer_than]
    if not missing:
        async with database.begin() as tx:
            await _move(tx, partition, newest)
    return missing


async def _went_back(transport: Transport, partition: TopicPartition, end: int, last: _Position) -> bool:
    """Return whether the log ends before the last event that was published, or holds another one where that stood."""
    if last.offset >= end:
        return True
    found = await transport.read(partition, last.offset, 1)
    return bool(found) and found[0].offset == last.offset and found[0].message.event_id != last.event_id


async def _publish_again(database: Database, transport: Transport, partition: TopicPartition, end: int) -> None:
    """Let the relay publish again what a log that went back has lost: what stood beyond its end or, where it is another log, everything."""
    at = {"topic": partition.topic, "partition": partition.number}
    newest = next(iter(await transport.read(partition, end - 1, 1)), None) if end else None
    async with database.begin() as tx:
        others = {**at, "offset": end - 1, "event_id": newest.message.event_id} if newest else None
        same = others is not None and (await tx.execute(_OTHERS, others)).first() is None
        count = (await tx.execute(_PUBLISH_AGAIN, {**at, "offset": end if same else 0})).rowcount
        await tx.execute(_DELETE, at)
        ring_after_commit(tx, OUTBOX)
    log.error("the log went back, events are published again", topic=partition.topic, partition=partition.number, ends_at=end, events=count)


async def _missing_from(database: Database, transport: Transport, partition: TopicPartition, begin: int, end: int) -> list[Received]:
    return [event async for page in read_pages(transport, partition, begin, end) for event in await _unknown(database, page)]


async def _unknown(database: Database, events: Sequence[Received]) -> list[Received]:
    """Return those of these events that are not in the outbox; what another program wrote into the topic is no event."""
    async with database.begin() as tx:
        stored = set((await tx.execute(_STORED, {"ids": [each.message.event_id for each in events]})).scalars())
    return [each for each in events if each.message.event_id not in stored and is_readable_type(each.message.type)]


def _occurred_at(message: Message) -> datetime:
    return datetime.fromisoformat(message.headers.get("ce_time", "1970-01-01T00:00:00+00:00"))


class Comparison:
    """Compares a service's database with its topic, at start and once a minute, for a process that works with it."""

    def __init__(self, database: Database, transport: Transport, service: str, *, seconds: float = LOOK_SECONDS) -> None:
        self.gap: Gap | None = None
        """What is missing from the database, as the last comparison found it."""
        self._database, self._transport, self._service, self._seconds = database, transport, service, seconds
        self._sound, self._behind = asyncio.Event(), asyncio.Event()

    def refuse(self) -> DatabaseIsOlder | None:
        """Return the refusal of a request while the database is older than its topic."""
        return self.gap.problem(self._service) if self.gap else None

    async def look(self) -> None:
        """Compare once; raise where that is not possible."""
        missing = await find_missing(self._database, self._transport, self._service)
        self.gap = Gap.of([each.message for each in missing])
        _BEHIND.labels(self._service).set(len(missing))
        if self.gap:
            log.error("the database is older than its topic", service=self._service, missing=dict(self.gap.kinds))
            self._sound.clear()
            self._behind.set()
        else:
            self._behind.clear()
            self._sound.set()

    async def look_before_serving(self) -> None:
        """Compare once, so that the first request is refused where it has to be; what cannot be compared in time is compared later."""
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                await self.look()
        except Exception as error:  # noqa: BLE001 -- whatever is away: `run` tries again
            log.warning("comparison waits", service=self._service, error=type(error).__name__)

    async def run(self, stopping: asyncio.Event) -> None:
        """Compare again and again, also when the relay found another event where the next of its own should stand."""
        with self._database.bells.listening(COMPARISON) as rung:
            while not stopping.is_set():
                rung.clear()
                pause = self._seconds
                try:
                    await self.look()
                except Exception as error:  # noqa: BLE001 -- whatever is away, it is tried again
                    log.warning("comparison waits", service=self._service, error=type(error).__name__)
                    pause = min(RETRY_SECONDS, self._seconds)
                await wait_for_any(pause, stopping, rung)

    async def next_halt(self, stopping: asyncio.Event) -> asyncio.Event | None:
        """Wait until the database is as new as its topic; return the event that is set when it is not any more, None when stopping.

        A comparison that was never made counts as one that failed: nobody is sent a letter from a copy that may be old.
        """
        while not stopping.is_set():
            await wait_for_any(self._seconds, stopping, self._sound)
            if self._sound.is_set() and not stopping.is_set():
                return self._behind
        return None
