"""How long work of each kind may take in the database, and what its caller gets when it takes longer."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import JOB, REQUEST, Database, Limits, Transaction, driver, errors, is_transient
from shared.database.bells import OUTBOX
from shared.database.embedded import EmbeddedPostgres
from shared.runtime import api_database, worker_database

SHORT = Limits(statement=0.1, lock=0.05, idle=0.1)
FROZEN = Limits(statement=0.1, lock=0.1, idle=60, margin=0.1, connect=0.1)
_LOCK = text("SELECT pg_advisory_xact_lock(4711)")


@pytest.fixture
def url(postgres: EmbeddedPostgres) -> str:
    return postgres.provide("plain")[1]


@pytest_asyncio.fixture
async def limited(url: str) -> AsyncIterator[Database]:
    made = Database(url, size=1, limits=SHORT)
    yield made
    await made.dispose()


@pytest_asyncio.fixture
async def other(url: str) -> AsyncIterator[Database]:
    made = Database(url, pooled=False)
    yield made
    await made.dispose()


@contextmanager
def frozen(backend: int) -> Iterator[None]:
    os.kill(backend, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(backend, signal.SIGCONT)


async def limits_of(database: Database) -> list[str]:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    async with database.begin() as tx:
        found = [(await tx.execute(text(f"SHOW {name}"))).scalar_one() for name in names]
    await database.dispose()
    return found


async def test_requests_and_jobs_have_their_own_limits(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_DATABASE_URL_REGISTERS", url)

    assert await limits_of(api_database("registers")) == ["5s", "4s", "15s"]
    assert await limits_of(worker_database("registers")) == ["1min", "30s", "1min"]
    assert (REQUEST.answer, JOB.answer) == (6, 61)


async def test_a_statement_that_runs_into_its_limit_is_a_transient_error_and_no_loss_of_the_connection(limited: Database):
    before = await _backend(limited)

    async def sleep() -> None:
        async with limited.begin() as tx:
            await tx.execute(text("SELECT pg_sleep(60)"))

    with pytest.raises(DBAPIError) as cut:
        await sleep()

    assert is_transient(cut.value)
    assert errors.is_cut_off(cut.value)
    assert not errors.is_locked_out(cut.value)
    assert await _backend(limited) == before


async def test_a_lock_is_waited_for_as_long_as_the_limit_allows(limited: Database, other: Database):
    async def wait() -> None:
        async with limited.begin() as tx:
            await tx.execute(_LOCK)

    async with other.begin() as holder:
        await holder.execute(_LOCK)
        with pytest.raises(DBAPIError) as cut:
            await wait()

    assert is_transient(cut.value)
    assert errors.is_locked_out(cut.value)
    assert not errors.is_cut_off(cut.value)


async def test_a_transaction_in_which_nothing_happens_gives_its_locks_back(limited: Database, other: Database):
    async def do_nothing() -> None:
        async with limited.begin() as tx:
            await tx.execute(_LOCK)
            async with other.begin() as waiting:
                await waiting.execute(_LOCK)  # until the server ends the session of the one that does nothing
            await tx.execute(text("SELECT 1"))

    with pytest.raises(DBAPIError) as ended:
        await do_nothing()

    assert is_transient(ended.value)


async def _to_driver(tx: Transaction, query: str) -> None:
    await (await driver(tx)).fetchval(query)


WAYS = {
    "by SQLAlchemy": (Database.begin, lambda tx, query: tx.execute(text(query))),
    "to the driver": (Database.begin, _to_driver),
    "in a transaction of the driver": (
        lambda database: database.begin_in_driver({1}, OUTBOX),
        lambda driver, query: driver.fetchval(query),
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_server_that_answers_nothing_is_hung_up_on(url: str, way: str):
    database = Database(url, size=1, limits=FROZEN)
    begin, ask = WAYS[way]

    async def ask_a_frozen_server() -> None:
        async with begin(database) as tx:
            await ask(tx, "SELECT 1")
            with frozen(stopped):
                await ask(tx, "SELECT 1")

    stopped = await _backend(database)
    async with asyncio.timeout(5):
        with pytest.raises((DBAPIError, TimeoutError, asyncpg.InterfaceError)) as error:
            await ask_a_frozen_server()

    assert is_transient(error.value)
    assert await _backend(database) != stopped
    await database.dispose()


async def test_a_rested_connection_to_a_frozen_server_is_tried_for_a_moment_only(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shared.database.connection.IDLE_BEFORE_PING", 0)
    database = Database(url, size=1, limits=FROZEN)
    stopped = await _backend(database)

    with frozen(stopped):
        async with asyncio.timeout(5):
            assert await _backend(database) != stopped
    await database.dispose()


async def _backend(database: Database) -> int:
    async with database.begin() as tx:
        return int((await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one())
