"""Closing connections in the background."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


class BackgroundCloser:
    """Closes connections in the background: it takes as long as the broker does not answer, and only the end of the process waits for it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def close(self, closing: Coroutine[Any, Any, None]) -> None:
        """Run what closes a connection; a failure is harmless."""
        task = asyncio.create_task(_ignore_failure(closing))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self, seconds: float) -> None:
        """Wait until all are closed, but no longer than so many seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


async def _ignore_failure(closing: Coroutine[Any, Any, None]) -> None:
    with suppress(Exception):
        await closing
