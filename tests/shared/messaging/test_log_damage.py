"""A damaged log is named, its readers wait for an operator instead of repeating themselves, and it can be made anew."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from shared.database.bells import bells_of
from shared.ids import new_id
from shared.messaging import waiting
from shared.messaging.log import LogTransport, create_log_tables
from shared.messaging.log_damage import LogDamaged, drop_log_tables, find_damage
from shared.messaging.messages import Message
from shared.messaging.waiting import Waiting
from tests.shared.messaging.brokers import LogBroker
from tests.shared.messaging.world import World, eventually

log_only = pytest.mark.parametrize("broker", ["log"], indirect=True)

DAMAGES = {
    "DROP TABLE log_events": "its table log_events is missing",
    "DROP TABLE log_partitions": "its table log_partitions is missing",
    "DROP TABLE log_readers": "its table log_readers is missing",
    'DELETE FROM log_events WHERE "offset" = 1': "things/0 has lost 1 events between 0 and 3",
    'DELETE FROM log_events WHERE "offset" = 3': "things/0 has lost the 1 events from 3 on",
    "UPDATE log_partitions SET next_offset = 2": "things/0 ends before 2 and has an event at 3",
    "DELETE FROM log_partitions": "things/0 has events and no end",
}


async def ask(url: str, query: str) -> Any:
    connection = await asyncpg.connect(bells_of(url).address)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def log_url(log_broker: LogBroker) -> AsyncIterator[str]:
    """Give a log of four events in a database of its own."""
    url = log_broker.server.provide(f"log_{new_id().hex}")[1]
    await create_log_tables(url)
    bus = LogTransport(url)
    await bus.publish([Message(new_id(), "things", "a", "thing.v1", bytes([number]), {}) for number in range(4)])
    yield url
    await bus.stop()


async def test_a_log_that_is_whole_has_no_damage(log_url: str) -> None:
    await ask(log_url, 'DELETE FROM log_events WHERE "offset" = 0')  # as retention does

    assert await find_damage(log_url) == []


@pytest.mark.parametrize(("damage", "name"), DAMAGES.items(), ids=DAMAGES)
async def test_damage_to_the_log_is_named_and_a_new_log_has_none(log_url: str, damage: str, name: str) -> None:
    await ask(log_url, damage)

    assert await find_damage(log_url) == [name]

    await drop_log_tables(log_url)
    await create_log_tables(log_url)
    assert await find_damage(log_url) == []


async def test_a_page_of_the_log_that_cannot_be_read_is_named(log_url: str, log_broker: LogBroker) -> None:
    (path,) = (await ask(log_url, "SELECT pg_relation_filepath('log_events')"))[0]
    with log_broker.server._superuser("postgres") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    log_broker.kill()
    with (log_broker.server.folder / path).open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 100)
    await asyncio.to_thread(log_broker.server.revive)  # which has patience, where the machine is slow

    assert await find_damage(log_url) == ["it cannot be read (DataCorruptedError)"]

    await drop_log_tables(log_url)
    await create_log_tables(log_url)
    assert await find_damage(log_url) == []


@log_only
async def test_a_reader_of_a_log_that_ends_before_its_last_event_waits_and_repeats_nothing(world: World) -> None:
    assert isinstance(world.broker, LogBroker)
    await world.publish(("a", 1), ("a", 2), ("a", 3))
    await world.broker.ask("UPDATE log_partitions SET next_offset = 1 WHERE topic = $1", world.topic)
    bus = world.broker.transport()
    await bus.start()

    async def waits() -> bool:
        return world.group in waiting.waits_for

    with capture_logs() as logs:
        async with world.consuming(world.loop(bus=bus)):
            await eventually(waits)
            words = waiting.waits_for[world.group]
            await world.broker.ask("UPDATE log_partitions SET next_offset = 3 WHERE topic = $1 AND next_offset = 1", world.topic)
            await world.received_as_many_as(3)
    await bus.stop()

    assert await world.received_of("a") == [1, 2, 3]
    assert "ends before 1 and has an event at 1" in words
    assert "attendance log reset" in words
    assert [each["event"] for each in logs if each["event"].startswith("consumer")] == ["consumer waits", "consumer goes on"]


@pytest.mark.parametrize(
    ("error", "pauses"),
    [
        (LogDamaged("things/0 has no end"), [0.5, 1, 2, 4, 8, 16, 32, 60, 60]),
        (asyncpg.UndefinedTableError("log_events"), [0.5, 1, 2, 4, 8, 16, 32, 60, 60]),
        (asyncpg.DataCorruptedError("invalid page"), [0.5, 1, 2, 4, 8, 16, 32, 60, 60]),
        (ConnectionRefusedError(), [0.5, 1, 2, 4, 5, 5, 5, 5, 5]),
    ],
    ids=["damaged", "missing", "unreadable", "away"],
)
def test_a_reader_waits_longer_and_longer_and_logs_that_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, error: Exception, pauses: list[float]
) -> None:
    now = 1000.0
    monkeypatch.setattr("shared.messaging.waiting.time.monotonic", lambda: now)
    attempts, found = Waiting("things"), []
    with capture_logs() as logs:
        for _ in pauses:
            found.append(attempts.failed(error))
            now += found[-1]
        said = len(logs)
        attempts.succeeded()

    assert found == pauses
    assert said == 1 + int(now - 1000 > 60 + pauses[-1]) + int(now - 1000 > 120 + pauses[-1])
    assert "things" not in waiting.waits_for
    assert attempts.failed(error) == 0.5
    attempts.succeeded()
