"""A commit wakes whoever waits for its rows, in this process and in others; what is rolled back wakes nobody."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from shared.database.bells import OUTBOX, SILENCE_SECONDS, Bells, ring_after_commit
from shared.messaging import publish
from tests.shared.messaging.world import World, contract, eventually

pytestmark = pytest.mark.parametrize("broker", ["log"], indirect=True)


@pytest_asyncio.fixture
async def elsewhere(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bells]:
    """Give the bells of another process, which listens by the time the test begins."""
    bells = Bells(world.url)
    monkeypatch.setattr("shared.database.bells.RECONNECT_SECONDS", 0)
    with bells.listening("a new connection") as connected:
        listening = asyncio.create_task(bells.listen())
        await connected.wait()
        yield bells
        listening.cancel()


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Let nobody have rung a bell of the test's database lately."""
    monkeypatch.setattr(world.database.bells, "_rung_at", {})


async def store(world: World) -> None:
    async with world.database.begin() as tx:
        await publish(tx, contract(world.topic)(pupil="a", number=1))


async def test_an_event_rings_the_bell_of_the_outbox_when_it_is_committed_and_not_before(world: World) -> None:
    with world.database.bells.listening(OUTBOX) as rung:
        async with world.database.begin() as tx:
            await publish(tx, contract(world.topic)(pupil="a", number=1))
            assert not rung.is_set()

        assert rung.is_set()


async def test_an_event_of_a_failed_transaction_rings_no_bell_and_neither_does_the_next_transaction(world: World) -> None:
    async def fails() -> None:
        async with world.database.begin() as tx:
            await publish(tx, contract(world.topic)(pupil="a", number=1))
            raise ZeroDivisionError

    with world.database.bells.listening(OUTBOX) as rung:
        with pytest.raises(ZeroDivisionError):
            await fails()
        async with world.database.begin() as tx:
            await tx.execute(text("SELECT 1"))

        assert not rung.is_set()


async def test_a_transaction_of_the_driver_rings_the_bell_that_it_names(world: World) -> None:
    with world.database.bells.listening(OUTBOX) as rung:
        async with world.database.begin_in_driver([100401], OUTBOX) as driver:
            await driver.execute("SELECT 1")
            assert not rung.is_set()

        assert rung.is_set()


@pytest.mark.usefixtures("silent")
async def test_the_first_commit_after_a_second_of_silence_rings_the_bell_in_other_processes(world: World, elsewhere: Bells) -> None:
    with elsewhere.listening(OUTBOX) as rung:
        await store(world)

        await asyncio.wait_for(rung.wait(), 30)


@pytest.mark.usefixtures("silent")
async def test_commits_in_quick_succession_ring_other_processes_once(world: World, elsewhere: Bells) -> None:
    with elsewhere.listening(OUTBOX) as rung, elsewhere.listening("the end") as ended:
        await store(world)
        await asyncio.wait_for(rung.wait(), 30)
        rung.clear()
        await store(world)
        async with world.database.begin() as tx:
            ring_after_commit(tx, "the end")
        await asyncio.wait_for(ended.wait(), 30)

        assert not rung.is_set()


async def test_a_bell_is_silent_until_it_was_rung_and_again_after_a_second(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    bells, now = Bells(world.url), [100.0]
    monkeypatch.setattr("shared.database.bells.time.monotonic", lambda: now[0])

    assert bells.silent([OUTBOX, "imports"]) == [OUTBOX, "imports"]
    bells.ring([OUTBOX])
    now[0] += SILENCE_SECONDS / 2
    assert bells.silent([OUTBOX, "imports"]) == ["imports"]
    now[0] += SILENCE_SECONDS / 2
    assert bells.silent([OUTBOX, "imports"]) == [OUTBOX, "imports"]


@pytest.mark.usefixtures("silent")
async def test_after_a_lost_connection_every_bell_is_rung_and_listened_to_again(world: World, elsewhere: Bells) -> None:
    with elsewhere.listening(OUTBOX) as rung:
        async with world.database.begin() as tx:
            listeners = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            assert (await tx.execute(listeners)).scalars().all() == [True]
        await asyncio.wait_for(rung.wait(), 30)
        rung.clear()

        await store(world)

        await asyncio.wait_for(rung.wait(), 30)


async def test_a_publication_to_the_log_rings_the_bells_of_its_topics_alone(world: World) -> None:
    bells = world.bus.bells = Bells(world.broker.url)  # type: ignore[attr-defined]  # nothing rings them from outside
    with bells.listening(world.topic) as rung, bells.listening("another topic") as other:
        await world.bus.publish([world.message("a", 1)])

        assert (rung.is_set(), other.is_set()) == (True, False)


async def test_an_event_published_by_another_process_is_read_when_its_bell_is_rung(world: World) -> None:
    subscription = world.bus.subscribe(world.group, [world.topic], world.loop()._offsets)
    abroad = world.broker.transport()
    abroad.bells = Bells(world.broker.url)  # type: ignore[attr-defined]  # another process has its own
    listeners = "SELECT FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"

    async def is_listened_to() -> bool:
        return bool(await world.broker.ask(listeners))  # type: ignore[attr-defined]

    await subscription.start()
    await eventually(is_listened_to)
    assert not await subscription.fetch(limit=10, wait_seconds=0.1)
    subscription._look_at = float("inf")  # type: ignore[attr-defined]  # the table is not looked at again by itself
    await abroad.publish([world.message("a", 1)])

    fetched = await subscription.fetch(limit=10, wait_seconds=30)

    await asyncio.gather(subscription.stop(), abroad.stop())
    assert [partition.topic for partition in fetched] == [world.topic]
