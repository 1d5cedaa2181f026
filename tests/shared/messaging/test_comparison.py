"""A database that went back to an old copy is noticed by what its topic holds; a log that went back is filled again."""

import asyncio
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import MetaData, create_engine, text
from structlog.testing import capture_logs

from shared import clock
from shared.database import Database
from shared.database.embedded import EmbeddedPostgres
from shared.http import tokens
from shared.http.app import create_app
from shared.messaging.comparison import Comparison, Gap, accept, find_missing
from shared.messaging.messages import Message, TopicPartition
from shared.messaging.outbox import relay_once
from shared.runtime import work
from shared.service import Service
from tests.shared.messaging.world import World, eventually

TABLES = ("outbox", "published_positions")


class Copy:
    """A copy of what a service stored of its own events."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: dict[str, str] = {}

    async def take(self) -> None:
        for table in TABLES:
            (row,) = await self.world.ask(f"SELECT CAST(jsonb_agg(to_jsonb({table})) AS text) AS stored FROM {table} WHERE topic = :topic")
            self.rows[table] = row.stored

    async def restore(self) -> None:
        async with self.world.database.begin() as tx:
            for table, rows in self.rows.items():
                await tx.execute(text(f"DELETE FROM {table}"))
                filled = f"SELECT * FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb))"
                await tx.execute(text(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {filled}"), {"rows": rows})


@pytest.fixture
def copy(world: World) -> Copy:
    return Copy(world)


class Counting(Comparison):
    """A comparison that counts how often it was made."""

    looks = 0

    async def look(self) -> None:
        await super().look()
        self.looks += 1


async def partition_of(world: World) -> TopicPartition:
    """Return the one partition in which there are events."""
    (partition,) = [partition for partition, end in (await world.bus.ends([world.topic])).items() if end]
    return partition


def numbers(pupil: str, count: int, first: int = 1) -> list[tuple[str, int]]:
    return [(pupil, number) for number in range(first, first + count)]


async def missing(world: World) -> list[str]:
    return [each.message.type for each in await find_missing(world.database, world.bus, world.topic)]


async def test_a_restored_database_finds_the_events_that_it_never_had(world: World, copy: Copy) -> None:
    await world.publish(*numbers("a", 3))
    await copy.take()
    await world.publish(*numbers("b", 4))
    assert await missing(world) == []

    await copy.restore()

    assert await missing(world) == ["counted.v1"] * 4


async def test_a_new_event_after_a_restore_does_not_hide_what_is_missing(world: World, copy: Copy) -> None:
    await world.publish(*numbers("a", 3))
    await copy.take()
    await world.publish(*numbers("a", 4, 4))
    await copy.restore()

    await world.publish(("a", 8))

    assert await missing(world) == ["counted.v1"] * 4


async def test_an_empty_database_finds_everything_that_its_topic_holds(world: World) -> None:
    await world.publish(*numbers("a", 3))
    async with world.database.begin() as tx:
        for table in TABLES:
            await tx.execute(text(f"DELETE FROM {table}"))

    assert await missing(world) == ["counted.v1"] * 3


async def given_no_notes_of_what_was_published(world: World, *, days_ago: int) -> None:
    """Let the database be one that published everything by a version without notes, so long ago, and keeps nothing of it."""
    old = (clock.now() - timedelta(days=days_ago)).isoformat()
    await world.store(*numbers("a", 3))
    async with world.database.begin() as tx:
        await tx.execute(text("UPDATE outbox SET headers = headers || jsonb_build_object('ce_time', CAST(:old AS text))"), {"old": old})
    while await relay_once(world.database, world.bus):
        pass
    async with world.database.begin() as tx:
        for table in TABLES:
            await tx.execute(text(f"DELETE FROM {table}"))


async def test_a_database_of_a_version_without_notes_begins_to_compare_where_its_topic_ends(world: World) -> None:
    await given_no_notes_of_what_was_published(world, days_ago=8)

    with capture_logs() as logs:
        assert await missing(world) == []
        assert await missing(world) == []
    await world.publish(("a", 4))
    assert await missing(world) == []

    assert [each["event"] for each in logs] == ["where the topic ends is noted for the first time"]


async def test_an_old_copy_of_a_version_without_notes_finds_what_its_outbox_would_still_hold(world: World) -> None:
    await given_no_notes_of_what_was_published(world, days_ago=6)

    assert await missing(world) == ["counted.v1"] * 3


async def test_a_new_database_is_older_than_its_topic_however_old_that_is(world: World, postgres: EmbeddedPostgres) -> None:
    await given_no_notes_of_what_was_published(world, days_ago=400)
    engine = create_engine(postgres.provide("messaging_test")[1].replace("+asyncpg", "+psycopg"))
    with engine.begin() as connection:
        connection.execute(text("ALTER SEQUENCE outbox_position_seq RESTART"))
    engine.dispose()

    assert await missing(world) == ["counted.v1"] * 3


async def test_events_that_the_relay_published_right_before_a_kill_are_no_gap(world: World) -> None:
    await world.publish(*numbers("a", 3))
    await world.store(*numbers("a", 2, 4))
    unpublished = "topic = :topic AND published_at IS NULL ORDER BY position"
    rows = await world.ask(f"SELECT event_id, topic, key, type, body, headers FROM outbox WHERE {unpublished}")
    await world.bus.publish([Message(row.event_id, row.topic, row.key, row.type, row.body, row.headers) for row in rows])

    assert await missing(world) == []

    await world.publish(("a", 6))
    assert await missing(world) == []


async def test_a_database_that_keeps_its_old_events_no_more_is_as_new_as_its_topic(world: World) -> None:
    await world.publish(*numbers("a", 3))
    async with world.database.begin() as tx:
        await tx.execute(text("DELETE FROM outbox"))

    assert await missing(world) == []


async def test_a_log_that_was_lost_is_filled_again(world: World) -> None:
    await world.publish(*numbers("a", 5))
    await world.broker.lose(world.topic)
    world.bus = world.broker.transport()

    found = await missing(world)
    await world.publish()

    assert found == []
    assert sum((await world.bus.ends([world.topic])).values()) == 5
    assert await missing(world) == []
    await world.bus.stop()


@pytest.mark.parametrize("broker", ["log"], indirect=True)
async def test_a_log_that_went_back_gets_again_what_it_lost(world: World) -> None:
    await world.publish(*numbers("a", 5))
    await world.broker.lose_from(world.topic, 3)  # type: ignore[attr-defined]

    found = await missing(world)
    await world.publish()

    assert found == []
    events = await world.bus.read(await partition_of(world), 0, 10)
    stored = await world.ask("SELECT event_id FROM outbox WHERE topic = :topic ORDER BY position")
    assert [each.message.event_id for each in events] == [row.event_id for row in stored]


@pytest.mark.parametrize("broker", ["log"], indirect=True)
async def test_an_old_database_beside_a_new_log_finds_what_it_never_had(world: World, copy: Copy) -> None:
    await world.publish(*numbers("a", 5))
    await copy.take()
    await world.broker.lose(world.topic)
    await missing(world)
    await world.publish(*numbers("b", 2))

    await copy.restore()

    assert await missing(world) == ["counted.v1"] * 2


def service(world: World, done: list[int]) -> Service:
    async def job(_database: Database) -> int:
        done.append(1)
        return 0

    return Service(
        name=world.topic, title="Counted", summary="Numbers", metadata=MetaData(), migrations=Path(), routers=(), jobs={"count": job}
    )


async def test_a_service_behind_its_topic_refuses_requests_with_the_reason(world: World, copy: Copy) -> None:
    await world.publish(*numbers("a", 3))
    await copy.take()
    await world.publish(*numbers("a", 2, 4))
    await copy.restore()
    comparison = Comparison(world.database, world.bus, world.topic)
    await comparison.look_before_serving()

    app = create_app(service(world, []), world.database, comparison)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service") as http:
        bearer = {"Authorization": f"Bearer {tokens.issue('operations', name='O. Person')}"}
        refused = await http.get("/v1/dead-letters", headers=bearer)
        live, ready = await http.get("/health/live"), await http.get("/health/ready")

    assert (refused.status_code, ready.status_code, live.status_code) == (503, 503, 200)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["type"], refused.json()["events"]) == ("/problems/database-is-older", {"counted": 2})
    assert "2 events" in refused.json()["detail"]
    assert ready.json()["detail"] == refused.json()["detail"]


async def test_a_worker_behind_its_topic_relays_nothing_and_does_no_due_work_until_it_is_accepted(world: World, copy: Copy) -> None:
    await world.publish(*numbers("a", 3))
    await copy.take()
    await world.publish(*numbers("a", 2, 4))
    await copy.restore()
    await world.store(("a", 6))
    before, done, stopping = await world.bus.ends([world.topic]), list[int](), asyncio.Event()
    comparison = Counting(world.database, world.bus, world.topic, seconds=0.02)
    running = asyncio.gather(comparison.run(stopping), work(service(world, done), world.database, world.bus, stopping, comparison))

    await eventually(lambda: has_gap(comparison))
    seen = comparison.looks
    await eventually(lambda: looked(comparison, seen + 3))
    assert (done, await world.bus.ends([world.topic])) == ([], before)

    await accept(world.database, world.bus, world.topic)
    await eventually(lambda: is_done(done))
    stopping.set()
    await running


async def test_a_running_worker_stops_when_its_database_is_restored_under_it(world: World, copy: Copy) -> None:
    await world.publish(*numbers("a", 3))
    await copy.take()
    await world.publish(*numbers("a", 2, 4))
    done, stopping = list[int](), asyncio.Event()
    comparison = Counting(world.database, world.bus, world.topic, seconds=0.02)
    running = asyncio.gather(comparison.run(stopping), work(service(world, done), world.database, world.bus, stopping, comparison))
    await eventually(lambda: is_done(done))

    await copy.restore()
    await eventually(lambda: has_gap(comparison))
    await world.store(("a", 6))
    seen = comparison.looks
    await eventually(lambda: looked(comparison, seen + 3))

    assert len(await world.ask("SELECT event_id FROM outbox WHERE topic = :topic AND published_at IS NULL")) == 1
    stopping.set()
    await running


async def test_a_gap_is_named_by_kinds_and_times(world: World) -> None:
    await world.publish(*numbers("a", 2))
    events = [each.message for each in await world.bus.read(await partition_of(world), 0, 10)]

    gap = Gap.of(events)

    assert gap
    assert (gap.count, gap.kinds) == (2, {"counted": 2})
    assert gap.first_at <= gap.last_at


async def has_gap(comparison: Comparison) -> bool:
    return comparison.gap is not None


async def looked(comparison: Counting, times: int) -> bool:
    return comparison.looks >= times


async def is_done(done: list[int]) -> bool:
    return bool(done)
