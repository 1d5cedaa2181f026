"""What somebody has not read yet is kept, however old it is; what everybody has read is deleted by its age."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text

from attendance.readers import reader_checks
from shared import clock
from shared.database import Database
from shared.ids import new_id
from shared.messaging.log import KEPT, LogTransport, create_log_tables
from shared.messaging.readers import TopicReader, look_at_readers, read_topic_readers, remove_reader
from shared.messaging.retention import trim
from shared.service import Service
from shared.settings import settings
from tests.shared.messaging.brokers import LogBroker
from tests.shared.messaging.conftest import METADATA
from tests.shared.messaging.world import World, consumers, eventually, numbers


@pytest_asyncio.fixture
async def holidays(log_broker: LogBroker, consumer_url: str) -> AsyncIterator[World]:
    """Give a world with a log of its own: trimming and ageing take the events of every topic."""
    name = new_id().hex
    broker: Any = LogBroker(log_broker.server, log_broker.server.provide("log_to_trim")[1])
    await create_log_tables(broker.url)
    await broker.ask("TRUNCATE log_events, log_partitions, log_readers")
    database, bus = Database(consumer_url), LogTransport(broker.url, partitions=3)
    yield World(broker, database, consumer_url, f"topic-{name}", f"group-{name}", bus)
    await bus.stop()
    await database.dispose()


async def pass_days(world: World, days: int) -> None:
    """Make everything that is stored so many days older, as if nothing had run meanwhile."""
    assert isinstance(world.broker, LogBroker)
    await world.broker.ask(f"UPDATE log_events SET appended_at = appended_at - interval '{days} days'")
    async with world.database.begin() as tx:
        for table, columns in {
            "outbox": ("occurred_at", "published_at"),
            "inbox": ("received_at",),
            "published_positions": ("published_at",),
            "topic_readers": ("unread_since", "seen_at"),
        }.items():
            changes = ", ".join(f"{column} = {column} - interval '{days} days'" for column in columns)
            await tx.execute(text(f"UPDATE {table} SET {changes}"))


async def subscribe_and_leave(world: World, group: str | None = None) -> None:
    """Let a group subscribe for the first time."""

    async def is_seen() -> bool:
        return (group or world.group) in await world.readers()

    async with world.consuming(world.loop(group=group or world.group)):
        await eventually(is_seen)


async def delete_old(world: World) -> None:
    """Do what the log and the service's worker do from time to time, beginning with their start."""
    assert isinstance(world.bus, LogTransport)
    await world.bus.trim(clock.now() - KEPT)
    await look_at_readers(world.database, world.bus, [world.topic])
    while await trim(world.database):
        pass


async def readers(world: World) -> list[TopicReader]:
    """Return how far everybody was at the last look."""
    async with world.database.begin() as tx:
        return await read_topic_readers(tx)


def reader_service(world: World) -> Service:
    """Return a service that reads the topic."""
    return Service(world.group, "Reads", "", METADATA, Path(), [], consumers=consumers(world.group, world.topic))


async def problems_of(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Return what the doctor finds of a service's reading."""
    monkeypatch.setenv("ATTENDANCE_LOG_DATABASE_URL", world.broker.url)  # type: ignore[attr-defined]
    monkeypatch.delenv("ATTENDANCE_KAFKA", raising=False)
    settings.cache_clear()
    found = {title: await check() for title, check in reader_checks(reader_service(world), world.database)}
    settings.cache_clear()
    return found


async def left(world: World) -> tuple[int, int]:
    """Return how many events stand in the log and in the outbox."""
    assert isinstance(world.broker, LogBroker)
    return len(await world.broker.ask("SELECT FROM log_events")), len(await world.ask("SELECT 1 FROM outbox WHERE topic = :topic"))


@pytest.mark.parametrize("order", ["trim, then read", "at the same moment"])
async def test_events_that_nobody_has_read_for_forty_days_are_all_read(holidays: World, order: str) -> None:
    async with holidays.consuming():
        await holidays.publish(*numbers("abcdefgh", 2))
        await holidays.received_as_many_as(16)
    await holidays.publish(*[(pupil, number + 2) for pupil, number in numbers("abcdefgh", 3)])
    await pass_days(holidays, 40)

    if order == "trim, then read":
        await delete_old(holidays)
        assert await left(holidays) == (24, 24)
    async with holidays.consuming():
        await delete_old(holidays)
        await holidays.received_as_many_as(40)

    for pupil in "abcdefgh":
        assert await holidays.received_of(pupil) == [1, 2, 3, 4, 5]


async def test_an_event_that_every_reader_has_read_is_deleted_by_its_age(holidays: World) -> None:
    async with holidays.consuming():
        await holidays.publish(*numbers("abcdefgh", 2))
        await holidays.received_as_many_as(16)
    await pass_days(holidays, 40)
    await holidays.publish(*[(pupil, 3) for pupil in "abcdefgh"])

    await delete_old(holidays)

    assert await left(holidays) == (8, 8)


async def test_a_reader_that_has_never_handled_anything_is_waited_for_too(holidays: World) -> None:
    await subscribe_and_leave(holidays)
    await holidays.publish(*numbers("abcdefgh", 2))
    await pass_days(holidays, 400)

    await delete_old(holidays)

    assert await left(holidays) == (16, 16)


async def test_the_slowest_of_two_readers_is_waited_for(holidays: World) -> None:
    await subscribe_and_leave(holidays, "slow")
    async with holidays.consuming():
        await holidays.publish(*numbers("abcdefgh", 2))
        await holidays.received_as_many_as(16)
    await pass_days(holidays, 40)

    await delete_old(holidays)

    assert await left(holidays) == (16, 16)


async def test_a_reader_that_was_removed_is_not_waited_for_any_more(holidays: World) -> None:
    await subscribe_and_leave(holidays, "gone for good")
    await holidays.publish(*numbers("abcdefgh", 2))
    await pass_days(holidays, 40)
    await delete_old(holidays)

    assert isinstance(holidays.bus, LogTransport)
    await holidays.bus.remove_reader("gone for good")
    async with holidays.database.begin() as tx:
        await remove_reader(tx, "gone for good")
    await delete_old(holidays)

    assert await left(holidays) == (0, 0)


async def test_the_inbox_outlives_what_may_come_again(holidays: World) -> None:
    await subscribe_and_leave(holidays, "slow")
    async with holidays.consuming():
        await holidays.publish(*numbers("abcdefgh", 2))
        await holidays.received_as_many_as(16)
    await pass_days(holidays, 50)
    await delete_old(holidays)
    await holidays.broker.lose(holidays.topic)
    async with holidays.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET published_at = NULL"))

    async with holidays.consuming():
        await holidays.publish(("a", 3))
        await holidays.received_as_many_as(17)

    assert await holidays.received_of("a") == [1, 2, 3]


async def test_the_inbox_is_deleted_by_its_age_where_nothing_can_come_again(holidays: World) -> None:
    async with holidays.consuming():
        await holidays.publish(*numbers("abcdefgh", 2))
        await holidays.received_as_many_as(16)
    await pass_days(holidays, 50)

    await delete_old(holidays)

    assert not await holidays.ask("SELECT 1 FROM inbox")


async def test_an_event_that_everybody_read_is_not_kept_longer_by_being_published_again(holidays: World) -> None:
    async with holidays.consuming():
        await holidays.publish(*numbers("abcdefgh", 2))
        await holidays.received_as_many_as(16)
        await pass_days(holidays, 41)
        async with holidays.database.begin() as tx:
            await tx.execute(text("UPDATE outbox SET published_at = now()"))

    await delete_old(holidays)

    assert not await holidays.ask("SELECT 1 FROM outbox")


async def test_how_long_something_is_unread_is_seen_and_does_not_grow_younger(holidays: World) -> None:
    await subscribe_and_leave(holidays)
    await holidays.publish(("a", 1), ("a", 2))
    await pass_days(holidays, 3)
    await holidays.publish(("a", 3))

    await look_at_readers(holidays.database, holidays.bus, [holidays.topic])
    (first,) = await readers(holidays)
    await holidays.broker.expire(holidays.topic)
    await holidays.publish(("a", 4))
    await look_at_readers(holidays.database, holidays.bus, [holidays.topic])
    (second,) = await readers(holidays)

    assert (first.reader, first.topic, first.events) == (holidays.group, holidays.topic, 3)
    assert second.events == 4
    assert min(first.seconds, second.seconds) > timedelta(days=3).total_seconds()


async def test_the_doctor_names_what_a_service_has_not_read_though_nothing_of_it_runs(
    holidays: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = f"{holidays.group} has read what was published to it"
    assert (await problems_of(holidays, monkeypatch))[title] is None
    await holidays.publish(("a", 1))
    assert (await problems_of(holidays, monkeypatch))[title] == "it has never read anything: start its worker"

    async with holidays.consuming():
        await holidays.received_as_many_as(1)
    assert (await problems_of(holidays, monkeypatch))[title] is None
    await holidays.publish(("a", 2))
    await pass_days(holidays, 1)
    late = (await problems_of(holidays, monkeypatch))[title]
    async with holidays.consuming():
        await holidays.received_as_many_as(2)

    assert late is not None
    assert f"1 events of {holidays.topic} wait" in late
    assert (await problems_of(holidays, monkeypatch))[title] is None


async def test_the_doctor_names_a_reader_that_is_no_service_and_keeps_events_from_being_deleted(
    holidays: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribe_and_leave(holidays, "tried once")
    await holidays.publish(("a", 1))
    await pass_days(holidays, 1)
    await look_at_readers(holidays.database, holidays.bus, [holidays.topic])

    found = (await problems_of(holidays, monkeypatch))[f"nothing of {holidays.group} waits for a reader that is no service"]

    assert found == f"1 events of {holidays.topic} are kept for tried once: start it, or `attendance readers --remove tried once`"
