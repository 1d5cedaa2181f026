"""A consumer recognises its log by the event that it handled last, and goes on past gaps of it."""

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from shared.ids import new_id
from shared.messaging.messages import Message, StoredOffset, TopicPartition
from shared.messaging.position import Position
from tests.shared.messaging.world import World

LAST = new_id()
PARTITION = TopicPartition("registers", 0)


def a_message() -> Message:
    return Message(new_id(), "registers", "100401", "session-recorded.v1", b"{}", {})


def test_a_position_begins_with_the_event_that_was_handled_last():
    assert Position.at(StoredOffset(10, LAST)) == Position(10, 9, LAST)
    assert Position.at(StoredOffset(0, None)) == Position(0, 0, None)


def test_the_event_that_was_handled_last_confirms_the_log_and_is_left_out():
    position = Position.at(StoredOffset(10, LAST))

    assert not position.was_replaced(9, LAST)
    assert position.confirm(9)
    assert position == Position(10, 10, None)
    assert not position.confirm(10)


def test_a_log_with_another_event_at_that_offset_was_replaced():
    position = Position.at(StoredOffset(10, LAST))

    assert position.was_replaced(9, new_id())
    assert not position.was_replaced(10, new_id())
    assert not Position(10, 10, None).was_replaced(9, new_id())


def test_the_first_event_past_a_gap_moves_the_stored_offset_from_before_the_gap():
    position = Position(10, 10, None)
    with capture_logs() as logs:
        position.resume_at(25, "thresholds", PARTITION, lost=False)

    first, second = position.receive(a_message(), 25), position.receive(a_message(), 26)

    assert ((first.since, first.offset), (second.since, second.offset)) == ((10, 25), (26, 26))
    assert [each["event"] for each in logs] == ["events are missing from the log"]


def test_a_replaced_log_is_read_from_its_beginning_and_the_loss_is_logged():
    position = Position.at(StoredOffset(10, LAST))
    with capture_logs() as logs:
        position.resume_at(0, "thresholds", PARTITION, lost=True)

    assert (position.stored, position.reading, position.last_event_id) == (10, 0, None)
    assert [each["event"] for each in logs] == ["the log was lost and begins anew"]


_SET_BACK = text("UPDATE consumer_offsets SET next_offset = :offset, last_event_id = :last WHERE consumer = :consumer AND next_offset > 0")


@pytest.mark.parametrize(("offset", "same_log", "left"), [(2, True, 1), (2, False, 3), (50, False, 3)])
async def test_a_consumer_that_catches_up_reads_a_log_that_was_lost_since_from_its_beginning(
    world: World, offset: int, same_log: bool, left: int
) -> None:
    await world.publish(("a", 1), ("a", 2), ("a", 3))
    await world.loop().catch_up([world.topic])
    (second,) = await world.ask("SELECT event_id FROM outbox WHERE topic = :topic ORDER BY position OFFSET 1 LIMIT 1")
    async with world.database.begin() as tx:  # as an older copy of the database has it
        last = second.event_id if same_log else new_id()
        await tx.execute(_SET_BACK, {"offset": offset, "last": last, "consumer": world.group})
        await tx.execute(text("DELETE FROM received"))
        await tx.execute(text("DELETE FROM inbox"))

    await world.loop().catch_up([world.topic])

    assert len(await world.received()) == left
    await world.loop().catch_up([world.topic])
    assert len(await world.received()) == left
