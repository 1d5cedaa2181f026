"""Who reads which topic, and how far: for the doctor and for operators."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from rich.console import Console
from rich.table import Table

from shared import clock
from shared.database import Database
from shared.messaging.messages import Transport
from shared.messaging.readers import LATE_SECONDS, ReaderPosition, find_positions, read_topic_readers, remove_reader
from shared.runtime import transport
from shared.service import Service
from shared.settings import SERVICES

ReaderCheck = tuple[str, Callable[[], Awaitable[str | None]]]


def reader_checks(service: Service, database: Database) -> Iterator[ReaderCheck]:
    """Yield the checks that a service has read what others published, and that nothing waits for a reader that is no service."""
    if service.consumers and service.consumers.topics:
        yield f"{service.name} has read what was published to it", partial(_find_unread, service.name, service.consumers.topics)
    yield f"nothing of {service.name} waits for a reader that is no service", partial(_find_strangers, database)


async def _find_unread(reader: str, topics: Sequence[str]) -> str | None:
    """Return what a service has not read for more than a minute, as the broker has it now, whether its worker runs or not."""
    async with _connected() as bus:
        if not any((await bus.ends(topics)).values()):
            return None
        own = [each for each in await find_positions(bus, topics, {}) if each.reader == reader]
    if not own:
        return "it has never read anything: start its worker"
    late = [each for each in own if _seconds(each) > LATE_SECONDS]
    return "; ".join(f"{_waiting(each)}: see whether its worker runs" for each in late) or None


async def _find_strangers(database: Database) -> str | None:
    async with database.begin() as tx:
        found = [each for each in await read_topic_readers(tx) if each.reader not in SERVICES and each.seconds > LATE_SECONDS]
    return "; ".join(
        f"{each.events} events of {each.topic} are kept for {each.reader}: start it, or `attendance readers --remove {each.reader}`"
        for each in found
    ) or None  # fmt: skip


def _waiting(each: ReaderPosition) -> str:
    """Return what waits for a reader, since when, and until when the broker keeps it."""
    kept = f", deleted by the broker at {each.deleted_at:%Y-%m-%d %H:%M} UTC" if each.deleted_at else ""
    return (
        f"{each.end_offset - each.next_offset} events of {each.topic} wait in partition {each.partition}, "
        f"the oldest since {each.unread_since:%Y-%m-%d %H:%M:%S} UTC{kept}"
    )


def _seconds(each: ReaderPosition) -> float:
    return (clock.now() - each.unread_since).total_seconds() if each.unread_since else 0.0


async def list_readers(console: Console) -> int:
    """Print how far every reader has read every topic; return 1 if anything has waited for more than a minute."""
    async with _connected() as bus:
        found = await find_positions(bus, SERVICES, {})
    table = Table("reader", "topic", "partition", "goes on at", "end", "oldest unread, UTC")
    for each in sorted(found, key=lambda one: (one.reader, one.topic, one.partition)):
        oldest = f"{each.unread_since:%Y-%m-%d %H:%M:%S}" if each.unread_since else ""
        table.add_row(each.reader, each.topic, str(each.partition), str(each.next_offset), str(each.end_offset), oldest)
    console.print(table)
    return int(any(_seconds(each) > LATE_SECONDS for each in found))


async def remove(console: Console, reader: str, databases: Sequence[tuple[str, Database]]) -> int:
    """Keep nothing more for a reader that is gone for good; return 1 where that is not possible, having printed what to do."""
    if reader in SERVICES:
        console.print(f"{reader} is a service of the product: start its worker, and it reads what waits for it")
        return 1
    async with _connected() as bus:
        try:
            await bus.remove_reader(reader)
        except LookupError as refusal:
            console.print(str(refusal.args[0]), highlight=False)
            return 1
    for name, database in databases:
        async with database.begin() as tx:
            count = await remove_reader(tx, reader)
        await database.dispose()
        console.print(
            f"{name}: kept nothing for it" if not count else f"{name}: keeps nothing more for it in {count} partitions", highlight=False
        )
    return 0


@asynccontextmanager
async def _connected() -> AsyncIterator[Transport]:
    bus = transport()
    try:
        yield bus
    finally:
        await bus.stop()
