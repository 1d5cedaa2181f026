"""Registers that wait at the same moment are stored in one transaction."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from services.registers.marks.fast import repository
from services.registers.marks.fast.domain import CheckedRegister
from services.registers.marks.use_cases.publishing import add_revision
from shared.database import Database
from shared.database.bells import OUTBOX
from shared.messaging.messages import Message

log = structlog.get_logger()

BATCH_SIZE = 16
"""Registers stored in one transaction."""
MAX_QUEUED = 500
"""Registers that wait: about a second's work. Whoever comes beyond that takes the full path, which asks callers to come again later."""
CONCURRENT_TRANSACTIONS = 2
"""Transactions under way at the same time: while the database works on one, the next one is made ready."""


class Outcome(Enum):
    """What became of a register that was submitted; nothing was done unless it was stored."""

    STORED = auto()
    OUTDATED = auto()
    """The roll may have changed since the register was checked."""
    DECLINED = auto()
    """There is a register of its session, its school is locked, its month is new, or the transaction failed."""


Queued = tuple[CheckedRegister, Message, asyncio.Future[Outcome]]


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

    async def submit(self, database: Database, register: CheckedRegister, message: Message) -> Outcome:
        """Store a register with the next ones; return, once that is committed, what became of it."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append((register, message, outcome))
        if self._transactions < CONCURRENT_TRANSACTIONS:
            self._transactions += 1
            worker = asyncio.create_task(self._work(database))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await outcome

    async def _work(self, database: Database) -> None:
        try:
            while batch := self._next_batch():
                await self._store(database, batch)
        finally:
            self._transactions -= 1  # without an await since the queue was found empty: whoever comes next starts a worker

    async def _store(self, database: Database, batch: Mapping[int, Queued]) -> None:
        outcomes: Mapping[int, Outcome] = {}
        self._schools |= batch.keys()
        try:
            outcomes = await _store_batch(database, [(register, message) for register, message, _ in batch.values()])
        except TimeoutError as error:  # the database does not answer: whoever waits behind would wait as long again, and then once more
            waited = [*batch.values(), *self._queue]
            self._queue = []
            for _, _, waiting in waited:
                if not waiting.done():
                    waiting.set_exception(TimeoutError(*error.args))
        except Exception as error:  # noqa: BLE001 -- each takes the full path then, and meets the error that is its own
            log.warning("a batch of registers failed", error=type(error).__name__)
        finally:
            self._schools -= batch.keys()
            for register, _, waiting in batch.values():
                if not waiting.done():  # the caller may have gone
                    waiting.set_result(outcomes.get(register.urn, Outcome.DECLINED))

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


async def _store_batch(database: Database, batch: Sequence[tuple[CheckedRegister, Message]]) -> dict[int, Outcome]:
    """Store registers, one of each school; return the outcomes that are not DECLINED, by school."""
    async with database.begin_in_driver({register.urn for register, _ in batch}, OUTBOX) as driver:
        schools = await repository.lock_schools(driver, [register for register, _ in batch])
        writable = [(register, message, *schools.locked[register.urn]) for register, message in batch if register.urn in schools.locked]
        events = [add_revision(message, each.urn, la_code, each.session, revision) for each, message, la_code, revision in writable]
        registers, revisions = [each for each, *_ in writable], [revision for *_, revision in writable]
        stored = await repository.store_registers(driver, registers, revisions, events) if writable else ()
    return dict.fromkeys(schools.outdated, Outcome.OUTDATED) | dict.fromkeys(stored, Outcome.STORED)
