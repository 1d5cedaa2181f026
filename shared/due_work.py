"""Work that is due: found in the database by its keys, a bounded number at once, and done one by one where a batch fails.

Work that fails is tried again at growing pauses. After `MAX_ATTEMPTS` it is parked as a dead letter, which a named operator replays or
dismisses like an event that failed for good. A transient error only delays it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, Table, and_, or_, text

from shared import clock
from shared.database import Database, Transaction, is_cut_off, is_transient
from shared.ids import new_id
from shared.jobs import BACKOFF, Job, next_attempt
from shared.messaging import dead_letters
from shared.messaging.dead_letters import ReplayFailed
from shared.messaging.messages import Message

log = structlog.get_logger()

MAX_ATTEMPTS = 4
"""Failed attempts after which work waits for a person: a little more than an hour after the first."""
TRANSIENT_PAUSE = timedelta(seconds=10)
"""How long work waits that met a transient error."""
LONGEST_WAIT = BACKOFF[-1] + clock.TOLERANCE
"""Longer than any work waits: what is to wait for longer was stored by a clock that was wrong, and is due."""
ANY_TIME = datetime.max.replace(tzinfo=UTC)
"""Later than everything is due: for work that an operator lets be done now."""
TOPIC = "due-work"
"""The topic of dead letters that are parked work, and no event."""

Find = Callable[[Transaction, str, int], Awaitable[Sequence[str]]]
"""Takes the name of the job and a limit; returns the keys of what is due and `not_waiting`, the longest due first."""
Do = Callable[[Database, Sequence[str], datetime], Awaitable[int]]
"""Does what is due of these keys at an instant, in transactions of its own; skips what another worker has locked. Returns how many."""
GiveUp = Callable[[Transaction, str, str], Awaitable[None]]
"""Takes the key of parked work that an operator dismisses, and who did that and why: brings what the work is about to a state that shows it."""

_FAILED = text("""
    INSERT INTO failed_work AS stored (job, key, attempts) VALUES (:job, :key, :counted)
    ON CONFLICT (job, key) DO UPDATE SET attempts = stored.attempts + excluded.attempts, failed_at = now()
    RETURNING attempts
""")
_COUNT = text("""
    INSERT INTO failed_attempts AS stored (job, attempts) VALUES (:job, 1)
    ON CONFLICT (job) DO UPDATE SET attempts = stored.attempts + 1
""")
_WAIT = text("UPDATE failed_work SET next_attempt_at = :until WHERE job = :job AND key = :key")
_FAILED_BEFORE = text("SELECT key FROM failed_work WHERE job = :job AND key = ANY(:keys)")
_AGAIN = text("UPDATE failed_work SET attempts = :attempts, next_attempt_at = :until WHERE job = :job AND key = :key")
_DONE = text("DELETE FROM failed_work WHERE job = :job AND key = ANY(:keys)")


def not_waiting(key: str) -> str:
    """Return the SQL condition that work does not wait after a failed attempt; `key`: its key as SQL. The statement binds `job`."""
    longest = f"interval '{LONGEST_WAIT.total_seconds():.0f} seconds'"
    until = f"failed.next_attempt_at > now() AND failed.next_attempt_at <= now() + {longest} AND failed.failed_at <= now()"
    waits = f"failed.job = :job AND failed.key = {key} AND (failed.next_attempt_at IS NULL OR {until})"
    return f"NOT EXISTS (SELECT FROM failed_work AS failed WHERE {waits})"


def is_due(work: Table, since: str, now: datetime) -> ColumnElement[bool]:
    """Return the condition that the next attempt of some work is due; `work` has `attempts` and `next_attempt_at`.

    It is due as well where it was stored by a clock that was ahead: the next attempt lies further away than anything waits or, before the
    first, the instant in the column `since` lies ahead.
    """
    come = work.c.next_attempt_at <= now
    if now == ANY_TIME:
        return come
    ahead = and_(work.c.attempts == 0, work.c[since] > now + clock.TOLERANCE)
    return or_(come, work.c.next_attempt_at > now + LONGEST_WAIT, ahead)


def in_one_transaction(do: Callable[[Transaction, Sequence[str]], Awaitable[int]]) -> Do:
    """Return what does work of the database alone: what is due of a batch of keys in one transaction, all of it or nothing."""

    async def run(database: Database, keys: Sequence[str], _due_by: datetime) -> int:
        async with database.begin() as tx:
            return await do(tx, keys)

    return run


@dataclass(frozen=True, slots=True)
class DueWork:
    """A job that does what is due: `batch` keys in one call of `do`, and `at_once` calls at the same time."""

    name: str
    find: Find
    do: Do
    batch: int = 1
    at_once: int = 1
    give_up: GiveUp | None = None
    """Where dismissed work is not merely left undone."""

    async def __call__(self, database: Database) -> int:
        """Do what is due, a bounded part of it; return how many. What fails is stored, to be tried again or to wait for a person."""
        async with database.begin() as tx:
            keys = await self.find(tx, self.name, self.batch * self.at_once)
            failed_before = set((await tx.execute(_FAILED_BEFORE, {"job": self.name, "keys": keys})).scalars()) if keys else set()
        batches = [keys[first : first + self.batch] for first in range(0, len(keys), self.batch)]
        if len(batches) < 2:  # in the caller's task, as what ends the process is to end the caller
            return sum([await self._attempt(database, each, failed_before) for each in batches])
        done = await asyncio.gather(*(self._attempt(database, each, failed_before) for each in batches), return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each
        return sum(each for each in done if isinstance(each, int))

    async def _attempt(self, database: Database, keys: Sequence[str], failed_before: set[str]) -> int:
        """Do the work of these keys, one by one where that fails; return how much was done."""
        try:
            done = await self.do(database, keys, clock.now())
        except Exception as error:  # noqa: BLE001 -- whatever it is, other work goes on
            if len(keys) > 1:
                log.warning("due work failed, one by one", job=self.name, error=type(error).__name__, keys=len(keys))
                return sum([await self._attempt(database, [key], failed_before) for key in keys])
            async with database.begin() as tx:
                await record_failure(tx, self.name, keys[0], error)
            return 0
        if again := failed_before.intersection(keys):
            async with database.begin() as tx:
                await tx.execute(_DONE, {"job": self.name, "keys": sorted(again)})
        return done


async def record_failure(tx: Transaction, job: str, key: str, error: Exception) -> None:
    """Store that work failed and when it is tried again; after `MAX_ATTEMPTS` it is parked as a dead letter. A transient error is not counted."""
    transient = _only_delays(error)
    log.warning("due work failed", job=job, error=type(error).__name__, transient=transient)
    attempts = (await tx.execute(_FAILED, {"job": job, "key": key, "counted": int(not transient)})).scalar_one()
    until: datetime | None = clock.now() + TRANSIENT_PAUSE if transient else next_attempt(attempts)
    if not transient:
        await tx.execute(_COUNT, {"job": job})
        if attempts == MAX_ATTEMPTS:
            log.error("due work is parked", job=job, error=type(error).__name__)
            message = Message(new_id(), TOPIC, key, job, b"", {})
            await dead_letters.store(tx, consumer_of(job), message, error, attempts=attempts)
        until = None if attempts >= MAX_ATTEMPTS and key else until
    await tx.execute(_WAIT, {"job": job, "key": key, "until": until})


def _only_delays(error: Exception) -> bool:
    """Return whether an error is transient; one of a statement that ran into its limit may come again however often it is tried."""
    return is_transient(error) and not is_cut_off(error)


def consumer_of(job: str) -> str:
    """Return the consumer under which a job's parked work is stored among the dead letters."""
    return f"{TOPIC}/{job}"


async def replay(database: Database, job: Job, letter_id: int, who: str) -> None:
    """Do parked work now, by a named operator; what is not due any more counts as done.

    It may call other systems, so nothing is locked meanwhile: the dead letter is resolved before, and opened again where that fails.
    Raise ReplayFailed, DeadLetterResolved or DeadLetterNotFound.
    """
    async with database.begin() as tx:
        letter = await dead_letters.lock_unresolved(tx, letter_id)
        await dead_letters.resolve(tx, letter_id, "replayed", who)
        # Should this process die in between, the worker tries it once more.
        again = {"attempts": MAX_ATTEMPTS - 1, "until": clock.now() + TRANSIENT_PAUSE * 6}
        await tx.execute(_AGAIN, {**again, "job": letter.type, "key": letter.key})
    try:
        await (job.do(database, [letter.key], ANY_TIME) if isinstance(job, DueWork) and letter.key else job(database))
    except Exception as error:
        async with database.begin() as tx:
            await dead_letters.open_again(tx, letter_id, error)
            await tx.execute(_AGAIN, {"attempts": MAX_ATTEMPTS, "until": None, "job": letter.type, "key": letter.key})
        raise ReplayFailed(type(error).__name__) from error
    async with database.begin() as tx:
        await tx.execute(_DONE, {"job": letter.type, "keys": [letter.key]})


async def dismiss(tx: Transaction, job: Job | None, key: str, why: str) -> None:
    """Let dismissed work be shown as given up, where its job can; then it may become due again, and is tried as if it had never failed."""
    if isinstance(job, DueWork) and job.give_up and key:
        await job.give_up(tx, key, why)
        await tx.execute(_DONE, {"job": job.name, "keys": [key]})


def recorded(name: str, job: Job) -> Job:
    """Return a job whose failures as a whole, of finding what is due or of work that has no rows, are stored and shown like parked work.

    It is tried all the same, and its dead letter is resolved once it succeeds.
    """
    failed = True  # perhaps before this process began

    async def run(database: Database) -> int:
        nonlocal failed
        try:
            done = await job(database)
        except Exception as error:
            failed = True
            if not _only_delays(error):
                async with database.begin() as tx:
                    await record_failure(tx, name, "", error)
            raise
        if failed:
            async with database.begin() as tx:
                await tx.execute(_DONE, {"job": name, "keys": [""]})
                await dead_letters.resolve_key(tx, consumer_of(name), "", "succeeded", "the job itself")
            failed = False
        return done

    return run
