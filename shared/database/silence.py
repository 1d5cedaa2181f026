"""A database server that stands still under a long command is noticed: the command may take long, the server may not be silent."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic

import psycopg

from shared.database.limits import MIGRATION

REPORT_SECONDS = 10.0
"""From one progress line to the next, and from one look whether the server accepts connections to the next."""
SILENT_SECONDS = 60.0
"""How long a server may accept none."""


class DatabaseSilent(Exception):  # noqa: N818 -- a state of the server
    """The database server has not answered for a while."""


@contextmanager
def watched(
    connection: "psycopg.Connection[object]",
    report: Callable[[str], None],
    *,
    every: float = REPORT_SECONDS,
    silent: float = SILENT_SECONDS,
    connect: float = MIGRATION.connect,
) -> Iterator[None]:
    """Report every few seconds how long the block has taken; raise DatabaseSilent, and lose the connection, once its server accepts no others."""
    over, given_up = Event(), Event()
    address, descriptor = connection.info.dsn, os.dup(connection.fileno())
    dsn = psycopg.conninfo.make_conninfo(address, password=connection.info.password, connect_timeout=max(int(connect), 1))

    def watch() -> None:
        began = answered = monotonic()
        while not over.wait(every):
            with suppress(psycopg.Error):
                psycopg.connect(dsn).close()
                answered = monotonic()
            if over.is_set():
                return
            now = monotonic()
            if now - answered < silent:
                unanswered = f", the database has not answered for {now - answered:.0f}" if now - answered > every + connect else ""
                report(f"{now - began:.0f} seconds so far{unanswered}")
                continue
            given_up.set()
            with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as waited_for:
                waited_for.shutdown(socket.SHUT_RDWR)
            return

    watching = Thread(target=watch, name="database-silence", daemon=True)
    watching.start()
    try:
        yield
    except Exception as error:
        if given_up.is_set():
            raise DatabaseSilent(f"The database has not answered for {silent:.0f} seconds: see whether its server stands still.") from error
        raise
    finally:
        over.set()
        watching.join()
        os.close(descriptor)
