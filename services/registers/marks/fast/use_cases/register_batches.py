"""Registers that wait at the same moment are stored in one transaction."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from services.registers.marks.fast import repository
from services.registers.marks.fast.repository import Usual
from shared.database import Database, RowVisibility
from shared.messaging.messages import Message

log = structlog.get_logger()

AT_ONCE = 16
"""Registers stored in one transaction."""
MOST_WAITING = 500
"""Registers that wait: about a second's work. Whoever comes beyond that goes the usual way, which asks callers to come again later."""
LANES = 2
"""Transactions under way at the same time: while the database works on one, the next one is made ready."""
Waiting = tuple[Usual, Message, asyncio.Future[bool]]


class Together:
    """Registers that wait at the same moment are stored in one transaction: what each would pay for a transaction of its own is paid once.

    The marks of a register lie in no other's way, whoever sent them. While a few transactions are under way, the next ones gather.
    """

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []
        self._lanes = 0
        self._storing: set[asyncio.Task[None]] = set()
        self._schools: set[int] = set()
        """Those whose registers are being stored."""

    async def take(self, database: Database, usual: Usual, said: Message) -> bool:
        """Store a register with the next ones; tell, once that is committed, whether it was stored. If not, nothing was done."""
        if len(self._waiting) >= MOST_WAITING:
            return False
        taken: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((usual, said, taken))
        if self._lanes < LANES:
            self._lanes += 1
            storing = asyncio.create_task(self._store(database))
            self._storing.add(storing)
            storing.add_done_callback(self._storing.discard)
        return await taken

    async def _store(self, database: Database) -> None:
        try:
            while batch := self._next():
                await self._store_batch(database, batch)
        finally:
            self._lanes -= 1  # in the same breath in which nothing was found to do: whoever comes next opens a lane

    async def _store_batch(self, database: Database, batch: Mapping[int, Waiting]) -> None:
        stored: Container[int] = ()
        self._schools |= batch.keys()
        try:
            stored = await _store_together(database, [(usual, said) for usual, said, _ in batch.values()])
        except Exception as trouble:  # noqa: BLE001 -- each is then taken on its own, and meets the trouble that is its own
            log.warning("registers are stored one by one", trouble=type(trouble).__name__)
        finally:
            self._schools -= batch.keys()
            for usual, _, taken in batch.values():
                if not taken.done():  # whoever waited may have gone
                    taken.set_result(usual.urn in stored)

    def _next(self) -> dict[int, Waiting]:
        """Take the first of each school off those that wait, if none of that school is being stored."""
        batch: dict[int, Waiting] = {}
        for each in self._waiting:
            if len(batch) < AT_ONCE and each[0].urn not in self._schools:
                batch.setdefault(each[0].urn, each)
        self._waiting = [each for each in self._waiting if batch.get(each[0].urn) is not each]
        return batch


_TOGETHER: WeakKeyDictionary[AsyncEngine, Together] = WeakKeyDictionary()


def of(database: Database) -> Together:
    """Return those that wait for a database."""
    return _TOGETHER.setdefault(database.engine, Together())


def event_of(usual: Usual, la_code: str, revision: int, said: Message) -> Message:
    """Return the event of a register under its revision."""
    head = {"school": usual.urn, "la_code": la_code, "date": usual.date, "session": usual.session, "revision": revision}
    return replace(said, body=b'%b,"marks":[%b]}' % (orjson.dumps(head)[:-1], said.body))


async def _store_together(database: Database, registers: Sequence[tuple[Usual, Message]]) -> set[int]:
    async with database.visible_to(RowVisibility({usual.urn for usual, _ in registers})).begin() as tx:
        held = await repository.hold_many(tx, [usual for usual, _ in registers])
        free = [(usual, held[usual.urn][1], event_of(usual, *held[usual.urn], said)) for usual, said in registers if usual.urn in held]
        return await repository.store_many(tx, free) if free else set()
