"""The idempotent consumer.

A batch is one transaction: the offset moves (compare and set, so that a member who lost its partition cannot write), inbox rows
drop what was handled before, handlers have their effects, and the outgoing events are stored. If the batch fails, its messages are
tried one by one: a transient error is waited for in place; a message that fails for good becomes a dead letter, and later messages of
its key wait behind it until a named operator replays or dismisses it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import text

from shared.contracts.event import Event
from shared.database import Database, Transaction, is_cut_off, is_transient
from shared.database.bells import READERS
from shared.messaging import dead_letters, trace
from shared.messaging.contracts import contracts
from shared.messaging.messages import Message, Received, StoredOffset, Subscription, TopicPartition, Transport, is_readable_type
from shared.messaging.position import read_on
from shared.messaging.waiting import REPORTED_SECONDS, Waiting
from shared.problems import Problem

log = structlog.get_logger()

E = TypeVar("E", bound=Event)
T = TypeVar("T")
Handler = Callable[[Transaction, E], Awaitable[object]]
ManyHandler = Callable[[Transaction, Sequence[T]], Awaitable[None]]
Decode = Callable[[bytes], T]
"""Makes of an event's body what its handler takes; raises where the body is not as the contract has it."""

_ADD_TO_INBOX = text("""
    INSERT INTO inbox (consumer, event_id) SELECT :consumer, unnest(CAST(:ids AS uuid[]))
    ON CONFLICT DO NOTHING RETURNING event_id
""")
_ADVANCE = text("""
    UPDATE consumer_offsets AS stored SET next_offset = moved.next, last_event_id = moved.last
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS integer[]), CAST(:expected AS bigint[]), CAST(:nexts AS bigint[]),
                CAST(:lasts AS uuid[])) AS moved (topic, partition, expected, next, last)
    WHERE stored.consumer = :consumer AND stored.topic = moved.topic AND stored.partition = moved.partition
      AND stored.next_offset = moved.expected
""")
_ADD_OFFSET = text(
    "INSERT INTO consumer_offsets (consumer, topic, partition, next_offset) VALUES (:consumer, :topic, :partition, 0) ON CONFLICT DO NOTHING"
)
_OFFSETS = text("SELECT topic, partition, next_offset, last_event_id FROM consumer_offsets WHERE consumer = :consumer")


REST, LONG_REST = 0.02, 0.05
"""Seconds from one batch to the next: a batch costs its two dozen statements however many events it holds, so that events which come one by
one would cost ten times what they cost in a batch. The long rest is after a batch that took twice as long: events come faster than they are
handled, and the more of them wait, the less each costs."""

MAX_CUT = 3
"""Times that one event may run into the limit of a statement: it would do so for ever, and its partition would stand still. A server that
does not answer at all is waited for."""


SKIPPED_SECONDS = 60.0
"""How often the stored offset follows where nothing but events of types that are not consumed came."""


class UnknownVersion(Problem):
    """The event is of a version that this service does not read."""


class NoEvent(Problem):
    """The record has no type that an event may have."""


class PartitionLost(Exception):  # noqa: N818 -- it is news, not an error
    """Another member moved this partition's offset."""


@dataclass
class EventHandlers:
    """Which handlers take which event; the group's name is the service's."""

    name: str
    single: dict[type[Event], list[Handler[Any]]] = field(default_factory=dict)
    many: dict[type[Event], ManyHandler[Any]] = field(default_factory=dict)
    decoders: dict[type[Event], Decode[Any]] = field(default_factory=dict)
    dismissed: dict[type[Event], dead_letters.GiveUp[Any]] = field(default_factory=dict)

    def on(self, contract: type[E]) -> Callable[[Handler[E]], Handler[E]]:
        """Register a handler of one kind of event; several of one kind run in the order in which they were registered.

        Raises ValueError where `on_many` has taken that kind.
        """

        def register(handler: Handler[E]) -> Handler[E]:
            if contract in self.many:
                raise ValueError(f"{contract.name} is taken by one handler of many")
            self.single.setdefault(contract, []).append(handler)
            return handler

        return register

    def on_many(self, contract: type[E], *, decode: Decode[T] | None = None) -> Callable[[ManyHandler[T]], ManyHandler[T]]:
        """Register the only handler of one kind, which takes all consecutive events of it at once (with those of its other versions).

        `decode` where the contract holds more than it needs. Raises ValueError where the kind has a handler already.
        """

        def register(handler: ManyHandler[T]) -> ManyHandler[T]:
            if contract in self.contracts:
                raise ValueError(f"{contract.name} has a handler already")
            self.many[contract] = handler
            self.decoders[contract] = decode or contract.model_validate_json
            return handler

        return register

    def on_dismissal(self, contract: type[E], handler: dead_letters.GiveUp[E]) -> None:
        """Register what shows that events of one kind were given up, where somebody would wait for what they bring about."""
        self.dismissed[contract] = handler

    @property
    def contracts(self) -> frozenset[type[Event]]:
        """Every kind of event that is consumed."""
        return frozenset(self.single) | frozenset(self.many)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics to subscribe to."""
        return tuple(sorted({contract.topic for contract in self.contracts}))

    @property
    def types(self) -> frozenset[str]:
        """The CloudEvents types that are consumed."""
        return frozenset(contract.type() for contract in self.contracts)

    @property
    def unread(self) -> frozenset[str]:
        """The types on the topics that this version of the product has a contract of, and this service no handler."""
        return frozenset(kind for kind, contract in contracts().items() if contract.topic in self.topics) - self.types

    def skipped(self, kinds: Collection[str]) -> set[str]:
        """Return those of some types whose events are none of this service's.

        A kind that is consumed is not skipped in a version that this version of the product does not have: it waits as a dead letter for the
        upgrade. Neither is what is no event: it is kept for an operator.
        """
        types, names = self.types, {contract.name for contract in self.contracts}
        return {
            kind
            for kind in kinds
            if kind not in types and is_readable_type(kind) and (kind in self.unread or kind.partition(".")[0] not in names)
        }

    async def handle(self, tx: Transaction, messages: Sequence[Message]) -> None:
        """Run the handlers on messages in order; consecutive events of one `on_many` handler in one call."""
        kinds = {contract.type(): contract for contract in self.contracts}
        position = 0
        while position < len(messages):
            kind = kinds.get(messages[position].type)
            if kind is None:
                raise self._unreadable(messages[position].type)
            decode: Decode[Any] = self.decoders.get(kind, kind.model_validate_json)
            event = decode(messages[position].body)
            end = position + 1
            with trace.within(messages[position].headers.get("traceparent"), str(messages[position].event_id)):
                if kind in self.many:
                    events = [event]
                    while end < len(messages) and (also := kinds.get(messages[end].type)) and self.many.get(also) is self.many[kind]:
                        events.append(self.decoders[also](messages[end].body))
                        end += 1
                    await self.many[kind](tx, events)
                else:
                    for handler in self.single[kind]:
                        await handler(tx, event)
            position = end

    def _unreadable(self, kind: str) -> Problem:
        """Return why an event of a type cannot be handled."""
        if not is_readable_type(kind):
            return NoEvent("It names no type that an event may have. Another program may have written it: ask its owner, then dismiss it.")
        name = kind.partition(".")[0]
        read = ", ".join(sorted(each for each in self.types if each.partition(".")[0] == name)) or f"no {name}"
        return UnknownVersion(f"This version of the service reads {read}, and this is {kind}. Upgrade the service, then replay this.")


async def receive(tx: Transaction, handlers: EventHandlers, messages: Sequence[Message]) -> None:
    """Handle messages in an open transaction: each once, and none past a dead letter of its key."""
    skipped = handlers.skipped({message.type for message in messages})
    wanted = [message for message in messages if message.type not in skipped]
    if not wanted:
        return
    new = set((await tx.execute(_ADD_TO_INBOX, {"consumer": handlers.name, "ids": [message.event_id for message in wanted]})).scalars())
    fresh: list[Message] = []
    for message in wanted:
        if message.event_id in new:
            new.discard(message.event_id)
            fresh.append(message)
    blocked = await dead_letters.blocked_keys(tx, handlers.name, {message.key for message in fresh})
    for message in fresh:
        if message.key in blocked:
            await dead_letters.store_waiting(tx, handlers.name, message)
    await handlers.handle(tx, [message for message in fresh if message.key not in blocked])


@dataclass
class ConsumerLoop:
    """One member of a service's consumer group."""

    database: Database
    handlers: EventHandlers
    transport: Transport
    batch: int = 1000
    _skipped: dict[TopicPartition, Received] = field(default_factory=dict)
    """The last event of each partition that brought nothing which is consumed, as if it was received where the stored offset stands."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping` is set."""
        loop = asyncio.get_running_loop()
        subscription = self.transport.subscribe(self.handlers.name, self.handlers.topics, self._offsets, unread=self.handlers.unread)
        await subscription.start()
        store_skipped_at = loop.time() + SKIPPED_SECONDS
        waiting = Waiting(self.handlers.name)
        try:
            while not stopping.is_set():
                try:
                    fetched = await subscription.fetch(limit=self.batch, wait_seconds=0.5)
                except Exception as error:  # noqa: BLE001 -- the broker is away, or its log is damaged: wait for it
                    await _pause(stopping, waiting.failed(error))
                    continue
                waiting.succeeded()
                began = loop.time()
                consumed = self._consumed(fetched)
                if began >= store_skipped_at:
                    store_skipped_at = began + SKIPPED_SECONDS
                    consumed |= {partition: [skipped] for partition, skipped in self._skipped.items() if subscription.holds(partition)}
                    self._skipped.clear()
                for partition in fetched.keys() - consumed.keys():
                    await subscription.commit({partition: fetched[partition][-1].offset + 1})
                if not await self._handle_all(subscription, consumed):
                    for partition, received in consumed.items():
                        await self._handle_partition(subscription, partition, received, stopping)
                took = loop.time() - began
                if waiting.has_caught_up(found=bool(fetched), took=took):
                    loop.call_later(REPORTED_SECONDS, self.database.bells.ring, [READERS])
                if fetched:
                    await _pause(stopping, LONG_REST if took > 2 * LONG_REST else REST)
        finally:
            await subscription.stop()

    async def catch_up(self, topics: Sequence[str]) -> None:
        """Handle, topic by topic, what stands in them now and was not handled yet, without being a member of the group.

        What fails for good becomes a dead letter; a transient error is raised, and what was handled before it stays so.
        """
        for topic in topics:
            ends = await self.transport.ends([topic])
            stored = await self._offsets(sorted(ends))
            for partition in sorted(ends):
                async for page in read_on(self.transport, self.handlers.name, partition, stored[partition], ends[partition]):
                    await self._store_or_each(partition, page, partial(self._catch_up_one, partition))

    async def _catch_up_one(self, partition: TopicPartition, one: Received) -> bool:
        try:
            await self._store(partition, [one])
        except Exception as error:
            if isinstance(error, PartitionLost) or is_transient(error):
                raise
            await self._store_dead_letter(partition, one, error)
        return True

    def _consumed(self, fetched: Mapping[TopicPartition, Sequence[Received]]) -> dict[TopicPartition, Sequence[Received]]:
        """Return the partitions that brought something which is consumed; the others are skipped, and their offset is stored later."""
        kinds = self.handlers.skipped({each.message.type for received in fetched.values() for each in received})
        consumed: dict[TopicPartition, Sequence[Received]] = {}
        for partition, (first, *later) in fetched.items():
            skipped = self._skipped.pop(partition, None)
            if skipped and skipped.offset + 1 == first.since:  # otherwise reading began anew at the stored offset
                first = replace(first, since=skipped.since)  # noqa: PLW2901
            received = [first, *later]
            if any(each.message.type not in kinds for each in received):
                consumed[partition] = received
            else:
                self._skipped[partition] = replace(received[-1], since=first.since)
        return consumed

    async def _handle_all(self, subscription: Subscription, fetched: Mapping[TopicPartition, Sequence[Received]]) -> bool:
        """Handle what a few partitions brought in one transaction; return whether that succeeded. If not, nothing was done."""
        if not 1 < len(fetched) <= sum(map(len, fetched.values())) <= self.batch:
            return False
        try:
            async with self.database.begin() as tx:
                await self._advance(tx, fetched)
                await receive(tx, self.handlers, [each.message for received in fetched.values() for each in received])
        except Exception as error:  # noqa: BLE001 -- each partition is tried by itself
            log.warning("batch failed, by partition", consumer=self.handlers.name, error=type(error).__name__)
            return False
        for partition, received in fetched.items():
            await subscription.commit({partition: received[-1].offset + 1})
        return True

    async def _handle_partition(
        self, subscription: Subscription, partition: TopicPartition, received: Sequence[Received], stopping: asyncio.Event
    ) -> None:
        handle_one = partial(self._handle_one, subscription, partition, stopping=stopping)
        try:
            handled = await self._store_or_each(partition, received, handle_one)
        except PartitionLost:
            handled = False
        if handled:
            await subscription.commit({partition: received[-1].offset + 1})
        else:
            await subscription.rewind(partition)

    async def _handle_one(self, subscription: Subscription, partition: TopicPartition, one: Received, stopping: asyncio.Event) -> bool:
        """Handle one message or make it a dead letter; False if it could be neither before stopping."""
        pause, cut = 0.1, 0
        while not stopping.is_set() and subscription.holds(partition):
            try:
                await self._store(partition, [one])
            except PartitionLost:
                raise
            except Exception as error:  # noqa: BLE001 -- it may be transient or permanent
                cut += is_cut_off(error)
                try:
                    if not is_transient(error) or cut >= MAX_CUT:
                        await self._store_dead_letter(partition, one, error)
                        return True
                except PartitionLost:
                    raise
                except Exception as worse:  # noqa: BLE001 -- the database is away
                    error = worse
                log.warning("consumer waits", consumer=self.handlers.name, error=type(error).__name__, seconds=pause)
                await _pause(stopping, pause)
                pause = min(pause * 2, 5)
            else:
                return True
        return False

    async def _store_or_each(
        self, partition: TopicPartition, received: Sequence[Received], handle_one: Callable[[Received], Awaitable[bool]]
    ) -> bool:
        """Handle a batch in one transaction or, where that fails, message by message; return whether all of it was handled."""
        try:
            await self._store(partition, received)
        except PartitionLost:
            raise
        except Exception as error:  # noqa: BLE001 -- each message is tried by itself
            log.warning("batch failed, one by one", consumer=self.handlers.name, error=type(error).__name__, messages=len(received))
            for one in received:
                if not await handle_one(one):
                    return False
        return True

    async def _store(self, partition: TopicPartition, received: Sequence[Received]) -> None:
        async with self.database.begin() as tx:
            await self._advance(tx, {partition: received})
            await receive(tx, self.handlers, [each.message for each in received])

    async def _store_dead_letter(self, partition: TopicPartition, one: Received, error: Exception) -> None:
        message = one.message
        log.error("dead letter", consumer=self.handlers.name, type=message.type, event_id=str(message.event_id), error=type(error).__name__)
        async with self.database.begin() as tx:
            await self._advance(tx, {partition: [one]})
            await tx.execute(_ADD_TO_INBOX, {"consumer": self.handlers.name, "ids": [message.event_id]})
            await dead_letters.store(tx, self.handlers.name, message, error)

    async def _advance(self, tx: Transaction, fetched: Mapping[TopicPartition, Sequence[Received]]) -> None:
        # From where reading stood (not from the first message's offset, which may lie past a gap) to past the last message.
        partitions = sorted(fetched)
        moved = await tx.execute(
            _ADVANCE,
            {
                "consumer": self.handlers.name,
                "topics": [topic for topic, _ in partitions],
                "partitions": [number for _, number in partitions],
                "expected": [fetched[partition][0].since for partition in partitions],
                "nexts": [fetched[partition][-1].offset + 1 for partition in partitions],
                "lasts": [fetched[partition][-1].message.event_id for partition in partitions],
            },
        )
        if moved.rowcount != len(partitions):
            raise PartitionLost(f"{', '.join(f'{topic}/{number}' for topic, number in partitions)}: the stored offset has moved")

    async def _offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, StoredOffset]:
        async with self.database.begin() as tx:
            for partition in partitions:
                await tx.execute(_ADD_OFFSET, {"consumer": self.handlers.name, "topic": partition.topic, "partition": partition.number})
            rows = (await tx.execute(_OFFSETS, {"consumer": self.handlers.name})).all()
        stored = {TopicPartition(row.topic, row.partition): StoredOffset(row.next_offset, row.last_event_id) for row in rows}
        return {partition: stored[partition] for partition in partitions}


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
