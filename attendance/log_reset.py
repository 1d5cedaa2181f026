"""The way back from a damaged log: its tables are made anew, and every service publishes again what its outbox still keeps."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx2
from sqlalchemy import text

from attendance.embedded import lock_data_folder, migrate, provide
from shared.database import Database
from shared.http.client import connection_pool
from shared.messaging.log import create_log_tables
from shared.messaging.log_damage import drop_log_tables
from shared.settings import SERVICES, settings

# An inbox recognises what was handled before, so that a consumer may begin at the beginning.
_BEGIN_ANEW = text("UPDATE consumer_offsets SET next_offset = 0, last_event_id = NULL")
_PUBLISH_AGAIN = text("""
    UPDATE outbox SET published_at = NULL, partition = NULL, "offset" = NULL WHERE published_at IS NOT NULL
""")
# The last event will stand somewhere else.
_DELETE_POSITIONS = text("DELETE FROM published_positions")
_UNPUBLISHED = text("SELECT count(*) FROM outbox WHERE published_at IS NULL")


class StillRunning(SystemExit):
    """A part of the product runs: stop it first."""


class NoLog(SystemExit):
    """Events go over Kafka, which has tools of its own."""


def reset(folder: Path, print_line: Callable[[str], None], confirm: Callable[[], bool]) -> int:
    """Make the log anew, after `confirm`; return 0, or 1 if it was not confirmed. Raises StillRunning, AlreadyRunning, NoLog.

    It may be killed at any moment and run again: the services are changed before the log is.
    """
    if settings().kafka:
        raise NoLog(
            "events go over Kafka here, and there is no log of the product's own: docs/operations.md has what to do when Kafka's is lost"
        )
    lock = lock_data_folder(folder)
    try:
        asyncio.run(_require_stopped())
        if not confirm():
            return 1
        server = provide(folder)
        try:
            migrate(lambda _line: None)
            asyncio.run(_reset(print_line))
        finally:
            server.stop()
    finally:
        lock.close()
    return 0


async def _require_stopped() -> None:
    async with connection_pool(2) as http:
        for name in SERVICES:
            url = settings().service_url(name)
            try:
                await http.get(f"{url}/health/live")
            except httpx2.TransportError:
                continue
            raise StillRunning(f"{name} runs at {url}: stop every service and worker first")


async def _reset(print_line: Callable[[str], None]) -> None:
    for name in SERVICES:
        database = Database(settings().database_url(name), pooled=False)
        async with database.begin() as tx:
            for statement in (_BEGIN_ANEW, _PUBLISH_AGAIN, _DELETE_POSITIONS):
                await tx.execute(statement)
            count = (await tx.execute(_UNPUBLISHED)).scalar()
        await database.dispose()
        print_line(f"{name}: {count} events will be published again, and it reads from the beginning")
    url = settings().log_database_url or ""
    await drop_log_tables(url)
    await create_log_tables(url)
    print_line("the log is empty: start the product, and the events are published in their order")
    print_line("what no outbox keeps any more is published by `attendance replay --by PERSON --state SERVICE`, where a reader lacks it")
