"""An event is stored with the effects of its transaction, and carries its cause."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from shared.database import Transaction
from shared.messaging import publish
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
