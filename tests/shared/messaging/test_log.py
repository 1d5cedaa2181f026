"""What is particular to the log in PostgreSQL."""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from shared import clock
from shared.database import Database
from shared.messaging.comparison import find_missing
from shared.messaging.log import LogTransport, create_log_tables
from shared.messaging.log_readers import REPORT_SECONDS, Reports
from shared.messaging.messages import TopicPartition
from shared.messaging.outbox import relay_once
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


@log_only
async def test_events_published_again_do_not_move_the_last_position_back(world: World) -> None:
    await world.publish(*numbers("a", 5))
    last = await world.ask("SELECT * FROM published_positions WHERE topic = :topic")
    async with world.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET published_at = NULL WHERE topic = :topic"), {"topic": world.topic})

    await relay_once(world.database, world.bus, limit=3)

    assert await world.ask("SELECT * FROM published_positions WHERE topic = :topic") == last


@log_only
async def test_the_last_position_follows_to_a_log_that_begins_anew(world: World) -> None:
    await world.publish(*numbers("a", 5))
    await world.broker.lose(world.topic)

    await world.publish(("a", 6))
    missing = await find_missing(world.database, world.bus, world.topic)
    await world.publish()
    missing = [*missing, *await find_missing(world.database, world.bus, world.topic)]

    last = await world.ask('SELECT "offset", event_id FROM published_positions WHERE topic = :topic')
    (partition,) = [partition for partition, end in (await world.bus.ends([world.topic])).items() if end]
    newest = await world.bus.read(partition, 5, 10)
    assert (missing, [(row.offset, row.event_id) for row in last]) == ([], [(5, newest[0].message.event_id)])


async def test_a_member_reports_at_once_and_then_rarely_and_nothing_while_it_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: seconds)
    reported: list[int] = []

    class Connection:
        async def executemany(self, _statement: str, rows: Sequence[tuple[str, str, int, int, object]]) -> None:
            reported.extend(offset for *_, offset, _ in rows)

    reports, connection, partition = Reports("thresholds"), Connection(), TopicPartition("registers", 0)
    for offset in range(100):
        reports.moved({partition: offset})
        await reports.write_if_due(connection)
    seconds += REPORT_SECONDS
    for _ in range(100):
        await reports.write_if_due(connection)
        seconds += REPORT_SECONDS

    assert reported == [0, 99]


@log_only
async def test_a_late_report_of_one_member_does_not_take_back_what_another_reported(world: World) -> None:
    bus, partition = cast("LogTransport", world.bus), TopicPartition(world.topic, 0)
    slow, fast = Reports(world.group), Reports(world.group)
    async with bus.connection() as connection:
        loaded_at = await connection.fetchval("SELECT clock_timestamp()")
        slow.loaded({partition: 3}, loaded_at)
        fast.moved({partition: 9})
        await fast.write(connection)
        await slow.write(connection)
        assert await world.readers() == {world.group: {partition: 9}}

        slow.loaded({partition: 4}, await connection.fetchval("SELECT clock_timestamp()"))
        await slow.write(connection)
        assert await world.readers() == {world.group: {partition: 4}}
