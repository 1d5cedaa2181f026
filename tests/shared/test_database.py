"""Transactions, and errors that do not repeat what they were given."""

import traceback
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import failures
from shared.database import Database
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


async def test_what_a_transaction_did_is_kept_when_it_ends_well(database: Database):
    async with database.begin() as tx:
        await tx.execute(text("INSERT INTO things VALUES (1, 'Ada')"))

    assert await _count(database) == 1


async def test_nothing_is_kept_when_it_does_not(database: Database):
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
async def test_a_failure_is_told_without_the_values_that_it_quotes(database: Database, statement: str, values: dict[str, object]):
    with pytest.raises(DBAPIError) as refused:
        async with database.begin() as tx:
            await tx.execute(text(statement), values)

    told = failures.trace(refused.value)
    assert "Ada" in "".join(traceback.format_exception(refused.value))
    assert "Ada Example" not in told
    assert '"Ada"' not in told


async def test_a_database_that_was_never_migrated_is_not_ready(database: Database):
    assert not await database.ready()


async def test_a_database_is_provided_once_and_found_again(postgres: EmbeddedPostgres):
    assert postgres.provide("twice") == postgres.provide("twice")


async def _count(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(text("SELECT count(*) FROM things"))).scalar() or 0)
