"""Registers that wait at the same moment are stored in one transaction."""

import asyncio
from collections.abc import Container, Mapping, Sequence
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from services.registers.marks.fast import repository
from services.registers.marks.fast.domain import CheckedRegister
from services.registers.marks.use_cases.publishing import add_revision
from shared.database import Database, RowVisibility
from shared.messaging.messages import Message

log = structlog.get_logger()

BATCH_SIZE = 16
"""Registers stored in one transaction."""
MAX_QUEUED = 500
"""Registers that wait: about a second's work. Whoever comes beyond that takes the full path, which asks callers to come again later."""
CONCURRENT_TRANSACTIONS = 2
"""Transactions under way at the same time: while the database works on one, the next one is made ready."""
Queued = tuple[CheckedRegister, Message, asyncio.Future[bool]]


class RegisterBatcher:
    """Registers that wait at the same moment are stored in one transaction: what each would pay for a transaction of its own is paid once.

    The marks of a register conflict with no other's, whoever sent them. While a few transactions are under way, the next registers queue.
    """

    def __init__(self) -> None:
        self._queue: list[Queued] = []
        self._workers: set[asyncio.Task[None]] = set()
        self._transactions = 0
        self._schools: set[int] = set()
        """Those whose registers are being stored."""

    @property
    def full(self) -> bool:
        """Return whether too many registers wait for another to join them."""
        return len(self._queue) >= MAX_QUEUED

    async def submit(self, database: Database, register: CheckedRegister, message: Message) -> bool:
        """Store a register with the next ones; return, once that is committed, whether it was stored. If not, nothing was done."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.append((register, message, stored))
        if self._transactions < CONCURRENT_TRANSACTIONS:
            self._transactions += 1
            worker = asyncio.create_task(self._work(database))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await stored

    async def _work(self, database: Database) -> None:
        try:
            while batch := self._next_batch():
                await self._store(database, batch)
        finally:
            self._transactions -= 1  # without an await since the queue was found empty: whoever comes next starts a worker

    async def _store(self, database: Database, batch: Mapping[int, Queued]) -> None:
        stored: Container[int] = ()
        self._schools |= batch.keys()
        try:
            stored = await _store_batch(database, [(register, message) for register, message, _ in batch.values()])
        except Exception as error:  # noqa: BLE001 -- each takes the full path then, and meets the error that is its own
            log.warning("a batch of registers failed", error=type(error).__name__)
        finally:
            self._schools -= batch.keys()
            for register, _, waiting in batch.values():
                if not waiting.done():  # the caller may have gone
                    waiting.set_result(register.urn in stored)

    def _next_batch(self) -> dict[int, Queued]:
        """Take the first register of each school out of the queue, if none of that school is being stored."""
        batch: dict[int, Queued] = {}
        for each in self._queue:
            if len(batch) < BATCH_SIZE and each[0].urn not in self._schools:
                batch.setdefault(each[0].urn, each)
        self._queue = [each for each in self._queue if batch.get(each[0].urn) is not each]
        return batch


_BATCHERS: WeakKeyDictionary[AsyncEngine, RegisterBatcher] = WeakKeyDictionary()


def batcher_of(database: Database) -> RegisterBatcher:
    """Return the batcher of a database."""
    return _BATCHERS.setdefault(database.engine, RegisterBatcher())


async def _store_batch(database: Database, batch: Sequence[tuple[CheckedRegister, Message]]) -> set[int]:
    async with database.visible_to(RowVisibility({register.urn for register, _ in batch})).begin() as tx:
        locked = await repository.lock_schools(tx, [register for register, _ in batch])
        writable = [(register, message) for register, message in batch if register.urn in locked]
        events = [_event(register, locked[register.urn], message) for register, message in writable]
        return await repository.store_registers(tx, [register for register, _ in writable], locked, events) if writable else set()


def _event(register: CheckedRegister, school: repository.LockedSchool, message: Message) -> Message:
    return add_revision(message, register.urn, school.la_code, register.session.day, register.session.session, school.revision)
