"""An event is stored with the effects of its transaction, and carries its cause."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from attendance.operations import publish_again
from shared.database import Database, Transaction
from shared.messaging import publish, publish_many
from shared.messaging.messages import Message
from shared.messaging.outbox import relay_once
from shared.messaging.retention import trim
from tests.shared.messaging.world import Counted, Relayed, World, contract

pytestmark = pytest.mark.parametrize("broker", ["log"], indirect=True)


async def test_an_event_of_a_failed_transaction_is_never_published(world: World) -> None:
    async def publishes_and_fails() -> None:
        async with world.database.begin() as tx:
            await publish(tx, contract(world.topic)(pupil="a", number=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await publishes_and_fails()

    assert await relay_once(world.database, world.bus) == 0


async def test_an_event_is_a_cloud_event_that_names_its_cause(world: World) -> None:
    async def answers(tx: Transaction, event: Counted) -> None:
        if event.number == 1:
            await publish(tx, contract(world.topic)(pupil=event.pupil, number=2))

    async with world.consuming(world.loop(answers)), world.relaying():
        await world.store(("a", 1))
        await world.received_as_many_as(2)

    cause, answer = [row.headers for row in await world.ask("SELECT headers FROM outbox WHERE topic = :topic ORDER BY position")]
    assert answer["ce_causationid"] == cause["ce_id"]
    assert answer["traceparent"].split("-")[1] == cause["traceparent"].split("-")[1]
    assert (answer["ce_specversion"], answer["ce_type"], answer["ce_subject"]) == ("1.0", "counted.v1", "a")
    assert answer["content-type"] == "application/json"


async def test_one_relay_at_a_time_publishes(world: World) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()
    published: list[Message] = []

    async def publishes_slowly(messages: Sequence[Message]) -> None:
        began.set()
        await go_on.wait()
        published.extend(messages)

    await world.store(("a", 1))
    first = asyncio.create_task(relay_once(world.database, Relayed(publishes_slowly)))
    await began.wait()

    second = await asyncio.wait_for(relay_once(world.database, Relayed(publishes_slowly)), 10)
    go_on.set()

    assert (await first, second, len(published)) == (1, 0, 1)


async def test_trimming_never_takes_what_is_not_published_or_not_resolved(world: World) -> None:
    await world.publish(("a", 1))
    await world.store(("a", 2))
    async with world.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET occurred_at = now() - interval '1 year', published_at = published_at - interval '8 days'"))

    await trim(world.database)

    left = await world.ask("SELECT published_at FROM outbox WHERE topic = :topic")
    assert [row.published_at for row in left] == [None]


async def test_events_are_published_again_in_parts_and_each_once(world: World) -> None:
    await world.publish(*[("a", number) for number in range(1, 8)])
    today = (await world.ask("SELECT now()::date"))[0][0]
    published: list[str] = []

    async def note(messages: Sequence[Message]) -> None:
        published.extend(message.key + message.body.decode()[-2] for message in messages)

    assert await publish_again(world.database, today - timedelta(days=1), at_once=3) == 7
    while await relay_once(world.database, Relayed(note), limit=2):
        pass

    assert published == [f"a{number}" for number in range(1, 8)]
    assert await publish_again(world.database, today + timedelta(days=1), at_once=3) == 0


async def test_an_event_that_the_relay_was_faster_with_is_not_published_a_third_time(world: World) -> None:
    await world.publish(("a", 1), ("a", 2), ("a", 3))
    since = (await world.ask("SELECT now()::date - 1"))[0][0]

    class RelayedBetween(Database):
        @asynccontextmanager
        async def begin(self) -> AsyncIterator[Transaction]:
            await relay_once(world.database, world.bus)
            async with super().begin() as tx:
                yield tx

    assert await publish_again(RelayedBetween(world.url, pooled=False), since, at_once=1) == 3


async def test_an_event_that_an_old_copy_makes_again_has_the_id_of_the_first(world: World) -> None:
    await world.store(("a", 1), ("a", 2))
    first = await world.ask("SELECT event_id, headers ->> 'ce_id' AS named FROM outbox WHERE topic = :topic ORDER BY position")
    async with world.database.begin() as tx:
        await tx.execute(text("DELETE FROM outbox"))

    await world.store(("a", 1), ("a", 3))

    again = await world.ask("SELECT event_id, headers ->> 'ce_id' AS named FROM outbox WHERE topic = :topic ORDER BY position")
    assert again[0] == first[0]
    assert again[1].event_id not in {row.event_id for row in first}
    assert [row.named for row in again] == [str(row.event_id) for row in again]


async def test_equal_facts_of_one_database_are_events_of_their_own_in_their_order(world: World) -> None:
    await world.store(("a", 1))

    await world.store(("a", 1), ("b", 2), ("b", 2))

    stored = await world.ask("SELECT event_id, key, headers ->> 'ce_id' AS named FROM outbox WHERE topic = :topic ORDER BY position")
    assert [row.key for row in stored] == ["a", "a", "b", "b"]
    assert len({row.event_id for row in stored}) == 4
    assert [row.named for row in stored] == [str(row.event_id) for row in stored]


async def test_a_state_that_is_published_anew_is_handled_by_who_had_the_event_before(world: World) -> None:
    received: list[int] = []

    async def note(tx: Transaction, event: Counted) -> None:
        received.append(event.number)

    kind = contract(world.topic)
    async with world.consuming(world.loop(note)), world.relaying():
        for _ in range(2):
            async with world.database.begin() as tx:
                await publish_many(tx, [kind(pupil="a", number=1)], anew=True)
        await world.received_as_many_as(2)

    assert received == [1, 1]
