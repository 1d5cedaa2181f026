"""When due work is paused: after a long absence, and while the clock of the worker cannot be right (ADR 0027).

A worker relays and consumes all the same. Due work goes on when the clock is right again, or when a named operator confirms it.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import text

from shared import clock
from shared.clock import TOLERANCE, Watch
from shared.database import Database, Transaction
from shared.database.bells import CONFIRMATION, ring_after_commit, wait_for_any
from shared.database.rows import fetch_one
from shared.problems import Conflict

log = structlog.get_logger()

Cause = Literal["absence", "clock"]
"""The service was off for long, or a clock is wrong."""
LONGEST_ABSENCE = timedelta(days=45)
"""As long as events are remembered (`inbox`). Whoever was away for longer is asked before what fell due meanwhile is done."""
LOOK_SECONDS, PAUSED_SECONDS = 60.0, 2.0
"""From one look at the stored state to the next, while due work is done and while it is paused."""
WORKED_EVERY = timedelta(minutes=5)
"""How exactly it is stored when a worker was last at work."""
GONE = timedelta(minutes=3)
"""After that a worker that paused and has not looked since is gone, and its pause with it where another one works."""

_ADD = text("INSERT INTO due_work_pause (id, worked_at) VALUES (1, :now) ON CONFLICT DO NOTHING")
_LOCK = text("""
    SELECT worked_at, cause, paused_at, coalesce(looked_at < now() - CAST(:gone AS interval), false) AS gone, confirmations, now() AS database_now
    FROM due_work_pause WHERE id = 1 FOR UPDATE
""")
_PAUSE = text("""
    UPDATE due_work_pause SET cause = :cause, looked_at = now(), paused_at = CASE WHEN cause = :cause THEN paused_at ELSE now() END WHERE id = 1
""")
_WORK = text("UPDATE due_work_pause SET worked_at = :now, cause = NULL, paused_at = NULL, looked_at = NULL WHERE id = 1")
_READ = text("""
    SELECT worked_at, cause, paused_at, coalesce(extract(epoch FROM now() - paused_at), 0) AS seconds, confirmed_by, confirmed_at, reason
    FROM due_work_pause WHERE id = 1
""")
_CONFIRM = text("""
    UPDATE due_work_pause SET confirmations = confirmations + 1, confirmed_by = :who, confirmed_at = now(), reason = :reason, worked_at = :now,
        cause = NULL, paused_at = NULL, looked_at = NULL
    WHERE id = 1 AND cause IS NOT NULL RETURNING id
""")


class NotPaused(Conflict):
    """Due work is not paused."""


@dataclass(frozen=True, slots=True)
class PauseRow:
    """What is stored: when a worker was last at work, why due work is paused if it is, and the last confirmation."""

    worked_at: datetime
    cause: Cause | None
    paused_at: datetime | None
    seconds: float
    confirmed_by: str | None
    confirmed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class _Locked:
    worked_at: datetime
    cause: Cause | None
    paused_at: datetime | None
    gone: bool
    confirmations: int
    database_now: datetime


class Pauses:
    """Of one worker: whether due work is paused."""

    def __init__(self, database: Database, watch: Watch | None = None) -> None:
        self.watch = watch or Watch()
        self._database = database
        self._looking = asyncio.Lock()
        self._look_at = 0.0
        self._cause: Cause | None = None
        self._confirmations: int | None = None  # None before the first look
        self._started = False  # once due work was done, or confirmed
        self._database_ahead = timedelta()

    async def paused(self) -> bool:
        """Return whether due work is paused now; look at the stored state where the last look was long ago."""
        if clock.is_moved():
            return False
        if self.watch.strayed() and self._cause is None:
            self._look_at = 0.0
        if time.monotonic() >= self._look_at:
            async with self._looking:
                if time.monotonic() >= self._look_at:
                    await self._look()
        return self._cause is not None

    async def wait(self, *events: asyncio.Event) -> None:
        """Wait for a moment while due work is paused, or until one of these events is set; a confirmation is looked for at once."""
        with self._database.bells.listening(CONFIRMATION) as confirmed:
            await wait_for_any(PAUSED_SECONDS, confirmed, *events)
            if confirmed.is_set():
                self._look_at = 0.0

    async def _look(self) -> None:
        before = self._cause
        async with self._database.begin() as tx:
            self._cause = await self._decide(tx)
        self._look_at = time.monotonic() + (PAUSED_SECONDS if self._cause else LOOK_SECONDS)
        if self._cause and self._cause != before:
            log.warning("due work is paused", cause=self._cause)
        elif before and not self._cause:
            log.warning("due work goes on", cause=before)

    async def _decide(self, tx: Transaction) -> Cause | None:
        now = self.watch.now()
        await tx.execute(_ADD, {"now": now})
        row = await fetch_one(tx, _LOCK, _Locked, {"gone": GONE})
        assert row is not None  # noqa: S101 -- it was added
        ahead = row.database_now - now
        if self._confirmations is not None and row.confirmations != self._confirmations:
            self.watch.accept()
            self._started, self._database_ahead = True, ahead
        self._confirmations = row.confirmations
        cause = self._cause_of(row, now, ahead)
        if cause:
            await tx.execute(_PAUSE, {"cause": cause})
            return cause
        mine = self._cause is not None or not self._started or row.gone
        if (row.cause and mine) or now - row.worked_at >= WORKED_EVERY:
            await tx.execute(_WORK, {"now": now})
        self._started = True
        return None

    def _cause_of(self, row: _Locked, now: datetime, ahead: timedelta) -> Cause | None:
        if self.watch.strayed() or abs(ahead - self._database_ahead) > TOLERANCE:
            return "clock"
        if self._started:
            return None
        away = now - row.worked_at
        if away > LONGEST_ABSENCE:
            return "absence"
        if -away > TOLERANCE or (row.cause == "clock" and away > TOLERANCE):  # behind its own work; or a start confirms nothing
            return "clock"
        return None


async def read_pause(tx: Transaction) -> PauseRow | None:
    """Return what is stored; None before a worker was ever at work."""
    return await fetch_one(tx, _READ, PauseRow)


async def confirm(tx: Transaction, who: str, reason: str, jobs: list[str]) -> None:
    """Let due work go on by a named operator: the clock is right, and what fell due is to be done. Raise NotPaused."""
    if (await tx.execute(_CONFIRM, {"who": who, "reason": reason, "now": clock.now()})).first() is None:
        raise NotPaused("Nothing is to be confirmed: due work is done.")
    ring_after_commit(tx, CONFIRMATION, *jobs)
