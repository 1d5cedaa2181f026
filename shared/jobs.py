"""Scheduled and outbound work: rows that are due, found in the database, so that no missed tick is ever lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from shared import clock
from shared.database import Database
from shared.messaging import trace

log = structlog.get_logger()

Job = Callable[[Database], Awaitable[int]]
"""Does what is due and returns how many things it did; called again at once while it did any."""

BACKOFF = (timedelta(seconds=60), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1), timedelta(days=2))
"""Waiting times between attempts of an outbound call."""


def next_attempt(attempts: int) -> datetime:
    """Return when to try again after so many failed attempts."""
    return clock.now() + BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]


async def repeat(name: str, job: Job, database: Database, stopping: asyncio.Event, *, idle_seconds: float = 0.3) -> None:
    """Run a job until `stopping` is set; a failure is logged and the job tried again."""
    while not stopping.is_set():
        try:
            with trace.within(None):
                pause = 0.0 if await job(database) else idle_seconds
        except Exception as error:  # noqa: BLE001 -- the rows are still due
            log.warning("job waits", job=name, error=type(error).__name__)
            pause = 2.0
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), pause or 0.001)
