"""What is particular to the log in PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.database import Database
from shared.messaging.log import LogTransport, create_log_tables
from tests.shared.messaging.brokers import LogBroker
from tests.shared.messaging.world import World, numbers

log_only = pytest.mark.parametrize("broker", ["log"], indirect=True)


async def offsets(world: World) -> list[tuple[int, int]]:
    assert isinstance(world.broker, LogBroker)
    rows = await world.broker.ask('SELECT partition, "offset" FROM log_events WHERE topic = $1 ORDER BY partition, "offset"', world.topic)
    return [tuple(row) for row in rows]


@log_only
async def test_events_appended_twice_leave_no_hole_in_the_offsets(world: World) -> None:
    messages = [world.message("a", number) for number in range(1, 7)]

    await world.bus.publish(messages[:3])
    await world.bus.publish(messages)
    await world.bus.publish([messages[0], world.message("a", 7)])

    assert [offset for _, offset in await offsets(world)] == list(range(7))


@log_only
async def test_a_key_stays_in_its_partition(world: World) -> None:
    await world.publish(*numbers("abcdefgh", 1))
    first = await offsets(world)
    await world.publish(*[(pupil, 2) for pupil in "abcdefgh"])

    second = await offsets(world)
    for partition in range(3):
        assert len([1 for number, _ in second if number == partition]) == 2 * len([1 for number, _ in first if number == partition])


async def test_trimming_takes_the_old_and_leaves_the_new(log_broker: LogBroker, consumer_url: str) -> None:
    # In a log of its own: trimming takes the old events of every topic, also of those that others read at the same time.
    broker: Any = LogBroker(log_broker.server, log_broker.server.provide("log_to_trim")[1])
    await create_log_tables(broker.url)
    database, bus = Database(consumer_url), LogTransport(broker.url, partitions=3)
    await bus.start()
    world = World(broker, database, consumer_url, "trimmed", "readers", bus)
    await world.publish(*numbers("a", 3))

    none = await bus.trim(clock.now() - timedelta(minutes=5))
    await bus.trim(clock.now() + timedelta(seconds=1))
    await world.publish(("a", 4))

    assert none == 0
    assert [offset for _, offset in await offsets(world)] == [3]
    await bus.stop()
    await database.dispose()
