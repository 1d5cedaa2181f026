"""Work that is due is done, again and again, whatever goes wrong in between."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from shared.database import Database
from shared.jobs import next_attempt, repeat

NOWHERE = Database("postgresql+asyncpg://nobody@localhost/nowhere", pooled=False)


@pytest.mark.parametrize(
    ("attempts", "pause"),
    [
        (0, timedelta(seconds=60)),
        (1, timedelta(seconds=60)),
        (2, timedelta(minutes=5)),
        (3, timedelta(hours=1)),
        (4, timedelta(days=1)),
        (5, timedelta(days=2)),
        (50, timedelta(days=2)),
    ],
)
def test_each_failed_attempt_waits_longer_up_to_two_days(attempts: int, pause: timedelta):
    with time_machine.travel(datetime(2026, 9, 14, 9, tzinfo=UTC), tick=False):
        assert next_attempt(attempts) == datetime(2026, 9, 14, 9, tzinfo=UTC) + pause


async def test_a_job_with_more_to_do_is_called_again_at_once_until_it_is_stopped():
    stopping, left = asyncio.Event(), [3, 2, 1, 0]

    async def job(_database: Database) -> int:
        done = left.pop(0)
        if not left:
            stopping.set()
        return done

    await asyncio.wait_for(repeat("job", job, NOWHERE, stopping, idle_seconds=60), 5)

    assert left == []


async def test_a_job_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch):
    stopping, calls = asyncio.Event(), []

    async def no_waiting(_seconds: float, *_events: asyncio.Event) -> None:
        """Go on at once."""

    async def job(_database: Database) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ConnectionError("the database is away")
        stopping.set()
        return 0

    monkeypatch.setattr("shared.jobs.wait_for_any", no_waiting)
    await repeat("job", job, NOWHERE, stopping)

    assert len(calls) == 2
