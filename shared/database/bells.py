"""Bells: whoever waits for new rows is woken by the commit that stores them.

A bell is rung within the process, and by NOTIFY in other processes that listen. One that is missed delays and loses nothing: whoever waits
looks at the table again after `LOOK_SECONDS` anyway.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

log = structlog.get_logger()

OUTBOX = "outbox"
"""The bell that is rung when an event was stored to be published."""
COMPARISON = "comparison"
"""The bell that is rung when a published event does not stand behind the last one: the database may have gone back, or the log."""
READERS = "readers"
"""The bell that is rung when a consumer that was behind has caught up: who reads how far is looked at then."""
CONFIRMATION = "confirmation"
"""The bell that is rung when a person lets due work go on."""
LOOK_SECONDS = 2.0
"""From one look at a quiet table to the next."""
QUIET_SECONDS = 2.0
"""How long new rows are looked for at short intervals after some were found: longer than `SILENCE_SECONDS`, during which no bell is rung in
other processes."""
SILENCE_SECONDS = 1.0
"""A process rings a bell in the others only if it has not rung that bell for so long: NOTIFY in every transaction would cost more than many
a transaction does."""
RECONNECT_SECONDS = 2.0
LIFE_SECONDS = 60.0
"""From one question whether the server still answers to the next."""

NOTIFY = "SELECT pg_notify('bells', name) FROM unnest(CAST($1 AS text[])) AS name"
"""Rings bells in other processes when the transaction commits."""
_NOTIFY = text(NOTIFY.replace("$1", ":names"))


class Bells:
    """The bells of one database in this process, each by its name."""

    def __init__(self, address: str) -> None:
        self.address = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._rung_at: dict[str, float] = {}

    @contextmanager
    def listening(self, *names: str) -> Iterator[asyncio.Event]:
        """Give an event that each of these bells sets; whoever waits for it clears it, before looking at the table."""
        rung = asyncio.Event()
        for name in names:
            self._waiting[name].add(rung)
        try:
            yield rung
        finally:
            for name in names:
                self._waiting[name].discard(rung)

    def ring(self, names: Iterable[str]) -> None:
        """Wake whoever listens to these bells in this process."""
        self._rung_at |= dict.fromkeys(names, time.monotonic())
        self._wake(names)

    def _wake(self, names: Iterable[str]) -> None:
        for name in names:
            for rung in self._waiting[name]:
                rung.set()

    def silent(self, names: Iterable[str]) -> list[str]:
        """Return which of these bells this process has not rung for a while: those are to be rung in the other processes too."""
        now = time.monotonic()
        return [name for name in names if now - self._rung_at.get(name, -SILENCE_SECONDS) >= SILENCE_SECONDS]

    async def listen(self) -> None:
        """Ring what other processes ring, until cancelled. With each new connection every bell is rung: one may have been missed."""
        while True:
            try:
                await self._listen_until_lost()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("bells wait", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen_until_lost(self) -> None:
        connection: Any = await asyncpg.connect(self.address, timeout=5, command_timeout=30)
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener("bells", lambda _connection, _pid, _channel, name: self._wake([name]))
            self._wake(list(self._waiting))
            while not lost.is_set():
                await wait_for_any(LIFE_SECONDS, lost)
                await connection.execute("SELECT 1")  # a server that has gone without a word would be listened to for ever
        finally:
            connection.terminate()


@cache
def bells_of(address: str) -> Bells:
    """Return the bells of a database, the same for every part of the process."""
    return Bells(address)


def ring_after_commit(tx: AsyncConnection, *names: str) -> None:
    """Ring bells once a transaction has committed, if it does."""
    tx.info.setdefault("bells", set()).update(names)


async def notify(tx: AsyncConnection, names: Collection[str]) -> None:
    """Let a transaction ring bells in other processes when it commits."""
    await tx.execute(_NOTIFY, {"names": list(names)})


async def wait_for_any(seconds: float, *events: asyncio.Event) -> None:
    """Wait until one of these events is set, but no longer than so many seconds."""
    if any(event.is_set() for event in events):
        return
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
