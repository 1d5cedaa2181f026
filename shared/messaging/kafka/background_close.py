"""Disconnecting beside the work."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


class BackgroundCloser:
    """Disconnecting takes as long as the broker does not answer: nobody waits for it but, for a while, the end of the process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def say(self, farewell: Coroutine[Any, Any, None]) -> None:
        """Let something end by itself."""
        task = asyncio.create_task(_quietly(farewell))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def heard(self, seconds: float) -> None:
        """Wait until all has ended, but no longer than so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


async def _quietly(farewell: Coroutine[Any, Any, None]) -> None:
    with suppress(Exception):
        await farewell
