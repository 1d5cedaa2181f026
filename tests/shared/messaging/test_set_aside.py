"""An event that the log refuses for what it is keeps no other from being published: it is set aside, and what comes after it of its key behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from sqlalchemy import text

from shared.messaging import dead_letters, set_aside
from shared.messaging.dead_letters import DeadLetter, DeadLetterResolved, NotFirstOfItsKey
from shared.messaging.messages import Message, Unpublishable
from shared.messaging.outbox import MOST_BYTES, EventTooLarge, relay_once
from tests.shared.messaging.brokers import KafkaBroker
from tests.shared.messaging.world import Relayed, World

WHO = "Ann Operator"
on_the_log = pytest.mark.parametrize("broker", ["log"], indirect=True)


@dataclass
class Refusing:
    """A log that refuses what a pupil with number 13 did, and takes nothing of a publication with such an event."""

    published: list[str] = field(default_factory=list)
    refuses: bool = True

    async def __call__(self, messages: Sequence[Message]) -> None:
        found = [message.key + message.body.decode().rpartition(":")[2].rstrip("}") for message in messages]
        if self.refuses and any(each.endswith("13") for each in found):
            raise Unpublishable("Too large.")
        self.published += found


async def letters(world: World) -> list[tuple[str, str | None]]:
    async with world.database.begin() as tx:
        found = (await dead_letters.listing(tx)).rows
    return [(letter.key, letter.error) for letter in found]


async def the_letters(world: World) -> Sequence[DeadLetter]:
    async with world.database.begin() as tx:
        return (await dead_letters.listing(tx)).rows


@on_the_log
async def test_an_event_that_is_refused_keeps_no_other_key_from_being_published(world: World) -> None:
    log = Refusing()
    await world.store(
        *[("a", number) for number in range(1, 10)], ("b", 13), ("a", 10), ("b", 14), *[("c", number) for number in range(1, 10)]
    )

    assert await relay_once(world.database, Relayed(log)) == 21
    assert await relay_once(world.database, Relayed(log)) == 0

    assert log.published == [*[f"a{number}" for number in range(1, 11)], *[f"c{number}" for number in range(1, 10)]]
    assert await letters(world) == [("b", "Unpublishable: Too large."), ("b", None)]


@on_the_log
async def test_later_events_of_a_key_wait_behind_the_one_that_was_refused(world: World) -> None:
    log = Refusing()
    await world.store(("b", 13))
    await relay_once(world.database, Relayed(log))
    await world.store(("b", 14), ("c", 1))
    await relay_once(world.database, Relayed(log))
    first, second = await the_letters(world)
    log.refuses = False

    with pytest.raises(NotFirstOfItsKey):
        await set_aside.replay(world.database, second.id, WHO)
    assert await set_aside.replay(world.database, first.id, WHO) == 2
    await world.store(("b", 15))
    await relay_once(world.database, Relayed(log))

    assert log.published == ["c1", "b13", "b14", "b15"]
    assert await letters(world) == []
    with pytest.raises(DeadLetterResolved):
        await set_aside.replay(world.database, first.id, WHO)


@on_the_log
async def test_an_event_that_is_refused_again_is_set_aside_again(world: World) -> None:
    log = Refusing()
    await world.store(("b", 13), ("b", 14))
    await relay_once(world.database, Relayed(log))

    assert await set_aside.replay(world.database, (await the_letters(world))[0].id, WHO) == 2
    await relay_once(world.database, Relayed(log))

    assert await letters(world) == [("b", "Unpublishable: Too large."), ("b", None)]


@on_the_log
async def test_an_event_that_was_set_aside_is_one_dead_letter_although_the_log_is_filled_again(world: World) -> None:
    log = Refusing()
    await world.store(("b", 13), ("b", 14))
    await relay_once(world.database, Relayed(log))
    async with world.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET published_at = NULL"))

    await relay_once(world.database, Relayed(log))

    assert (log.published, len(await letters(world))) == ([], 2)


@on_the_log
async def test_an_event_that_the_outbox_no_longer_holds_is_published_from_its_dead_letter(world: World) -> None:
    log, key = Refusing(), "b" * 500
    await world.store((key, 13))
    await relay_once(world.database, Relayed(log))
    async with world.database.begin() as tx:
        await tx.execute(text("DELETE FROM outbox"))
    log.refuses = False

    await set_aside.replay(world.database, (await the_letters(world))[0].id, WHO)
    await relay_once(world.database, Relayed(log))

    assert log.published == [f"{key}13"]


@on_the_log
async def test_events_after_a_dismissed_one_are_published(world: World) -> None:
    log = Refusing()
    await world.store(("b", 13), ("b", 14))
    await relay_once(world.database, Relayed(log))
    first, second = await the_letters(world)

    async with world.database.begin() as tx:
        await dead_letters.dismiss(tx, first.id, WHO, "Nobody needs it.")
    await set_aside.replay(world.database, second.id, WHO)
    await world.store(("b", 15))
    await relay_once(world.database, Relayed(log))

    assert log.published == ["b14", "b15"]


@on_the_log
async def test_an_event_larger_than_a_topic_takes_is_not_stored(world: World) -> None:
    with pytest.raises(EventTooLarge, match=r"counted\.v1 of 3\.0 MiB"):
        await world.store(("a", 1), ("x" * MOST_BYTES, 2))

    assert await relay_once(world.database, world.bus) == 0


@on_the_log
async def test_postgresql_refuses_an_event_and_takes_the_others(world: World) -> None:
    await world.store(("a", 1), ("b", 2), ("c", 3))
    async with world.database.begin() as tx:  # more than a row of an index holds
        await tx.execute(
            text("UPDATE outbox SET topic = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 500) AS n) WHERE key = 'b'")
        )

    assert await relay_once(world.database, world.bus) == 3

    assert await letters(world) == [("b", "Unpublishable: PostgreSQL cannot store it: ProgramLimitExceededError.")]
    assert sum((await world.bus.ends([world.topic])).values()) == 2


@pytest.mark.kafka
@pytest.mark.parametrize("broker", ["kafka"], indirect=True)
async def test_kafka_refuses_an_event_that_is_too_large_and_takes_it_once_it_may_be_larger(world: World) -> None:
    assert isinstance(world.broker, KafkaBroker)
    admin = AIOKafkaAdminClient(bootstrap_servers=world.broker.kafka.bootstrap)
    await admin.start()

    async def set_largest(size: int) -> None:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, world.topic, configs={"max.message.bytes": str(size)})])

    await world.publish(("a", 1))
    await set_largest(100_000)
    await world.store(("a", 2), ("b", 1), ("a" * 150_000, 3), ("c", 1))
    ends = sum((await world.bus.ends([world.topic])).values())

    assert await relay_once(world.database, world.bus) == 4
    (letter,) = await the_letters(world)
    assert letter.error == "Unpublishable: The topic takes no message of this size: raise its max.message.bytes, then replay this one."
    assert sum((await world.bus.ends([world.topic])).values()) >= ends + 3

    await set_largest(1_000_000)
    await set_aside.replay(world.database, letter.id, WHO)
    assert await relay_once(world.database, world.bus) == 1
    await admin.close()
    assert await letters(world) == []
