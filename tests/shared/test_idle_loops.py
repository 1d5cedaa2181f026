"""While nothing happens, a loop looks at its table rarely; it looks at once when its bell is rung, and often for a while after that."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.database import Database
from shared.database.bells import LOOK_SECONDS, OUTBOX, QUIET_SECONDS
from shared.jobs import LONGEST_REST, repeat, ring_with_the_date
from shared.messaging import outbox
from shared.messaging.log import LogSubscription, LogTransport
from shared.messaging.messages import Received, StoredOffset, TopicPartition
from tests.shared.messaging.world import Relayed
from tests.shared.passing_time import Looks, Loop, run

NOWHERE = "postgresql+asyncpg://nobody@localhost/nowhere"
PARTITION = TopicPartition("registers", 0)
MINUTE = 60
SOON = 0.05
"""Seconds within which an event after a quiet time is found."""

Start = tuple[Looks, Loop, Callable[[], None]]
"""What is looked at, the loop that does, and what rings its bell."""


async def nowhere(_messages: object) -> None:
    """Publish nothing."""


@pytest.fixture
def database() -> Database:
    return Database(NOWHERE, pooled=False)


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch, database: Database) -> Start:
    looks = Looks()

    async def relay_once(*_: object) -> int:
        return looks.look()

    monkeypatch.setattr(outbox, "relay_once", relay_once)
    return looks, lambda stopping: outbox.relay(database, Relayed(nowhere), stopping), lambda: database.bells.ring([OUTBOX])


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Start:
    looks, transport = Looks(), LogTransport(NOWHERE)

    async def read(*_: object) -> dict[TopicPartition, list[Received]]:
        return {PARTITION: []} if looks.look() else {}

    async def fetch(stopping: asyncio.Event) -> None:
        subscription = transport.subscribe("thresholds", ["registers"], load_offsets)
        await subscription.start()
        while not stopping.is_set():
            await subscription.fetch(limit=500, wait_seconds=0.5)
        await subscription.stop()

    async def load_offsets(_partitions: object) -> dict[TopicPartition, StoredOffset]:
        raise NotImplementedError

    monkeypatch.setattr(LogSubscription, "_read", read)
    return looks, fetch, lambda: transport.bells.ring(["registers"])


@pytest.fixture
def job(database: Database) -> Start:
    looks = Looks()

    async def work(_database: Database) -> int:
        return looks.look()

    return looks, lambda stopping: repeat("letters to make", work, database, stopping), lambda: database.bells.ring(["letters to make"])


@pytest.fixture(params=["relay", "reader", "job"])
def start(request: pytest.FixtureRequest) -> Start:
    found: Start = request.getfixturevalue(request.param)
    return found


def test_a_quiet_minute_has_at_most_thirty_looks(start: Start) -> None:
    looks, loop, _ = start

    async def quiet_minutes() -> None:
        await asyncio.sleep(3 * MINUTE)

    run(loop, quiet_minutes)

    assert 1 <= looks.within(looks.at[0] + MINUTE, MINUTE) <= MINUTE / LOOK_SECONDS


def test_a_bell_after_a_quiet_minute_is_followed_by_a_look_at_once(start: Start) -> None:
    looks, loop, ring = start
    rung_at = 0.0

    async def rings_after_a_minute() -> None:
        nonlocal rung_at
        await asyncio.sleep(MINUTE + 0.123)
        rung_at = asyncio.get_running_loop().time()
        ring()
        await asyncio.sleep(SOON)

    run(loop, rings_after_a_minute)

    assert looks.within(rung_at, SOON) == 1


def test_a_bell_during_a_look_is_followed_by_another_look(start: Start) -> None:
    looks, loop, ring = start
    look = looks.look

    def looks_too_early() -> int:
        ring()  # what is stored now is not found by the look that has begun
        looks.look = look  # type: ignore[method-assign]
        return look()

    async def looks_again() -> None:
        await asyncio.sleep(MINUTE)
        looks.look = looks_too_early  # type: ignore[method-assign]
        await asyncio.sleep(2 * LONGEST_REST)

    run(loop, looks_again)

    after = [at for at in looks.at if at > looks.at[0] + MINUTE]
    assert after[1] - after[0] < SOON


def test_a_bell_that_was_not_rung_delays_and_loses_nothing(start: Start) -> None:
    looks, loop, _ = start

    async def a_silent_commit() -> None:
        await asyncio.sleep(MINUTE)
        looks.finds.append(1)
        await asyncio.sleep(LONGEST_REST + 0.1)

    run(loop, a_silent_commit)

    assert not looks.finds


@pytest.mark.parametrize("start", ["relay", "reader"], indirect=True)
def test_events_that_follow_one_another_are_found_without_a_bell(start: Start) -> None:
    looks, loop, ring = start

    async def events_every_second() -> None:
        await asyncio.sleep(MINUTE)
        looks.finds.append(1)
        ring()
        for _ in range(5):
            await asyncio.sleep(QUIET_SECONDS / 2)
            looks.finds.append(1)
            await asyncio.sleep(SOON)
            assert not looks.finds

    run(loop, events_every_second)


def test_a_job_is_done_again_at_once_while_it_finds_anything_and_rests_shortly_after(job: Start) -> None:
    looks, loop, ring = job

    async def works() -> None:
        await asyncio.sleep(MINUTE)
        looks.finds = [1, 1, 1]
        ring()
        await asyncio.sleep(1)

    run(loop, works)

    began = looks.at[0] + MINUTE
    assert looks.within(began, 0.1) == 4
    assert looks.within(began + 0.1, 0.4) == 1


def test_a_new_date_rings_the_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    today = tmp_path / "today"
    today.write_text("2026-09-14")
    monkeypatch.setenv("ATTENDANCE_TODAY", f"@{today}")

    async def the_date_changes() -> None:
        with database.bells.listening("overdue") as rung:
            await rung.wait()  # the worker has just begun
            rung.clear()
            await asyncio.sleep(MINUTE)
            assert not rung.is_set()
            today.write_text("2026-09-15")
            await asyncio.sleep(1)
            assert rung.is_set()

    run(lambda stopping: ring_with_the_date(["overdue"], database, stopping), the_date_changes)
