"""Scheduled and outbound work: rows that are due, found in the database, so that no missed tick is ever lost."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta

import structlog

from shared import clock
from shared.database import Database
from shared.database.bells import wait_for_any
from shared.messaging import trace
from shared.pauses import Pauses

log = structlog.get_logger()

Job = Callable[[Database], Awaitable[int]]
"""Does what is due and returns how many things it did; called again at once while it did any."""

BACKOFF = (timedelta(seconds=60), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1), timedelta(days=2))
"""Waiting times between attempts of an outbound call."""


LONGEST_PAUSE = 60
"""Seconds after which a job that fails as a whole is tried again at the latest."""


def next_attempt(attempts: int) -> datetime:
    """Return when to try again after so many failed attempts."""
    return clock.now() + BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1]


SHORTEST_REST, LONGEST_REST = 0.3, 10.0
"""Seconds that a job rests when it found nothing to do: each time half as long again."""
DATE_SECONDS = 0.3
"""From one look at the date to the next: those who move it (demonstrations, journeys) wait for what is due by it."""


async def repeat(
    name: str,
    job: Job,
    database: Database,
    stopping: asyncio.Event,
    *,
    idle_seconds: float = SHORTEST_REST,
    pauses: Pauses | None = None,
) -> None:
    """Run a job until `stopping` is set; a failure is logged and the job tried again, after a pause that grows while it fails.

    A job that finds nothing rests ever longer, from `idle_seconds` on, until the bell of its name is rung: what a person or a letter waits
    for rings it. While `pauses` has due work paused it is not called, and what it reads of the clock while that strays ends it.
    """
    rest, failures = idle_seconds, 0
    with database.bells.listening(name) as rung:
        while not stopping.is_set():
            rung.clear()
            pause = 0.001
            try:
                with trace.within(None):
                    if pauses is None:
                        done = await job(database)
                    elif await pauses.paused():
                        await pauses.wait(stopping, rung)
                        continue
                    else:
                        with pauses.watch.kept():
                            done = await job(database)
            except Exception as error:  # noqa: BLE001 -- the rows are still due
                log.warning("job waits", job=name, error=type(error).__name__)
                failures += 1
                pause = float(min(2 ** min(failures, 6), LONGEST_PAUSE))
            else:
                failures = 0
                if not done:
                    pause = rest
                rest = idle_seconds if done else min(rest * 1.5, max(idle_seconds, LONGEST_REST))
            await wait_for_any(pause, stopping, rung)


async def ring_with_the_date(names: Iterable[str], database: Database, stopping: asyncio.Event) -> None:
    """Ring the bells of jobs when the date changes, until `stopping` is set: much of what is due is due by its date."""
    jobs = list(names)
    before: date | None = None
    while not stopping.is_set():
        with suppress(OSError, ValueError):  # the file that holds the date is away: each job logs that it waits
            today = clock.today()
            if today != before:
                before = today
                database.bells.ring(jobs)
        await wait_for_any(DATE_SECONDS, stopping)
