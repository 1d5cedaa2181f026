"""A loop whose time passes at once, for what happens in minutes."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

PASS_SECONDS = 0.000_001
"""What one pass of a loop takes: time that stood still would never reach a deadline that is closer than a clock can show."""


class PassingTime(asyncio.SelectorEventLoop):
    """A loop that never waits: its clock moves to when the next thing is due."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0]._when)  # type: ignore[attr-defined]
        self.now += PASS_SECONDS
        super()._run_once()  # type: ignore[misc]


Loop = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Something of the product that goes on until its event is set."""


def run(loop: Loop, meanwhile: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a loop of the product until `meanwhile` has ended."""

    async def both() -> None:
        stopping = asyncio.Event()
        running = asyncio.ensure_future(loop(stopping))
        await meanwhile()
        stopping.set()
        await running

    time = PassingTime()
    try:
        time.run_until_complete(both())
    finally:
        time.close()


class Looks:
    """A table that is looked at: the time of every look, and what looks find in turn (nothing afterwards)."""

    def __init__(self, *finds: int) -> None:
        self.finds = list(finds)
        self.at: list[float] = []

    def look(self) -> int:
        self.at.append(asyncio.get_running_loop().time())
        return self.finds.pop(0) if self.finds else 0

    def within(self, began: float, seconds: float) -> int:
        """Return how often it was looked at within so many seconds."""
        return sum(began <= at < began + seconds for at in self.at)
