"""What every transport must do, over the real thing each time."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from shared import clock
from shared.database import Transaction
from shared.messaging.messages import Message, Received, Standing, Subscription, TopicPartition
from shared.messaging.outbox import relay_once
from tests.shared.messaging.brokers import kill
from tests.shared.messaging.world import Counted, Relayed, World, eventually, numbers

PUBLISH_AGAIN = text("""
    UPDATE outbox SET published_at = NULL
    WHERE topic = :topic AND (convert_from(body, 'UTF8')::jsonb ->> 'number')::integer > :after
""")
"""What was sent late enough, as `attendance replay --from` does."""


async def some(subscription: Subscription, count: int) -> dict[TopicPartition, list[Received]]:
    """Fetch so many messages."""
    found: dict[TopicPartition, list[Received]] = {}

    async def enough() -> bool:
        for partition, received in (await subscription.fetch(limit=500, wait_seconds=0.2)).items():
            found.setdefault(partition, []).extend(received)
        return sum(map(len, found.values())) >= count

    await eventually(enough)
    return found


async def test_all_that_is_published_is_handled_once_and_in_the_order_of_its_key(world: World) -> None:
    sent = numbers("abcdefgh", 40)
    await world.store(*sent)

    async with world.consuming():
        while await relay_once(world.database, world.bus, limit=50):
            pass
        await world.received_as_many_as(len(sent))

    handled = await world.received()
    assert Counter(handled) == Counter(sent)
    for pupil in "abcdefgh":
        assert await world.received_of(pupil) == list(range(1, 41))


async def test_a_publication_of_many_batches_keeps_its_order(world: World) -> None:
    messages = [world.message("a", number, more="x" * 400_000) for number in range(1, 9)]
    messages.append(world.message("a", 9, more="x" * 2_000_000))
    messages.append(world.message("a", 10))

    await world.bus.publish(messages)

    async with world.consuming():
        await world.received_as_many_as(10)
    assert await world.received_of("a") == list(range(1, 11))


async def test_a_group_goes_on_at_its_stored_offset(world: World) -> None:
    async with world.consuming():
        await world.publish(*numbers("abc", 5))
        await world.received_as_many_as(15)
    await world.publish(*numbers("de", 2))

    subscription = world.bus.subscribe(world.group, [world.topic], world.loop()._offsets)
    await subscription.start()
    found = await some(subscription, 4)
    await subscription.stop()

    assert {one.message.key for received in found.values() for one in received} == {"d", "e"}


async def test_a_partition_that_is_rewound_is_fetched_again(world: World) -> None:
    await world.publish(*numbers("a", 5))
    subscription = world.bus.subscribe(world.group, [world.topic], world.loop()._offsets)
    await subscription.start()
    first = await some(subscription, 5)

    for partition in first:
        assert subscription.holds(partition)
        await subscription.rewind(partition)
    second = await some(subscription, 5)

    await subscription.stop()
    assert second == first


async def test_two_members_share_the_work_and_nothing_is_handled_twice(world: World) -> None:
    sent = numbers("abcdefgh", 50)
    other = world.broker.transport()
    await other.start()

    async with world.consuming(world.loop(batch=20), world.loop(batch=20, bus=other)), world.relaying():
        for start in range(0, len(sent), 40):
            await world.store(*sent[start : start + 40])
        await world.received_as_many_as(len(sent))

    await other.stop()
    assert Counter(await world.received()) == Counter(sent)
    assert await world.received_of("c") == list(range(1, 51))


async def test_when_a_member_is_killed_the_other_takes_over(world: World) -> None:
    doomed = world.member("consume", "doomed")
    try:
        await world.publish(*numbers("abcdefgh", 10))
        await world.received_as_many_as(80)
    finally:
        kill(doomed)

    async with world.consuming(world.loop(member="heir")):
        await world.publish(*[(pupil, number + 10) for pupil, number in numbers("abcdefgh", 10)])
        await world.received_as_many_as(160)

    assert {row.member for row in await world.ask("SELECT member FROM received WHERE topic = :topic")} == {"doomed", "heir"}
    for pupil in "abcdefgh":
        assert await world.received_of(pupil) == list(range(1, 21))


async def test_while_the_broker_is_away_publishing_raises_and_afterwards_the_relay_delivers(world: World) -> None:
    async with world.consuming(), world.relaying():
        await world.store(*numbers("abc", 20))
        await world.received_as_many_as(60)

        world.broker.kill()
        with pytest.raises(Exception, match=r".*"):
            await world.bus.publish([world.message("z", 1)])
        await world.store(*[(pupil, number + 20) for pupil, number in numbers("abc", 20)])
        await world.broker.start_again()

        await world.received_as_many_as(120)
    for pupil in "abc":
        assert await world.received_of(pupil) == list(range(1, 41))


async def test_a_relay_that_dies_before_it_marks_what_it_published_doubles_nothing(world: World) -> None:
    async def publishes_and_dies(messages: Sequence[Message]) -> None:
        await world.bus.publish(messages)
        raise SystemExit

    await world.store(*numbers("ab", 10))

    with pytest.raises(SystemExit):
        await relay_once(world.database, Relayed(publishes_and_dies), limit=7)
    async with world.consuming():
        await world.publish(("z", 1))
        await world.received_as_many_as(21)

    assert await world.received_of("a") == list(range(1, 11))
    assert await world.received_of("b") == list(range(1, 11))


async def test_a_frozen_broker_and_then_a_killed_relay_lose_and_double_nothing(world: World) -> None:
    sent = numbers("abcd", 50)
    async with world.consuming():
        first = world.member("relay")
        try:
            for start in range(0, len(sent), 20):
                await world.store(*sent[start : start + 20])
            await world.received_as_many_as(1)
            world.broker.pause()
            await world.store(*[(pupil, number + 50) for pupil, number in numbers("abcd", 10)])
        finally:
            kill(first)
        second = world.member("relay")
        try:
            world.broker.resume()
            await world.received_as_many_as(240)
        finally:
            kill(second)

    for pupil in "abcd":
        assert await world.received_of(pupil) == list(range(1, 61))


async def test_events_that_retention_took_are_skipped_with_a_log_line(world: World) -> None:
    async with world.consuming():
        await world.publish(*numbers("ab", 3))
        await world.received_as_many_as(6)
    await world.publish(*[(pupil, number + 3) for pupil, number in numbers("ab", 3)])
    await world.broker.expire(world.topic)
    await world.publish(("a", 7), ("b", 7))

    with capture_logs() as logs:
        async with world.consuming():
            await world.publish(("a", 8))
            await world.received_as_many_as(9)

    assert await world.received_of("a") == [1, 2, 3, 7, 8]
    assert await world.received_of("b") == [1, 2, 3, 7]
    assert {each["event"] for each in logs if each["log_level"] == "error"} == {"events are missing from the log"}


async def test_a_log_that_was_lost_is_read_from_its_new_beginning(world: World) -> None:
    async with world.consuming():
        await world.publish(*numbers("ab", 10))
        await world.received_as_many_as(20)
    await world.broker.lose(world.topic)
    world.bus = world.broker.transport()
    await world.publish(("a", 11), ("b", 11))

    with capture_logs() as logs:
        async with world.consuming():
            await world.received_as_many_as(22)
    async with world.consuming():
        await world.publish(("a", 12))
        await world.received_as_many_as(23)

    await world.bus.stop()
    assert await world.received_of("a") == list(range(1, 13))
    assert "the log was lost and begins anew" in {each["event"] for each in logs}


@pytest.mark.parametrize("refilled", [9, 10, 15, 25])
async def test_a_log_that_was_lost_and_filled_again_past_what_was_handled_is_read_from_its_new_beginning(
    world: World, refilled: int
) -> None:
    async with world.consuming():
        await world.publish(*numbers("ab", 10))
        await world.received_as_many_as(20)
    await world.publish(*[(pupil, number + 10) for pupil, number in numbers("ab", 3)])
    await world.broker.lose(world.topic)
    world.bus = world.broker.transport()
    await world.store(*[(pupil, number + 13) for pupil, number in numbers("ab", refilled - 3)])
    async with world.database.begin() as tx:
        await tx.execute(PUBLISH_AGAIN, {"topic": world.topic, "after": 10})
    await world.publish()

    with capture_logs() as logs:
        async with world.consuming():
            await world.received_as_many_as(20 + 2 * refilled)

    await world.bus.stop()
    assert [await world.received_of(pupil) for pupil in "ab"] == [list(range(1, 11 + refilled))] * 2
    assert "the log was lost and begins anew" in {each["event"] for each in logs}


async def test_events_published_at_the_same_time_are_all_read(world: World) -> None:
    async def much(writer: int) -> None:
        for number in range(1, 26):
            await world.bus.publish([world.message(f"{writer}-{pupil}", number) for pupil in "ab"])

    async with world.consuming():
        await asyncio.gather(*[much(writer) for writer in range(4)])
        await world.received_as_many_as(200)

    for writer in range(4):
        assert await world.received_of(f"{writer}-a") == list(range(1, 26))


async def standing_at(world: World, standings: Sequence[Standing]) -> list[Message]:
    """Return the events that stand where a publication said."""
    return [(await world.bus.read(partition, offset, 1))[0].message for partition, offset in standings]


async def test_a_publication_returns_where_each_event_stands(world: World) -> None:
    messages = [world.message(pupil, number) for pupil, number in numbers("abcdefgh", 3)]

    first, second = await world.bus.publish(messages[:9]), await world.bus.publish(messages[9:])

    assert [each.event_id for each in await standing_at(world, [*first, *second])] == [each.event_id for each in messages]


async def test_a_publication_of_many_batches_returns_where_each_event_stands(world: World) -> None:
    messages = [world.message(pupil, number, more="x" * 400_000) for number in range(1, 5) for pupil in "ab"]

    standings = await world.bus.publish(messages)

    assert [each.event_id for each in await standing_at(world, standings)] == [each.event_id for each in messages]


async def test_an_event_that_is_published_again_stands_where_the_publication_returns(world: World) -> None:
    old, new = world.message("a", 1), world.message("a", 2)
    await world.bus.publish([old])

    standings = await world.bus.publish([new, old, world.message("a", 3)])

    assert [each.event_id for each in await standing_at(world, standings[:2])] == [new.event_id, old.event_id]


async def test_the_ends_of_a_topic_are_past_its_last_events(world: World) -> None:
    standings = await world.bus.publish([world.message(pupil, number) for pupil, number in numbers("abcdefgh", 3)])

    ends = await world.bus.ends([world.topic, "a-topic-that-does-not-exist"])

    assert {partition: end for partition, end in ends.items() if end} == {
        partition: max(offset for at, offset in standings if at == partition) + 1 for partition, _ in standings
    }


async def test_events_are_read_without_a_group_from_any_offset_and_in_parts(world: World) -> None:
    messages = [world.message("a", number) for number in range(1, 8)]
    partition, first = (await world.bus.publish(messages))[0]

    parts = [await world.bus.read(partition, first + offset, 3) for offset in (0, 3, 6, 7)]

    assert [[each.message.event_id for each in part] for part in parts] == [
        [each.event_id for each in part] for part in (messages[:3], messages[3:6], messages[6:], [])
    ]
    assert [each.offset for part in parts for each in part] == list(range(first, first + 7))
    assert not await world.bus.readers([world.topic])


async def test_others_see_how_far_a_group_has_read(world: World) -> None:
    async with world.consuming():
        await world.publish(*numbers("abcdefgh", 5))
        await world.received_as_many_as(40)
    ends = await world.bus.ends([world.topic])

    assert await world.readers() == {world.group: ends}

    await world.publish(("a", 6))
    assert await world.readers() == {world.group: ends}


async def test_a_group_is_seen_from_its_start_on_before_it_has_handled_anything(world: World) -> None:
    await world.publish(*numbers("abcdefgh", 5))
    halted = asyncio.Event()

    async def halts(_tx: Transaction, _event: Counted) -> None:
        halted.set()
        raise ConnectionError

    async with world.consuming(world.loop(halts)):
        await halted.wait()
        await eventually(world.is_read)

    assert await world.readers() == {world.group: dict.fromkeys(await world.bus.ends([world.topic]), 0)}


async def test_a_group_whose_database_went_back_is_seen_where_it_goes_on(world: World) -> None:
    async with world.consuming():
        await world.publish(*numbers("abcdefgh", 5))
        await world.received_as_many_as(40)
    async with world.database.begin() as tx:
        await tx.execute(text("UPDATE consumer_offsets SET next_offset = 0, last_event_id = NULL"))
    ends = await world.bus.ends([world.topic])

    async def halts(_tx: Transaction, _event: Counted) -> None:
        raise ConnectionError

    async def is_seen_at_the_beginning() -> bool:
        return await world.readers() == {world.group: dict.fromkeys(ends, 0)}

    async with world.database.begin() as tx:
        await tx.execute(text("DELETE FROM inbox"))
    async with world.consuming(world.loop(halts)):
        await eventually(is_seen_at_the_beginning)


async def test_the_outbox_keeps_where_each_event_stands_and_which_was_the_last(world: World) -> None:
    await world.publish(*numbers("abcdefgh", 5))

    rows = await world.ask('SELECT event_id, partition, "offset" FROM outbox WHERE topic = :topic ORDER BY position')
    standings = [(TopicPartition(world.topic, row.partition), row.offset) for row in rows]
    assert [each.event_id for each in await standing_at(world, standings)] == [row.event_id for row in rows]
    last = await world.ask('SELECT partition, "offset", event_id FROM published_positions WHERE topic = :topic')
    assert {(row.partition, row.offset + 1) for row in last} == {
        (partition.number, end) for partition, end in (await world.bus.ends([world.topic])).items() if end
    }
    assert {row.event_id for row in last} <= {row.event_id for row in rows}


async def test_when_the_oldest_event_from_an_offset_on_was_stored_is_seen(world: World) -> None:
    before = clock.now()
    (partition, first), *_ = standings = await world.bus.publish([world.message("a", number) for number in range(1, 4)])

    oldest = await world.bus.oldest([*standings, (partition, first + 3)])

    assert set(oldest) == set(standings)
    assert all(abs(each.stored_at - before) < timedelta(minutes=1) for each in oldest.values())


async def test_of_what_was_deleted_before_it_was_read_the_next_event_is_seen(world: World) -> None:
    (gone,) = await world.bus.publish([world.message("a", 1)])
    await world.broker.expire(world.topic)
    assert not await world.bus.oldest([gone])

    (left,) = await world.bus.publish([world.message("a", 2)])

    oldest = await world.bus.oldest([gone, left])
    assert oldest[gone] == oldest[left]
