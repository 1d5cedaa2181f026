"""Migrations by Alembic, configured in code: `services/<name>/migrations/NNNN_what_it_does.py`."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, text

from shared.database.limits import MIGRATION
from shared.database.locks import Lock
from shared.database.silence import REPORT_SECONDS, SILENT_SECONDS, watched

_ENVIRONMENT = Path(__file__).parent  # Alembic wants a folder of its own; it has nothing to find there


class UnknownVersionError(Exception):
    """A database is of a version that these migrations do not lead to."""


def _scripts(folder: Path) -> ScriptDirectory:
    return ScriptDirectory(str(_ENVIRONMENT), version_locations=[str(folder)])


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 -- whoever migrates looks at it


def upgrade(url: str, folder: Path, *, report: Callable[[str], None] = _to_stderr, silent_seconds: float = SILENT_SECONDS) -> None:
    """Bring a database up to the newest migration in `folder`; harmless when it is there already. `report` takes a line while that lasts.

    Raises UnknownVersionError for a database that another line of migrations made, DatabaseSilent where the server stands still.
    """
    engine = create_engine(url.replace("+asyncpg", "+psycopg"), connect_args={"connect_timeout": MIGRATION.connect})
    try:
        with engine.connect() as connection:
            report_named = partial(_report_named, report, f"database {engine.url.database}: migration")
            limits = {
                "every": min(REPORT_SECONDS, silent_seconds / 2),
                "silent": silent_seconds,
                "connect": min(MIGRATION.connect, silent_seconds),
            }
            with watched(cast("psycopg.Connection", connection.connection.driver_connection), report_named, **limits):
                _migrate(connection, _scripts(folder))
    finally:
        engine.dispose()


def _report_named(report: Callable[[str], None], name: str, line: str) -> None:
    report(f"{name}, {line}")


def _migrate(connection: Connection, scripts: ScriptDirectory) -> None:
    from alembic.config import Config

    # Two migrators at once: the second waits, then finds nothing to do.
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": Lock.MIGRATION})
    connection.commit()

    def steps(revision: Any, _context: MigrationContext) -> Any:
        versions = {each.revision for each in scripts.walk_revisions()}
        if not versions.issuperset(revision):
            raise UnknownVersionError(f"This database is of a version that was never released ({', '.join(revision)}): delete it.")
        return scripts._upgrade_revs("head", revision)  # noqa: SLF001 -- Alembic's own command does the same

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=None)
        with environment.begin_transaction():
            for name, value in MIGRATION.server_settings.items():
                connection.execute(text(f"SET LOCAL {name} = {value}"))
            environment.run_migrations()
    connection.commit()


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """Return how the database differs from the tables that the code believes in."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _ours})
    return [each for each in compare_metadata(context, metadata) if each]


def _ours(_thing: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
    # Partitions are made by the database; the code knows the parent alone.
    return not (reflected and kind == "table" and (name == "alembic_version" or "_y20" in (name or "")))
