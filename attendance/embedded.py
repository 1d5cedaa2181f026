"""The embedded default: a bundled PostgreSQL and every service in one process."""

import asyncio
import fcntl
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, TypeVar

import asyncpg
import psycopg
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from attendance.standins.servers import notify_server, pay_server
from services.console.app import create_console
from services.console.connections import PageConnection
from shared.database import disk
from shared.database.embedded import CannotStart, EmbeddedPostgres, one_line
from shared.database.migrations import upgrade
from shared.database.silence import DatabaseSilent
from shared.http.app import create_app
from shared.messaging.comparison import Comparison
from shared.messaging.log import create_log_tables
from shared.messaging.messages import Transport
from shared.private_files import close_folder
from shared.runtime import Server, api_database, serve, transport, work, worker_database
from shared.service import Service
from shared.settings import SERVICES, settings

log = structlog.get_logger()

T = TypeVar("T")
ATTEMPTS, ATTEMPT_SECONDS = 20, 0.5
"""How often the databases are prepared anew where their server ends meanwhile, and how long it is waited for before."""


class AlreadyRunning(SystemExit):
    """Another process runs the product in this data folder."""


class PortTaken(SystemExit):
    """Another program listens on a port of the product."""


def services() -> list[Service]:
    """Return every service, in the order of their ports."""
    return [import_module(f"services.{name}.app").SERVICE for name in SERVICES]


def lock_data_folder(folder: Path) -> IO[str]:
    """Lock the data folder for this process; the lock ends with the process, however it ends.

    Raises AlreadyRunning if another process has it, CannotStart where the folder cannot be used.
    """
    with one_line(folder):
        close_folder(folder, passable_for_owner_of=folder / "postgres")
        lock = (folder / "up.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise AlreadyRunning(
            f"the product already runs in {folder}: stop it there with Ctrl-C, or set ATTENDANCE_DATA and ATTENDANCE_PORT to start another"
        ) from None
    return lock


def require_free_ports() -> None:
    """Raise PortTaken where another program listens on one of the product's ports."""
    listening = {settings().service_port(name): name for name in ("console", *SERVICES)}
    stand_ins = {settings().port + 6: "the payment stand-in", settings().port + 7: "the letter stand-in"}
    for port, name in (listening | stand_ins).items():
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                raise PortTaken(
                    f"port {port} ({name}) is taken: stop the program that listens there, or set ATTENDANCE_PORT to the first of eight free ones"
                ) from None


def provide(folder: Path) -> EmbeddedPostgres:
    """Start (or join) the bundled PostgreSQL and set the address of each service's database in the environment.

    A database whose address is set already stays as it is.
    """
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    disk.watch(server.folder)
    with one_line(folder):
        close_folder(folder, passable_for_owner_of=server.folder)  # the bundle opens it to everybody
        for name in SERVICES:
            if f"ATTENDANCE_DATABASE_URL_{name.upper()}" not in os.environ:
                login, owner = _until_done(partial(server.provide, name), server.revive)
                os.environ[f"ATTENDANCE_DATABASE_URL_{name.upper()}"] = login
                os.environ[f"ATTENDANCE_MIGRATION_URL_{name.upper()}"] = owner
        if not settings().kafka and "ATTENDANCE_LOG_DATABASE_URL" not in os.environ:
            os.environ["ATTENDANCE_LOG_DATABASE_URL"] = _until_done(partial(server.provide, "log"), server.revive)[1]
    settings.cache_clear()
    return server


def migrate(print_line: Callable[[str], None], revive: Callable[[], object] = lambda: None) -> None:
    """Bring every service's database up to date; `revive` starts a server that ended meanwhile."""
    with one_line(settings().data):
        for service in services():
            print_line(f"database of {service.name}")
            try:
                _until_done(partial(upgrade, settings().migration_url(service.name), service.migrations, report=print_line), revive)
            except DatabaseSilent as error:
                raise CannotStart(str(error)) from error
        if url := settings().log_database_url:
            _until_done(lambda: asyncio.run(create_log_tables(url)), revive)


def _until_done(do: Callable[[], T], revive: Callable[[], object]) -> T:
    """Return what `do` returns; do it again where the server ended meanwhile, so that its end does not end the start. Raise its last error."""
    for _ in range(ATTEMPTS - 1):
        try:
            return do()
        except (DBAPIError, asyncpg.PostgresError, ConnectionError) as error:
            if not _has_ended(error):
                raise
            log.warning("the database ended while it was prepared", error=type(error).__name__)
        time.sleep(ATTEMPT_SECONDS)
        with suppress(Exception):  # the next attempt may succeed whatever failed
            revive()
    return do()


def _has_ended(error: Exception) -> bool:
    """Return whether an error is that of a server that ended, or does not yet accept connections; not that of one that stands still."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, asyncpg.PostgresConnectionError | asyncpg.CannotConnectNowError | ConnectionError)
    if isinstance(error.orig, psycopg.errors.ConnectionTimeout):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error, OperationalError) and (state is None or state.startswith(("08", "57P")))


async def run(server: EmbeddedPostgres, stopping: asyncio.Event, print_line: Callable[[str], None], ready: Callable[[], None]) -> None:
    """Serve and work, all in this process, until `stopping` is set; `ready` is called once everything accepts requests."""
    bus = transport()
    await bus.start()
    accepts = ready_lines(print_line, ready)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_watch(server, stopping))
            if not settings().pay_url:
                tasks.create_task(serve(pay_server(), stopping, lambda: None))
            if not settings().notify_url:
                tasks.create_task(serve(notify_server(), stopping, lambda: None))
            console = Server(create_console(settings()), settings().service_port("console"), connection=PageConnection)
            tasks.create_task(serve(console, stopping, accepts("console")))
            for service in services():
                tasks.create_task(_service(service, bus, stopping, accepts(service.name)))
    finally:
        await bus.stop()


def ready_lines(print_line: Callable[[str], None], ready: Callable[[], None]) -> Callable[[str], Callable[[], None]]:
    """Return what gives, by its name, what a service calls when it accepts requests.

    A line is printed for each, with its name, for the console, which people open, before the others; `ready` is called after the last.
    """
    accepting: list[str] = []

    def accepts(name: str) -> Callable[[], None]:
        def record() -> None:
            accepting.append(name)
            if "console" in accepting:
                for each in ["console", *accepting[:-1]] if name == "console" else [name]:
                    print_line(f"ready {settings().service_url(each)} {each}")
            if len(accepting) == len(SERVICES) + 1:
                ready()

        return record

    return accepts


async def _watch(server: EmbeddedPostgres, stopping: asyncio.Event) -> None:
    """Start the bundled PostgreSQL again if it is killed; meanwhile requests get 503 and workers wait."""
    while not stopping.is_set():
        try:
            if await asyncio.to_thread(server.revive):
                log.warning("the database had died and runs again")
        except Exception as error:  # noqa: BLE001 -- the next attempt may succeed whatever failed
            log.error("the database does not start", error=type(error).__name__)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), 0.5)


async def _service(service: Service, bus: Transport, stopping: asyncio.Event, ready: Callable[[], None]) -> None:
    worker = worker_database(service.name)
    try:
        async with asyncio.TaskGroup() as tasks:
            comparison = Comparison(worker, bus, service.name)
            await comparison.look_before_serving()
            app = create_app(service, api_database(service.name), comparison)
            tasks.create_task(serve(Server(app, settings().service_port(service.name)), stopping, ready))
            tasks.create_task(comparison.run(stopping))
            tasks.create_task(work(service, worker, bus, stopping, comparison))
    finally:
        await worker.dispose()
