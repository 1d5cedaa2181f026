"""What a process appended to the log last is read in its memory, and everything else in the table; no reader can see a difference."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from shared.ids import new_id
from shared.messaging.log import LogSubscription, LogTransport
from shared.messaging.messages import Message, StoredOffset, TopicPartition
from shared.messaging.tail import Tail
from tests.shared.messaging.world import World

log_only = pytest.mark.parametrize("broker", ["log"], indirect=True)


def message(number: int, body: bytes = b"{}") -> Message:
    return Message(new_id(), "registers", str(number), "session-recorded.v1", body, {})


def keys(messages) -> list[str]:
    return [each.key for each in messages]


def test_a_tail_gives_events_from_an_offset_on() -> None:
    tail = Tail()
    for offset in (7, 8, 9):
        tail.append(offset, message(offset))

    assert keys(tail.read(7, 500)) == ["7", "8", "9"]
    assert keys(tail.read(8, 1)) == ["8"]
    assert keys(tail.read(10, 500)) == []


def test_a_tail_gives_nothing_from_before_its_first_event() -> None:
    tail = Tail()
    tail.append(7, message(7))

    assert [keys(tail.read(offset, 500)) for offset in (0, 6)] == [[], []]


@pytest.mark.parametrize("next_offset", [0, 8, 10])
def test_a_tail_begins_anew_where_an_event_does_not_follow_on_the_last(next_offset: int) -> None:
    tail = Tail()
    for offset in (7, 8):
        tail.append(offset, message(offset))

    tail.append(next_offset, message(100))

    assert keys(tail.read(next_offset, 500)) == ["100"]
    assert keys(tail.read(7, 500)) == []


def test_a_tail_drops_its_oldest_events_where_they_are_too_many_or_too_large() -> None:
    few, small = Tail(max_events=2), Tail(max_bytes=25)
    for offset in range(5):
        few.append(offset, message(offset))
        small.append(offset, message(offset, b"ten bytes."))

    for tail in (few, small):
        assert keys(tail.read(3, 500)) == ["3", "4"]
        assert keys(tail.read(2, 500)) == []


def test_an_event_that_is_larger_than_a_tail_is_not_kept() -> None:
    tail = Tail(max_bytes=5)

    tail.append(0, message(0, b"ten bytes."))
    tail.append(1, message(1))

    assert keys(tail.read(0, 500)) == []
    assert keys(tail.read(1, 500)) == ["1"]


async def from_the_beginning(partitions) -> dict[TopicPartition, StoredOffset]:
    return {partition: StoredOffset(0, None) for partition in partitions}


@pytest_asyncio.fixture
async def reading(world: World) -> AsyncIterator[LogSubscription]:
    """Give a reader that knows every partition from the table."""
    assert isinstance(world.bus, LogTransport)
    subscription = world.bus.subscribe(world.group, [world.topic], from_the_beginning)
    await subscription.start()
    await world.bus.publish([world.message(key, 0) for key in "abcdefgh"])
    while not sum(map(len, (await subscription.fetch(limit=500, wait_seconds=0.1)).values())):
        pass
    yield subscription
    await subscription.stop()


async def fetched(subscription: LogSubscription, count: int, limit: int = 500) -> list[tuple[str, int]]:
    """Return key and offset of the next events, one partition after the other."""
    found: defaultdict[TopicPartition, list[tuple[str, int]]] = defaultdict(list)
    async with asyncio.timeout(30):
        while sum(map(len, found.values())) < count:
            for partition, received in (await subscription.fetch(limit=limit, wait_seconds=0.1)).items():
                found[partition] += [(each.message.key, each.offset) for each in received]
    for events in found.values():
        assert [offset for _, offset in events] == sorted({offset for _, offset in events})
    return [each for partition in sorted(found) for each in found[partition]]


def never_asked(_subscription: LogSubscription, _limit: int) -> None:
    raise AssertionError("the table was read")


@log_only
async def test_events_of_this_process_are_read_without_the_table(
    world: World, reading: LogSubscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogSubscription, "_read", never_asked)
    reading._table_by = float("inf")

    await world.bus.publish([world.message("a", number) for number in range(3)])

    assert [key for key, _ in await fetched(reading, 3)] == ["a", "a", "a"]


@log_only
async def test_the_table_is_read_from_time_to_time_though_events_are_in_memory(world: World, reading: LogSubscription) -> None:
    read: list[int] = []

    async def counted(limit: int):
        read.append(limit)
        return await LogSubscription._read(reading, limit)

    reading._table_by = 0.0
    reading._read = counted  # type: ignore[method-assign]
    await world.bus.publish([world.message("a", 1)])

    assert [key for key, _ in await fetched(reading, 1)] == ["a"]
    assert read


@log_only
async def test_events_that_another_process_appended_in_between_are_read_in_their_order(world: World, reading: LogSubscription) -> None:
    abroad = world.broker.transport()

    for bus in (world.bus, abroad, world.bus, abroad, abroad, world.bus):
        await bus.publish([world.message("a", 1)])

    assert [key for key, _ in await fetched(reading, 6)] == ["a"] * 6
    await abroad.stop()


@log_only
async def test_events_that_a_tail_dropped_are_read_in_the_table(world: World, reading: LogSubscription) -> None:
    assert isinstance(world.bus, LogTransport)
    world.bus.tails = defaultdict(partial(Tail, max_events=2))

    await world.bus.publish([world.message("a", number) for number in range(5)])
    await world.bus.publish([world.message("a", number) for number in range(5)])

    assert len(await fetched(reading, 10, limit=3)) == 10


@log_only
async def test_two_readers_of_one_process_both_read_everything_once(world: World, reading: LogSubscription) -> None:
    other = world.bus.subscribe(f"{world.group}-2", [world.topic], from_the_beginning)
    await other.start()
    first = await fetched(other, 8)  # type: ignore[arg-type]

    await world.bus.publish([world.message(key, 1) for key in "abcdefgh"])

    assert await fetched(reading, 8) == [(key, offset) for key, offset in await fetched(other, 8)]  # type: ignore[arg-type]
    assert len(first) == 8
    await other.stop()


@log_only
async def test_a_reader_that_begins_again_goes_on_behind_what_it_stored_and_not_where_the_tail_begins(world: World) -> None:
    async with world.consuming():
        await world.publish(("a", 1), ("a", 2))
        await world.received_as_many_as(2)
    await world.publish(("a", 3))

    async with world.consuming():
        await world.publish(("a", 4))
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1, 2, 3, 4]


@log_only
async def test_an_event_whose_publication_failed_is_read_when_it_was_published_again(world: World, reading: LogSubscription) -> None:
    assert isinstance(world.bus, LogTransport)
    sent = [world.message("a", 1)]
    abroad = world.broker.transport()
    await abroad.publish(sent)  # it was committed, but the answer to the commit was lost

    await world.bus.publish(sent)
    await world.bus.publish([world.message("a", 2)])

    assert len(await fetched(reading, 2)) == 2
    await abroad.stop()
