"""Transactions, and errors that do not repeat what they were given."""

import subprocess
import traceback
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import failures
from shared.database import Database, RowVisibility, connection, embedded, is_transient
from shared.database.bells import OUTBOX
from shared.database.embedded import EmbeddedPostgres


@pytest_asyncio.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    _, owner = postgres.provide("plain")
    made = Database(owner, pooled=False)
    async with made.begin() as tx:
        await tx.execute(text("DROP TABLE IF EXISTS things"))
        await tx.execute(text("CREATE TABLE things (id int PRIMARY KEY, name text UNIQUE)"))
    yield made
    await made.dispose()


@pytest_asyncio.fixture
async def pooled(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    _, owner = postgres.provide("plain")
    made = Database(owner, size=1)
    yield made
    await made.dispose()


async def test_the_effects_of_a_transaction_are_kept_when_it_ends_well(database: Database):
    async with database.begin() as tx:
        await tx.execute(text("INSERT INTO things VALUES (1, 'Ada')"))

    assert await _count(database) == 1


async def test_the_effects_of_a_transaction_are_undone_when_it_fails(database: Database):
    async def fail_halfway() -> None:
        async with database.begin() as tx:
            await tx.execute(text("INSERT INTO things VALUES (1, 'Ada')"))
            raise KeyError

    with pytest.raises(KeyError):
        await fail_halfway()

    assert await _count(database) == 0


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("INSERT INTO things VALUES (:id, :name)", {"id": None, "name": "Ada Example"}),
        ("INSERT INTO things VALUES (:id, :name), (:id, :name)", {"id": 1, "name": "Ada Example"}),
        ("INSERT INTO things SELECT 1, CAST(CAST(:name AS text) AS jsonb)", {"name": "Ada Example"}),
    ],
    ids=["not null", "unique", "cast"],
)
async def test_a_failure_is_described_without_the_values_that_it_quotes(database: Database, statement: str, values: dict[str, object]):
    with pytest.raises(DBAPIError) as refused:
        async with database.begin() as tx:
            await tx.execute(text(statement), values)

    described = failures.trace(refused.value)
    assert "Ada" in "".join(traceback.format_exception(refused.value))
    assert "Ada Example" not in described
    assert '"Ada"' not in described


async def test_a_connection_that_died_while_it_rested_is_replaced_unnoticed(pooled: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "IDLE_BEFORE_PING", 0)
    died = await _backend(pooled)
    await _end(pooled, died)

    assert await _backend(pooled) != died


@pytest.mark.parametrize("reach", [None, RowVisibility(la_code="881")], ids=["unbound", "bound"])
async def test_a_connection_that_died_a_moment_ago_costs_one_try_at_most(
    pooled: Database, reach: RowVisibility | None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connection, "IDLE_BEFORE_PING", 60)
    asked = pooled.visible_to(reach) if reach else pooled
    died = await _backend(asked)
    await _end(pooled, died)

    errors: list[DBAPIError] = []
    try:
        await _backend(asked)
    except DBAPIError as error:  # where the driver has not noticed yet
        errors.append(error)

    assert all(is_transient(error) for error in errors)
    assert await _backend(asked) != died


@pytest.mark.parametrize("directly", [True, False], ids=["to the driver", "by SQLAlchemy"])
async def test_a_connection_that_dies_in_use_is_not_lent_again(pooled: Database, directly: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "IDLE_BEFORE_PING", 60)

    async def die() -> None:
        async with pooled.visible_to(RowVisibility(la_code="881")).begin() as tx:
            died = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            await _end(pooled, int(died))
            raw: Any = (await tx.get_raw_connection()).driver_connection
            if directly:
                await raw.fetchval("SELECT 1")
            else:
                await tx.execute(text("SELECT 1"))

    with pytest.raises(Exception, match="connection") as error:
        await die()

    assert is_transient(error.value)
    assert await _backend(pooled)


async def test_a_transaction_of_the_driver_is_kept_or_rolled_back_as_a_whole(pooled: Database, database: Database):
    async def fail_halfway() -> None:
        async with pooled.begin_in_driver({1}, OUTBOX) as driver:
            await driver.execute("INSERT INTO things VALUES (2, 'Bob')")
            raise KeyError

    async with pooled.begin_in_driver({100102, 100101}, OUTBOX) as driver:
        seen = await driver.fetchrow("SELECT current_setting('app.sees'), current_setting('app.schools')")
        await driver.execute("INSERT INTO things VALUES (1, 'Ada')")
    with pytest.raises(KeyError):
        await fail_halfway()

    assert tuple(seen) == ("schools", "100101,100102")
    assert await _count(database) == 1
    async with pooled.begin() as tx:
        assert (await tx.execute(text("SELECT current_setting('app.sees')"))).scalar() == "everything"


async def test_a_connection_that_dies_in_a_transaction_of_the_driver_is_not_lent_again(pooled: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "IDLE_BEFORE_PING", 60)

    async def die() -> None:
        async with pooled.begin_in_driver({1}, OUTBOX) as driver:
            await _end(pooled, await driver.fetchval("SELECT pg_backend_pid()"))
            await driver.fetchval("SELECT 1")

    with pytest.raises(Exception, match="connection"):
        await die()

    assert await _backend(pooled)


async def test_a_transaction_that_cannot_begin_is_to_be_tried_again(pooled: Database, monkeypatch: pytest.MonkeyPatch):
    async def hang_up(self: Any, query: str, *_: Any, **__: Any) -> str:
        self.terminate()
        raise asyncpg.ConnectionDoesNotExistError(query)

    await _backend(pooled)
    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "execute", hang_up)
        with pytest.raises(DBAPIError) as error:
            await _backend(pooled.visible_to(RowVisibility(la_code="881")))

    assert is_transient(error.value)
    assert await _backend(pooled)


async def test_a_database_that_was_never_migrated_is_not_ready(database: Database):
    assert not await database.ready()


async def test_a_database_is_provided_once_and_found_again(postgres: EmbeddedPostgres):
    assert postgres.provide("twice") == postgres.provide("twice")


async def _backend(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one())


async def _end(database: Database, backend: int) -> None:
    """End a connection's server process, over another connection."""
    other = Database(database.engine.url.render_as_string(hide_password=False), pooled=False)
    async with other.begin() as tx:
        await tx.execute(text("SELECT pg_terminate_backend(:backend, 5000)"), {"backend": backend})
    await other.dispose()


async def _count(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM things"))).scalar() or 0)


def test_a_server_that_takes_longer_to_start_than_its_bundle_waits_is_waited_for(monkeypatch):
    answers = [subprocess.TimeoutExpired("pg_ctl", 10), AssertionError("not ready yet"), None]

    def begin() -> None:
        if answer := answers.pop(0):
            raise answer

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    embedded._until_ready(begin)

    assert answers == []


def test_a_server_that_never_starts_is_given_up(monkeypatch):
    monkeypatch.setattr(embedded, "PATIENCE", 0)

    def begin() -> None:
        raise subprocess.TimeoutExpired("pg_ctl", 10)

    with pytest.raises(subprocess.TimeoutExpired):
        embedded._until_ready(begin)
