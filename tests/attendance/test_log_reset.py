"""`attendance log reset`: refused while anything runs, asked for, and followed by everything that the outboxes keep."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

import asyncpg
import pytest

from attendance import embedded, log_reset
from shared.database import Database
from shared.database.bells import bells_of
from shared.messaging.log import LogTransport
from shared.messaging.log_damage import find_damage
from shared.messaging.messages import TopicPartition
from shared.messaging.outbox import relay_once
from shared.settings import SERVICES, settings
from tests.journeys.product import free_base


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a data folder with every database, whose log holds two events of registers and was damaged."""
    before = dict(os.environ)
    # Not in pytest's own folder: every new run of pytest closes that to other users, and under root the server is one.
    with TemporaryDirectory(prefix="attendance-reset-", ignore_cleanup_errors=True) as name:
        os.environ.update({"ATTENDANCE_DATA": f"{name}/var", "ATTENDANCE_PORT": str(free_base())})
        settings.cache_clear()
        server = embedded.provide(settings().data)
        embedded.migrate(lambda _line: None)
        asyncio.run(publish_and_damage())
        yield settings().data
        server.stop()
    for each in set(os.environ) - set(before):
        del os.environ[each]
    os.environ.update(before)
    settings.cache_clear()


async def ask(url: str, query: str) -> Any:
    connection = await asyncpg.connect(bells_of(url).address)
    try:
        return await connection.fetch(query)
    finally:
        await connection.close()


async def publish_and_damage() -> None:
    insert = """
        INSERT INTO outbox (event_id, topic, key, type, body, headers) SELECT gen_random_uuid(), 'registers', n::text, 'session-recorded.v1', '', '{}'
        FROM generate_series(1, 2) AS n
    """
    await ask(settings().database_url("registers"), insert)
    await relay()
    offsets = "INSERT INTO consumer_offsets SELECT 'thresholds', 'registers', 0, 2, (SELECT gen_random_uuid())"
    await ask(settings().database_url("thresholds"), offsets)
    await ask(settings().log_database_url or "", "DROP TABLE log_partitions")


async def relay() -> None:
    database, bus = Database(settings().database_url("registers"), pooled=False), LogTransport(settings().log_database_url or "")
    while await relay_once(database, bus):
        pass
    await bus.stop()
    await database.dispose()


async def state() -> tuple[Any, ...]:
    outbox = await ask(settings().database_url("registers"), 'SELECT event_id, published_at, "offset" FROM outbox ORDER BY position')
    positions = await ask(settings().database_url("registers"), "SELECT * FROM published_positions")
    offsets = await ask(settings().database_url("thresholds"), "SELECT next_offset, last_event_id FROM consumer_offsets")
    return [tuple(row) for row in outbox], len(positions), [tuple(row) for row in offsets]


async def published() -> list[UUID]:
    bus = LogTransport(settings().log_database_url or "")
    found = [each.message.event_id for each in await bus.read(TopicPartition("registers", 0), 0, 10)]
    await bus.stop()
    return found


def test_a_reset_is_refused_while_the_product_runs(folder: Path) -> None:
    before = asyncio.run(state())

    with embedded.lock_data_folder(folder), pytest.raises(SystemExit, match="already runs"):
        log_reset.reset(folder, print, lambda: True)

    assert asyncio.run(state()) == before


def test_a_reset_is_refused_while_a_service_runs_by_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Answers:
        async def get(self, _url: str) -> None: ...
        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_: object) -> None: ...

    monkeypatch.setattr(log_reset, "connection_pool", lambda _seconds: Answers())

    with pytest.raises(log_reset.StillRunning, match="registers runs at"):
        log_reset.reset(folder, print, lambda: True)


def test_a_reset_is_refused_where_events_go_over_kafka(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_reset, "settings", lambda: SimpleNamespace(kafka="localhost:9092"))

    with pytest.raises(log_reset.NoLog):
        log_reset.reset(folder, print, lambda: True)


def test_a_reset_that_is_not_confirmed_changes_nothing(folder: Path) -> None:
    before = asyncio.run(state())

    assert log_reset.reset(folder, print, lambda: False) == 1

    assert asyncio.run(state()) == before


def test_after_a_reset_everything_is_published_again_in_order_and_read_from_the_beginning(folder: Path) -> None:
    (events, positions, _) = asyncio.run(state())
    assert positions == 1
    lines: list[str] = []

    assert log_reset.reset(folder, lines.append, lambda: True) == 0
    embedded.provide(folder)
    reset = asyncio.run(state())
    assert log_reset.reset(folder, lines.append, lambda: True) == 0  # again, as after one that was killed
    embedded.provide(folder)

    assert asyncio.run(state()) == reset == ([(event_id, None, None) for event_id, _, _ in events], 0, [(0, None)])
    assert asyncio.run(find_damage(settings().log_database_url or "")) == []
    assert lines[0] == "registers: 2 events will be published again, and it reads from the beginning"
    assert len(lines) == 2 * len(SERVICES) + 4
    asyncio.run(relay())
    assert asyncio.run(published()) == [event_id for event_id, _, _ in events]
