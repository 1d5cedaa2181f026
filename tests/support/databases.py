"""A PostgreSQL server for tests, and on it each service's database: migrated once, kept from test to test, emptied after each."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from fastapi import FastAPI
from psycopg.sql import SQL, Composable, Identifier, Literal
from sqlalchemy import event

from shared.database import Database, RowVisibility
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import upgrade
from shared.http.app import create_app
from shared.service import Service

SETTINGS = {
    # Nobody pulls the plug in these tests: those that kill a server have one of their own, as durable as in production.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # A background process that happened to look at a table would let the planner choose otherwise from then on: who wants that says ANALYZE.
    "autovacuum": "off",
}

FEW_PAGES = 9
"""The planner takes a table that was never analysed for one of ten pages, while it is no larger."""


@contextmanager
def running_postgres() -> Iterator[EmbeddedPostgres]:
    """Give a PostgreSQL server that is quick instead of durable."""
    # Not in pytest's own folder: every new run of pytest closes that to other users, and under root the server is one.
    with TemporaryDirectory(prefix="attendance-postgres-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        with _superuser(server, "postgres") as connection:
            for name, value in SETTINGS.items():
                connection.execute(SQL("ALTER SYSTEM SET {} = {}").format(Identifier(name), Literal(value)))
            connection.execute("SELECT pg_reload_conf()")
        yield server
        os.kill(server.pid(), signal.SIGQUIT)  # at once, without writing down what nobody will read
        server.stop()


def _superuser(server: EmbeddedPostgres, database: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(server.url("postgres", database).replace("+asyncpg", ""), autocommit=True)


class ServiceDatabase:
    """A service's database, with its connections and its web application: to make them anew takes longer than most tests."""

    def __init__(self, postgres: EmbeddedPostgres, service: Service) -> None:
        self.service = service
        self.address, owner = postgres.provide(service.name)
        upgrade(owner, service.migrations)
        self.database = Database(self.address)
        with _superuser(postgres, service.name) as connection:
            # Without this right, ANALYZE leaves out every table with nothing but a warning.
            connection.execute(SQL("GRANT pg_maintain TO {}").format(Identifier(service.name)))
        # A superuser: what keeps history from being deleted, and row security, are for everybody else.
        self._connection = _superuser(postgres, service.name)
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute("SET lock_timeout = '10s'")
        tables = [Identifier(name) for name in service.metadata.tables]
        self._lock = SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(SQL(", ").join(tables))
        ask: list[Composable] = [
            SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(Literal(name), Identifier(name)) for name in service.metadata.tables
        ]
        self._find_filled = SQL(" UNION ALL ").join(ask)

    @cached_property
    def app(self) -> FastAPI:
        """The web application over the database; as in production it sees nothing under row security until a request has set whose it is."""
        return create_app(self.service, self.database.visible_to(RowVisibility(schools=frozenset())))

    def empty(self) -> None:
        """Delete every row, and leave the planner with what it knows of a new database."""
        # Not TRUNCATE, which takes a hundred times as long over tables of a few rows.
        with self._connection.transaction():
            # A test that leaves a transaction open fails here: this thread is the one in which it would have to go on.
            self._connection.execute(self._lock)
            for name in [row[0] for row in self._connection.execute(self._find_filled, prepare=True)]:
                self._connection.execute(SQL("DELETE FROM {}").format(Identifier(str(name))), prepare=True)
            self._connection.execute(_RESTART_SEQUENCES, prepare=True)
        self.forget_statistics()

    def copy(self) -> dict[str, str]:
        """Return every row as it is, as JSON by table."""
        rows = {}
        for table in self.service.metadata.sorted_tables:
            query = SQL("SELECT coalesce(jsonb_agg(to_jsonb(each)), '[]')::text FROM {} AS each").format(Identifier(table.name))
            rows[table.name] = str(self._connection.execute(query).fetchall()[0][0])
        return rows

    def restore(self, copy: dict[str, str]) -> None:
        """Bring the database back to a copy, as PostgreSQL's own tools would: no trigger sees it."""
        self.empty()
        with self._connection.transaction():
            for name, rows in copy.items():
                statement = SQL("INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)")
                self._connection.execute(statement.format(table=Identifier(name)), [rows])
        for name in copy:
            self._connection.execute(_CONTINUE_SEQUENCES, [name])

    def forget_statistics(self) -> None:
        """Take the space of many deleted rows back, and forget what an ANALYZE found: one within a transaction outlives its rollback."""
        grown = [Identifier(str(row[0])) for row in self._connection.execute(_GROWN, [FEW_PAGES], prepare=True)]
        if grown:
            self._connection.execute(SQL("VACUUM {}").format(SQL(", ").join(grown)))
        self._connection.execute(_FORGET_STATISTICS, prepare=True)

    async def close(self) -> None:
        """Close every connection."""
        self._connection.close()
        await self.database.dispose()


_RESTART_SEQUENCES = """
    SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""
_CONTINUE_SEQUENCES = """
    SELECT setval(seqrelid::regclass, 1000000) FROM pg_sequence JOIN pg_depend ON pg_depend.objid = seqrelid AND deptype = 'i'
    WHERE refobjid = quote_ident(%s)::regclass
"""
_GROWN = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > %s * 8192"
_FORGET_STATISTICS = """
    SELECT pg_clear_relation_stats('public', relname) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND reltuples >= 0
"""


class ServiceDatabases:
    """The databases of the services that were tested so far."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._made: dict[str, ServiceDatabase] = {}

    def of(self, service: Service) -> ServiceDatabase:
        """Return a service's database, made with the first question."""
        if service.name not in self._made:
            self._made[service.name] = ServiceDatabase(self._postgres, service)
        return self._made[service.name]

    async def close(self) -> None:
        """Close every connection."""
        for each in self._made.values():
            await each.close()


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Give the statements, each with its values, that a database is asked within the block."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        asked.append((statement, values))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
