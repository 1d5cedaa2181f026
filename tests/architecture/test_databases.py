"""Migrations are in line, tables and code agree, and the login role owns nothing."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from attendance.documentation.catalogue import services
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import UnknownVersionError, _scripts, differences, upgrade
from tests.architecture.sources import SERVICES

LINTER_SILENT_ON = (
    "prefer-bigint-over-int",  # pence, counts and URNs fit
    "prefer-bigint-over-smallint",  # the hot table is as narrow as it can be
    "prefer-robust-stmts",  # each migration is one transaction
    "require-statement-timeout",  # the migrator sets what all share
    "require-lock-timeout",  # the same
    "require-concurrent-index-creation",  # nothing has been released: every table is still empty
    "require-concurrent-index-deletion",  # the same
    "constraint-missing-not-valid",  # the same
    "adding-foreign-key-constraint",  # the same
)


@cache
def migrated(postgres: EmbeddedPostgres, name: str) -> tuple[str, str]:
    """Upgrade an empty database of its own; return the addresses of login and owner role, for synchronous use."""
    login, owner = postgres.provide(f"architecture_{name}")
    upgrade(owner, services()[name].migrations)
    return login.replace("+asyncpg", "+psycopg"), owner.replace("+asyncpg", "+psycopg")


@pytest.mark.parametrize("name", SERVICES)
def test_migrations_are_numbered_without_gap_and_named_for_what_they_do(name: str):
    files = sorted(path.stem for path in services()[name].migrations.glob("*.py"))

    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+", stem) for stem in files), files
    assert [int(stem[:4]) for stem in files] == list(range(1, len(files) + 1))


@pytest.mark.parametrize("name", SERVICES)
def test_migrations_follow_each_other_in_one_line(name: str):
    scripts = list(_scripts(services()[name].migrations).walk_revisions())[::-1]

    numbers = [f"{number:04d}" for number in range(1, len(scripts) + 1)]
    assert [script.revision for script in scripts] == numbers
    assert [script.down_revision for script in scripts] == [None, *numbers[:-1]]
    assert all(Path(script.path).stem.startswith(script.revision) for script in scripts)


@pytest.mark.parametrize("name", SERVICES)
def test_an_empty_database_is_upgraded_to_what_the_code_believes_in(name: str, postgres: EmbeddedPostgres):
    _, owner = migrated(postgres, name)

    with _connected(owner) as connection:
        assert differences(connection, services()[name].metadata) == []


@pytest.mark.parametrize("name", SERVICES)
def test_migrating_again_is_harmless(name: str, postgres: EmbeddedPostgres):
    _, owner = migrated(postgres, name)

    upgrade(owner, services()[name].migrations)

    with _connected(owner) as connection:
        assert differences(connection, services()[name].metadata) == []


def test_a_database_of_another_line_of_migrations_is_refused_in_plain_words(postgres: EmbeddedPostgres):
    _, owner = postgres.provide("architecture_of_before")
    upgrade(owner, services()["registers"].migrations)
    with _connected(owner.replace("+asyncpg", "+psycopg")) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()

    with pytest.raises(UnknownVersionError, match="9999"):
        upgrade(owner, services()["registers"].migrations)


@pytest.mark.parametrize("name", SERVICES)
def test_the_login_role_owns_nothing_and_is_bound_by_row_security(name: str, postgres: EmbeddedPostgres):
    login, _ = migrated(postgres, name)

    with _connected(login) as connection:
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        ).one()
        owned = connection.execute(text("SELECT tablename FROM pg_tables WHERE tableowner = current_user")).scalars().all()
        memberships = connection.execute(text("SELECT count(*) FROM pg_auth_members WHERE member = current_user::regrole")).scalar()
        creating = connection.execute(text("SELECT has_schema_privilege('public', 'CREATE')")).scalar()

    assert not any(role)
    assert not owned
    assert not memberships
    assert not creating


@pytest.mark.parametrize("name", SERVICES)
def test_the_login_role_may_use_every_table(name: str, postgres: EmbeddedPostgres):
    login, _ = migrated(postgres, name)

    with _connected(login) as connection:
        for table in services()[name].metadata.tables:
            assert connection.execute(text("SELECT has_table_privilege(:table, 'SELECT, INSERT')"), {"table": table}).scalar(), table


@pytest.mark.parametrize("name", SERVICES)
def test_the_linter_finds_nothing_in_the_sql_of_migrations(name: str, tmp_path: Path):
    for script in _scripts(services()[name].migrations).walk_revisions():
        (tmp_path / f"{Path(script.path).stem}.sql").write_text(_sql(script.module), encoding="utf-8")

    linted = subprocess.run(
        [
            Path(sys.executable).with_name("squawk"), "--assume-in-transaction", "--reporter", "gcc",
            "--exclude", ",".join(LINTER_SILENT_ON), *sorted(tmp_path.glob("*.sql")),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert linted.returncode == 0, linted.stdout + linted.stderr


def _sql(migration: ModuleType) -> str:
    """Return what a migration would say to a database."""
    said = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": said})
    with Operations.context(context):
        migration.upgrade()
    return said.getvalue()


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
