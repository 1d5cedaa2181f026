"""What a consumer does with errors, over each transport."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import ClassVar, cast

import asyncpg
import pytest
from sqlalchemy import text

from shared.contracts.registers import RollChanged, SessionRecorded, SessionRecordedV2
from shared.database import Transaction
from shared.messaging import EventHandlers, dead_letters, publish_many, to_message
from shared.messaging.consumers import MAX_CUT, ConsumerLoop, UnknownVersion
from shared.messaging.messages import Received, TopicPartition
from shared.messaging.outbox import relay_once
from shared.problems import Conflict, Unavailable
from tests.shared.messaging.world import Counted, World, eventually, numbers

ROLL = Path("tests/shared/contracts/samples/roll-changed.v1.json").read_bytes()


class Fault:
    """A handler that fails as long as it has an error."""

    def __init__(self, error: Exception, *, pupil: str = "a", number: int = 2) -> None:
        self.error: Exception | None = error
        self.where = (pupil, number)
        self.tried = 0

    async def __call__(self, tx: Transaction, event: Counted) -> None:
        if (event.pupil, event.number) == self.where:
            self.tried += 1
            if self.error:
                raise self.error

    async def tried_twice(self) -> bool:
        return self.tried >= 2


async def letters(world: World) -> list[tuple[int, str, int, int]]:
    query = "SELECT id, key, (convert_from(body, 'UTF8')::json ->> 'number')::int AS number, attempts FROM dead_letters WHERE topic = :topic AND resolved_at IS NULL ORDER BY id"
    return [tuple(row) for row in await world.ask(query)]


async def dead_letters_stored(world: World, count: int) -> bool:
    return len(await world.ask("SELECT id FROM dead_letters WHERE topic = :topic")) == count


async def waiting(world: World, count: int) -> bool:
    return len(await letters(world)) == count


async def test_an_event_that_fails_for_good_becomes_a_dead_letter_and_only_its_key_waits_behind_it(world: World) -> None:
    fault = Fault(ValueError("poison"))

    async with world.consuming(world.loop(fault)):
        await world.publish(*numbers("abc", 4))
        await world.received_as_many_as(9)
        await world.publish(("a", 5), ("b", 5))
        await world.received_as_many_as(10)
        await eventually(lambda: waiting(world, 4))

    assert await world.received_of("a") == [1]
    assert await world.received_of("b") == [1, 2, 3, 4, 5]
    assert await world.received_of("c") == [1, 2, 3, 4]
    assert [letter[1:] for letter in await letters(world)] == [("a", 2, 1), ("a", 3, 0), ("a", 4, 0), ("a", 5, 0)]


async def test_after_the_fix_a_replay_handles_what_waited_in_order_and_the_key_goes_on(world: World) -> None:
    fault = Fault(ValueError("poison"))
    loop = world.loop(fault)
    async with world.consuming(loop):
        await world.publish(*numbers("a", 4), ("b", 1))
        await world.received_as_many_as(2)
        await eventually(lambda: waiting(world, 3))
        head, second, _ = [letter[0] for letter in await letters(world)]
        with pytest.raises(dead_letters.NotFirstOfItsKey):
            await dead_letters.replay(world.database, loop.handlers.handle, second, "Ann Operator")
        with pytest.raises(dead_letters.ReplayFailed):
            await dead_letters.replay(world.database, loop.handlers.handle, head, "Ann Operator")
        fault.error = None

        done = await dead_letters.replay(world.database, loop.handlers.handle, head, "Ann Operator")
        await world.publish(("a", 5))
        await world.received_as_many_as(6)

    assert done == 3
    assert await world.received_of("a") == [1, 2, 3, 4, 5]
    assert await letters(world) == []
    kept = await world.ask("SELECT resolution, resolved_by, attempts FROM dead_letters WHERE topic = :topic ORDER BY id")
    assert [tuple(row) for row in kept] == [
        ("replayed", "Ann Operator", 2),
        ("replayed", "Ann Operator", 0),
        ("replayed", "Ann Operator", 0),
    ]
    with pytest.raises(Conflict):
        await dead_letters.replay(world.database, loop.handlers.handle, head, "Ann Operator")


async def test_a_dismissed_event_is_left_out_and_what_waited_behind_it_can_be_replayed(world: World) -> None:
    loop = world.loop(Fault(ValueError("poison")))
    async with world.consuming(loop):
        await world.publish(*numbers("a", 3), ("b", 1))
        await eventually(lambda: waiting(world, 2))
        async with world.database.begin() as tx:
            dismissed, head = [letter.id for letter in (await dead_letters.listing(tx)).rows]
            await dead_letters.dismiss(tx, dismissed, "Ann Operator", "published in error")

        await dead_letters.replay(world.database, loop.handlers.handle, head, "Ann Operator")
        await world.publish(("a", 4))
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1, 3, 4]


async def test_an_event_that_does_not_fit_its_contract_is_a_dead_letter(world: World) -> None:
    good, bad = world.message("a", 2), world.message("a", 1)
    object.__setattr__(bad, "body", b"{not json")

    async with world.consuming():
        await world.bus.publish([bad, good, world.message("b", 1)])
        await world.received_as_many_as(1)
        await eventually(lambda: dead_letters_stored(world, 2))

    assert await world.received() == [("b", 1)]


async def test_an_event_with_a_transient_error_is_tried_again_before_any_later_one(world: World) -> None:
    fault = Fault(Unavailable("registers"))

    async with world.consuming(world.loop(fault)):
        await world.publish(*numbers("a", 4))
        await eventually(fault.tried_twice)
        fault.error = None
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1, 2, 3, 4]
    assert await letters(world) == []


async def test_an_event_that_always_takes_too_long_becomes_a_dead_letter(world: World) -> None:
    fault = Fault(asyncpg.QueryCanceledError("canceling statement due to statement timeout"))

    async with world.consuming(world.loop(fault)):
        await world.publish(*numbers("ab", 3))
        await eventually(lambda: waiting(world, 2))
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1]
    assert await world.received_of("b") == [1, 2, 3]
    # In the batch of several partitions, in that of its own, or in neither; then three times alone.
    assert MAX_CUT <= fault.tried <= MAX_CUT + 2


async def test_a_consumer_stopped_during_a_transient_error_stops_and_another_goes_on(world: World) -> None:
    fault = Fault(Unavailable("registers"))
    async with world.consuming(world.loop(fault)):
        await world.publish(*numbers("a", 4))
        await eventually(fault.tried_twice)

    async with world.consuming():
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1, 2, 3, 4]


async def test_a_lost_database_connection_is_a_transient_error(world: World) -> None:
    lost: list[int] = []

    async def loses_its_connection_three_times(tx: Transaction, event: Counted) -> None:
        if len(lost) < 3:
            lost.append(event.number)
            await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async with world.consuming(world.loop(loses_its_connection_three_times)):
        await world.publish(*numbers("ab", 3))
        await world.received_as_many_as(6)

    assert Counter(await world.received()) == Counter(numbers("ab", 3))
    assert await letters(world) == []


async def test_the_same_event_published_twice_is_handled_once(world: World) -> None:
    messages = [world.message("a", number) for number in (1, 2, 3)]

    async with world.consuming():
        await world.bus.publish([messages[0], messages[0], messages[1]])
        await world.bus.publish(messages)
        await world.received_as_many_as(3)
        await world.bus.publish([*messages, world.message("a", 4)])
        await world.received_as_many_as(4)

    assert await world.received_of("a") == [1, 2, 3, 4]


async def test_events_published_again_after_retention_are_recognised_whether_handled_or_dead_letters(world: World) -> None:
    messages = [world.message(pupil, number) for pupil, number in numbers("ab", 3)]

    async with world.consuming(world.loop(Fault(ValueError("poison")))):
        await world.bus.publish(messages)
        await world.received_as_many_as(4)
        await eventually(lambda: waiting(world, 2))
        await world.broker.expire(world.topic)
        await world.bus.publish([*messages, world.message("a", 4), world.message("b", 4)])
        await world.received_as_many_as(5)
        await eventually(lambda: waiting(world, 3))

    assert await world.received_of("b") == [1, 2, 3, 4]
    assert [letter[1:3] for letter in await letters(world)] == [("a", 2), ("a", 3), ("a", 4)]


async def test_a_member_that_lost_its_partition_can_write_nothing(world: World) -> None:
    zombie = world.loop(member="zombie")
    await world.publish(*numbers("a", 5))
    subscription = world.bus.subscribe(world.group, [world.topic], zombie._offsets)
    await subscription.start()
    fetched: dict[TopicPartition, Sequence[Received]] = {}

    async def fetches() -> bool:
        fetched.update(await subscription.fetch(limit=500, wait_seconds=0.2))
        return bool(fetched)

    await eventually(fetches)
    heir = world.broker.transport()
    async with world.consuming(world.loop(member="heir", bus=heir)):
        # The zombie sleeps with its batch in hand, while its membership is still kept up.
        await asyncio.gather(subscription.stop(), world.received_as_many_as(5))
        async with world.database.begin() as tx:
            await tx.execute(text("DELETE FROM inbox"))  # so that nothing but the offset can stop it
    await heir.stop()

    for partition, received in fetched.items():
        await zombie._handle_partition(subscription, partition, received, asyncio.Event())
        await zombie._handle_partition(subscription, partition, [_later(one) for one in received], asyncio.Event())

    assert await world.received_of("a") == [1, 2, 3, 4, 5]
    assert {row.member for row in await world.ask("SELECT member FROM received WHERE topic = :topic")} == {"heir"}


def _later(one: Received) -> Received:
    """Return the same message as if it stood ten offsets further on."""
    return Received(one.message, one.offset + 10, one.since + 10)


@pytest.mark.parametrize("first", ["one by one", "many at once"])
def test_a_kind_of_event_that_is_taken_many_at_once_has_no_other_handler(first: str):
    handlers = EventHandlers("things")
    register = {"one by one": handlers.on(RollChanged), "many at once": handlers.on_many(RollChanged)}
    register[first](_nothing)

    with pytest.raises(ValueError, match="roll-changed"):
        handlers.on_many(RollChanged)(_nothing)
    if first == "many at once":
        with pytest.raises(ValueError, match="roll-changed"):
            handlers.on(RollChanged)(_nothing)


async def test_the_versions_of_an_event_that_one_handler_takes_come_together_and_in_order():
    handlers = EventHandlers("things")
    calls: list[list[tuple[str, int]]] = []

    async def take(_: object, events: Sequence[SessionRecorded | SessionRecordedV2]) -> None:
        calls.append([(event.type(), event.revision) for event in events])

    handlers.on_many(SessionRecorded)(take)
    handlers.on_many(SessionRecordedV2)(take)
    head = {"school": 100401, "la_code": "881", "date": date(2026, 9, 10), "session": "AM"}
    events: list[SessionRecorded | SessionRecordedV2] = [
        SessionRecordedV2.model_validate({**head, "revision": number, "pupils": "AZqPPAABcACAAAAAAAAREQ==", "codes": "/"})
        if number % 2
        else SessionRecorded.model_validate({**head, "revision": number, "marks": ()})
        for number in range(4)
    ]

    messages = [to_message(each.topic, each.type(), each.key, each.model_dump_json().encode()) for each in events]

    await handlers.handle(cast("Transaction", None), messages)

    assert calls == [[("session-recorded.v1", 0), ("session-recorded.v2", 1), ("session-recorded.v1", 2), ("session-recorded.v2", 3)]]


async def test_an_event_of_a_later_version_is_no_part_of_what_one_handler_takes_together():
    handlers = EventHandlers("things")
    handlers.on_many(RollChanged)(_nothing)
    first, later = to_message("registers", "roll-changed.v1", "a", ROLL), to_message("registers", "roll-changed.v9", "a", ROLL)

    with pytest.raises(UnknownVersion):
        await handlers.handle(cast("Transaction", None), [first, later])


async def _nothing(*_: object) -> None:
    """Take whatever comes."""


class Uncounted(Counted):
    """A kind of event that the group does not consume."""

    name: ClassVar[str] = "uncounted"


async def publish_unconsumed(world: World, count: int) -> None:
    """Publish events of a type that the group does not consume, under the key that its other events have."""
    kind = type("Uncounted", (Uncounted,), {"topic": world.topic, "__module__": __name__})
    async with world.database.begin() as tx:
        await publish_many(tx, [kind(pupil="a", number=number) for number in range(count)])
    while await relay_once(world.database, world.bus):
        pass


async def stored_offset(world: World) -> int:
    (row,) = await world.ask("SELECT COALESCE(sum(next_offset), 0) AS next_offset FROM consumer_offsets WHERE topic = :topic")
    return int(row.next_offset)


def skipped_up_to(loop: ConsumerLoop) -> int:
    return sum(skipped.offset + 1 for skipped in loop._skipped.values())


async def test_events_that_are_not_consumed_are_skipped_and_the_next_that_is_stores_the_offset_past_them(world: World) -> None:
    loop = world.loop()

    async with world.consuming(loop):
        await publish_unconsumed(world, 3)
        await eventually(lambda: equal(skipped_up_to(loop), 3))
        await publish_unconsumed(world, 2)
        await eventually(lambda: equal(skipped_up_to(loop), 5))
        assert await stored_offset(world) == 0
        await world.publish(("a", 1))
        await world.received_as_many_as(1)

    assert await stored_offset(world) == 6
    assert not loop._skipped


async def test_the_stored_offset_follows_when_nothing_but_skipped_events_came_for_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.messaging.consumers.SKIPPED_SECONDS", 0)

    async with world.consuming():
        await publish_unconsumed(world, 3)

        async def followed() -> bool:
            return await stored_offset(world) == 3

        await eventually(followed)
        await world.publish(("a", 1))
        await world.received_as_many_as(1)

    assert await stored_offset(world) == 4


async def test_skipped_events_are_read_again_after_a_restart_and_what_follows_is_handled_once(world: World) -> None:
    loop = world.loop()
    async with world.consuming(loop):
        await world.publish(("a", 1))
        await world.received_as_many_as(1)
        await publish_unconsumed(world, 3)
        await eventually(lambda: equal(skipped_up_to(loop), 4))

    async with world.consuming():
        await world.publish(("a", 2))
        await world.received_as_many_as(2)

    assert await world.received_of("a") == [1, 2]
    assert await stored_offset(world) == 5


async def test_a_consumed_event_that_fails_behind_skipped_ones_is_tried_again_from_the_stored_offset(world: World) -> None:
    fault = Fault(Unavailable("registers"), number=1)
    loop = world.loop(fault)

    async with world.consuming(loop):
        await publish_unconsumed(world, 3)
        await eventually(lambda: equal(skipped_up_to(loop), 3))
        await world.publish(("a", 1))
        await eventually(fault.tried_twice)
        fault.error = None
        await world.received_as_many_as(1)

    assert await stored_offset(world) == 4


async def equal(found: int, wanted: int) -> bool:
    return found == wanted
