"""A small world of events: numbers counted for pupils, in order, and a consumer that stores what it received."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import text

from shared.contracts.event import Event
from shared.database import Database, Transaction
from shared.ids import new_id
from shared.messaging import EventHandlers, publish_many
from shared.messaging.consumers import ConsumerLoop
from shared.messaging.messages import LoadOffsets, Message, Oldest, Received, Standing, Subscription, TopicPartition, Transport
from shared.messaging.outbox import relay, relay_once
from tests.shared.messaging.brokers import Broker

ROOT = Path(__file__).parents[3]


class Counted(Event):
    """A number counted for a pupil."""

    topic: ClassVar[str] = "none"
    name: ClassVar[str] = "counted"
    key_field: ClassVar[str] = "pupil"

    pupil: str
    number: int


Handler = Callable[[Transaction, Counted], Awaitable[None]]


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Wait until something holds; fail if it does not in time."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 -- what is waited for happens in other processes
            await asyncio.sleep(0.02)


def contract(topic: str) -> type[Counted]:
    """Return the contract of a topic of a test's own."""
    return type("Counted", (Counted,), {"topic": topic, "__module__": __name__})


def consumers(group: str, topic: str, handler: Handler | None = None, member: str = "") -> EventHandlers:
    """Return a consumer that stores what it received, after `handler` if there is one."""
    made = EventHandlers(group)

    async def count(tx: Transaction, event: Counted) -> None:
        if handler:
            await handler(tx, event)
        await tx.execute(
            text("INSERT INTO received (topic, pupil, number, member) VALUES (:topic, :pupil, :number, :member)"),
            {"topic": topic, "pupil": event.pupil, "number": event.number, "member": member},
        )

    made.on(contract(topic))(count)
    return made


@dataclass
class Relayed(Transport):
    """A transport whose publications go through a test's own function."""

    how: Callable[[Sequence[Message]], Awaitable[None]]

    async def start(self) -> None: ...

    async def publish(self, messages: Sequence[Message]) -> list[Standing]:
        await self.how(messages)
        return [(TopicPartition(message.topic, 0), offset) for offset, message in enumerate(messages)]

    async def ends(self, topics: Collection[str]) -> Mapping[TopicPartition, int]:
        raise NotImplementedError

    async def readers(self, topics: Collection[str]) -> Mapping[str, Mapping[TopicPartition, int]]:
        raise NotImplementedError

    async def oldest(self, standings: Collection[Standing]) -> Mapping[Standing, Oldest]:
        raise NotImplementedError

    async def remove_reader(self, reader: str) -> None:
        raise NotImplementedError

    async def read(self, partition: TopicPartition, from_offset: int, limit: int) -> Sequence[Received]:
        raise NotImplementedError

    def subscribe(self, group: str, topics: Sequence[str], load_offsets: LoadOffsets, *, unread: Collection[str] = ()) -> Subscription:
        raise NotImplementedError

    async def stop(self) -> None: ...


@dataclass
class World:
    """One test's topic, group and database."""

    broker: Broker
    database: Database
    url: str
    topic: str
    group: str
    bus: Transport

    async def store(self, *sent: tuple[str, int]) -> None:
        """Store events in the outbox, in one transaction."""
        kind = contract(self.topic)
        async with self.database.begin() as tx:
            await publish_many(tx, [kind(pupil=pupil, number=number) for pupil, number in sent])

    async def publish(self, *sent: tuple[str, int]) -> None:
        """Store events and relay them."""
        await self.store(*sent)
        while await relay_once(self.database, self.bus):
            pass

    def message(self, pupil: str, number: int, more: str = "") -> Message:
        """Return an event as the relay would publish it."""
        event_id, event = new_id(), contract(self.topic)(pupil=pupil, number=number)
        headers = {"ce_id": str(event_id), "ce_type": event.type(), "more": more}
        return Message(event_id, self.topic, pupil, event.type(), event.model_dump_json().encode(), headers)

    def loop(
        self, handler: Handler | None = None, *, bus: Transport | None = None, batch: int = 500, member: str = "", group: str = ""
    ) -> ConsumerLoop:
        """Return a member of the group, or of another."""
        return ConsumerLoop(self.database, consumers(group or self.group, self.topic, handler, member), bus or self.bus, batch)

    @asynccontextmanager
    async def consuming(self, *loops: ConsumerLoop) -> AsyncIterator[None]:
        """Run members of the group (one plain member where none is given) as long as the block."""
        async with self._running(*[loop.run for loop in loops or [self.loop()]]):
            yield

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        """Run the relay as long as the block."""
        async with self._running(lambda stopping: relay(self.database, self.bus, stopping)):
            yield

    @asynccontextmanager
    async def _running(self, *works: Callable[[asyncio.Event], Awaitable[None]]) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        tasks = [asyncio.ensure_future(work(stopping)) for work in works]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*tasks)

    def member(self, kind: str, name: str = "") -> "subprocess.Popen[bytes]":
        """Start a process that consumes or relays."""
        command = [sys.executable, "-m", "tests.shared.messaging.member", kind, self.url, self.broker.spec, self.topic, self.group, name]
        return subprocess.Popen(command, cwd=ROOT)

    async def received(self) -> list[tuple[str, int]]:
        """Return what the group received, in order."""
        return [(row.pupil, row.number) for row in await self.ask("SELECT pupil, number FROM received WHERE topic = :topic ORDER BY id")]

    async def received_of(self, pupil: str) -> list[int]:
        """Return what the group received of one pupil, in order."""
        return [number for one, number in await self.received() if one == pupil]

    async def received_as_many_as(self, count: int) -> None:
        """Wait until the group has received so many."""

        async def enough() -> bool:
            return len(await self.received()) >= count

        await eventually(enough)

    async def readers(self) -> Mapping[str, Mapping[TopicPartition, int]]:
        """Return where the groups that read this topic go on, as others see them."""
        return await self.bus.readers([self.topic])

    async def is_read(self) -> bool:
        """Return whether others see a group that reads this topic."""
        return bool(await self.readers())

    async def ask(self, query: str) -> Sequence[Any]:
        """Ask the consumer's database about this topic."""
        async with self.database.begin() as tx:
            return (await tx.execute(text(query), {"topic": self.topic})).all()


def numbers(pupils: str, count: int) -> list[tuple[str, int]]:
    """Return the numbers from 1 on of each pupil, interleaved."""
    return [(pupil, number) for number in range(1, count + 1) for pupil in pupils]
