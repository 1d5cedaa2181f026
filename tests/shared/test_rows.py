"""A row is stored in place of the one with its key: always, or only where it is newer."""

from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import Column, Integer, MetaData, Table, Text, select, text

from shared.database import Database, Transaction
from shared.database.columns import required
from shared.database.embedded import EmbeddedPostgres
from shared.database.rows import upsert

KEPT = Table("kept", MetaData(), Column("id", Integer, primary_key=True), *required(Text, "content"), *required(Integer, "revision"))


@pytest_asyncio.fixture
async def tx(postgres: EmbeddedPostgres) -> AsyncIterator[Transaction]:
    """Give a transaction with an empty table of its own."""
    database = Database(postgres.provide("rows_test")[0])
    async with database.begin() as transaction:
        await transaction.execute(text("CREATE TEMP TABLE kept (id integer PRIMARY KEY, content text, revision integer) ON COMMIT DROP"))
        yield transaction
    await database.dispose()


async def test_a_newer_row_replaces_the_one_with_its_key(tx: Transaction):
    assert await upsert(tx, KEPT, {"id": 1, "content": "first", "revision": 1}, newer_by="revision")
    assert await upsert(tx, KEPT, {"id": 1, "content": "second", "revision": 2}, newer_by="revision")

    assert (await tx.execute(select(KEPT))).all() == [(1, "second", 2)]


async def test_a_row_that_is_as_old_or_older_is_not_stored(tx: Transaction):
    await upsert(tx, KEPT, {"id": 1, "content": "second", "revision": 2}, newer_by="revision")

    assert not await upsert(tx, KEPT, {"id": 1, "content": "again", "revision": 2}, newer_by="revision")
    assert not await upsert(tx, KEPT, {"id": 1, "content": "first", "revision": 1}, newer_by="revision")
    assert (await tx.execute(select(KEPT))).all() == [(1, "second", 2)]


async def test_a_row_without_a_revision_to_compare_always_replaces_the_stored_one(tx: Transaction):
    await upsert(tx, KEPT, {"id": 1, "content": "second", "revision": 2})

    assert await upsert(tx, KEPT, {"id": 1, "content": "first", "revision": 1})
    assert (await tx.execute(select(KEPT))).all() == [(1, "first", 1)]
