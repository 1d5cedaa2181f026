"""The only place that reads the clock.

The *civil date* is that of Europe/London: at 00:30 in British Summer Time it is still yesterday in UTC.
`ATTENDANCE_TODAY` moves the civil date (a date, or `@FILE` holding one, read anew at every use);
instants, token expiry and retries keep real time.

Work that acts by the date reads the clock under a `Watch`, which refuses while the clock has strayed (ADR 0027).
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.problems import Unavailable

LONDON = ZoneInfo("Europe/London")
TOLERANCE = timedelta(hours=1)
"""How far two clocks may differ: more than any correction of a clock that is right, less than a day that is wrong."""


class ClockStrayed(Unavailable):
    """The clock of this machine has strayed: what acts by the date waits."""


def is_moved() -> bool:
    """Return whether a person moves the date by `ATTENDANCE_TODAY`: then no watch is kept."""
    return bool(os.environ.get("ATTENDANCE_TODAY"))


def _steady() -> float:
    """Return seconds that pass at the same rate whatever the clock is set to, also while the machine sleeps where that can be known."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Watch:
    """Compares the clock with one that nobody sets, from a moment on at which it was taken for right."""

    def __init__(self, wall: Callable[[], datetime] | None = None, steady: Callable[[], float] = _steady) -> None:
        self._wall = wall or (lambda: datetime.now(UTC))
        self._steady = steady
        self.accept()

    def now(self) -> datetime:
        """Return what the clock shows, right or not."""
        return self._wall()

    def accept(self) -> None:
        """Take the clock for right as it is."""
        self._began = self._wall() - timedelta(seconds=self._steady())

    def strayed(self) -> bool:
        """Return whether the clock has left the steady one by more than the tolerance since it was accepted."""
        if is_moved():
            return False
        return abs(self._wall() - timedelta(seconds=self._steady()) - self._began) > TOLERANCE

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Within the block, let every reading of the clock raise ClockStrayed while it has strayed."""
        before = _WATCH.set(self)
        try:
            yield
        finally:
            _WATCH.reset(before)


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


def _require_right() -> None:
    watch = _WATCH.get()
    if watch is not None and watch.strayed():
        raise ClockStrayed("Set it right, or confirm it: docs/operations.md.")


def today() -> date:
    """Return the civil date in Europe/London, or the one that `ATTENDANCE_TODAY` sets; raise ClockStrayed under a watch."""
    _require_right()
    fixed = os.environ.get("ATTENDANCE_TODAY")
    if not fixed:
        return datetime.now(LONDON).date()
    if fixed.startswith("@"):
        fixed = Path(fixed[1:]).read_text(encoding="ascii")
    return date.fromisoformat(fixed.strip())


def now() -> datetime:
    """Return this instant, in UTC; raise ClockStrayed under a watch."""
    _require_right()
    return datetime.now(UTC)


def civil_date(instant: datetime) -> date:
    """Return the date in Europe/London of an instant with a time zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(LONDON).date()
