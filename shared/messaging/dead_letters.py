"""Dead letters: what failed for good, and what waits behind it, per consumer and key."""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import structlog
from sqlalchemy import BigInteger, column, select, table, text

from shared import clock
from shared.contracts.event import Event
from shared.database import Database, Transaction, is_transient
from shared.database.locks import Lock
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import columns_of, fetch_one
from shared.failures import describe
from shared.messaging.messages import Message, as_headers, storable
from shared.problems import Conflict, NotFound

# Whoever handles or replays a key of a consumer that has dead letters holds this lock until the end of its transaction,
# so that no message is handled between the last look at them and its commit.
_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(:consumer || '/' || key, :lock)) FROM unnest(CAST(:keys AS text[])) AS key"
).bindparams(lock=Lock.DEAD_LETTER_KEY)
_BLOCKED_KEYS = text("SELECT DISTINCT key FROM dead_letters WHERE consumer = :consumer AND resolved_at IS NULL AND key = ANY(:keys)")
_INSERT = text("""
    INSERT INTO dead_letters (consumer, event_id, topic, key, type, body, headers, error, attempts)
    VALUES (:consumer, :event_id, :topic, :key, :type, :body, CAST(:headers AS jsonb), :error, :attempts)
""")
_HEAD = text("""
    SELECT id, event_id, topic, key, type, body, headers FROM dead_letters WHERE consumer = :consumer AND key = :key AND resolved_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE
""")
_EVENT = text("SELECT type, body FROM dead_letters WHERE id = :id")
_RESOLVE = text("""
    UPDATE dead_letters SET resolved_at = now(), resolution = :resolution, resolved_by = :who, reason = :reason
    WHERE id = :id AND resolved_at IS NULL
""")
_RESOLVE_KEY = text("""
    UPDATE dead_letters SET resolved_at = now(), resolution = :resolution, resolved_by = :who
    WHERE consumer = :consumer AND key = :key AND resolved_at IS NULL
""")
_OPEN_AGAIN = text("""
    UPDATE dead_letters SET resolved_at = NULL, resolution = NULL, resolved_by = NULL, attempts = attempts + 1, error = :error WHERE id = :id
""")
_FAILED_AGAIN = text("UPDATE dead_letters SET attempts = attempts + 1, error = :error WHERE id = :id AND resolved_at IS NULL")
_ONE = text("""
    SELECT id, consumer, event_id, topic, key, type, error, attempts, arrived_at, resolved_at, resolution, resolved_by, reason
    FROM dead_letters WHERE id = :id
""")
_LOCK_ONE = text(f"{_ONE.text} FOR UPDATE")
_NEXT_OF_SAME_KEY = text("""
    SELECT min(waiting.id) FROM dead_letters waiting JOIN dead_letters this USING (consumer, key)
    WHERE this.id = :id AND waiting.resolved_at IS NULL
""")

log = structlog.get_logger()

E = TypeVar("E", bound=Event)
GiveUp = Callable[[Transaction, E, str], Awaitable[object]]
"""Takes an event that an operator dismissed, and who did that and why: brings what waits for it to a state that shows it."""

MAX_KEY = 200
"""Characters of a key that are stored as they stand; a row of an index holds not much more than ten times as many."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that failed for good (`error` set) or that waits behind one of its key."""

    id: int
    consumer: str
    event_id: UUID
    topic: str
    key: str
    type: str
    error: str | None
    attempts: int
    arrived_at: datetime
    resolved_at: datetime | None
    resolution: str | None
    resolved_by: str | None
    reason: str | None


_LETTERS = table("dead_letters", column("id", BigInteger), *(column(field.name) for field in fields(DeadLetter)[1:]))


class DeadLetterNotFound(NotFound):
    """There is no such dead letter."""


class DeadLetterResolved(Conflict):
    """The dead letter was replayed or dismissed before."""


class NotFirstOfItsKey(Conflict):
    """An earlier dead letter of the same key comes first."""


class ReplayFailed(Conflict):
    """The event failed again."""


async def blocked_keys(tx: Transaction, consumer: str, keys: Collection[str]) -> set[str]:
    """Return which of these keys wait behind a dead letter (locked, so that it stays so until commit)."""
    if not keys:
        return set()
    stored = {key: stored_key(key) for key in keys}
    asked = {"consumer": consumer, "keys": sorted(stored.values())}
    found = sorted((await tx.execute(_BLOCKED_KEYS, asked)).scalars())
    if not found:
        return set()
    await tx.execute(_LOCK, {"consumer": consumer, "keys": found})
    blocked = set((await tx.execute(_BLOCKED_KEYS, {"consumer": consumer, "keys": found})).scalars())
    return {key for key in keys if stored[key] in blocked}


def stored_key(key: str) -> str:
    """Return a key as dead letters have it: one that is too long for an index is cut and gets its digest."""
    key = storable(key)
    return key if len(key) <= MAX_KEY else f"{key[:MAX_KEY]} sha256:{hashlib.sha256(key.encode()).hexdigest()}"


async def store(tx: Transaction, consumer: str, message: Message, error: Exception, *, attempts: int = 1) -> None:
    """Store a message that failed for good, with the error's description."""
    await tx.execute(_INSERT, _row(consumer, message) | {"error": _described(error), "attempts": attempts})


async def store_waiting(tx: Transaction, consumer: str, message: Message) -> None:
    """Store a message that waits behind a dead letter of its key."""
    await tx.execute(_INSERT, _row(consumer, message) | {"error": None, "attempts": 0})


async def listing(tx: Transaction, page: PageQuery | None = None, *, resolved: bool = False) -> Listed[DeadLetter]:
    """Return dead letters in order of arrival."""
    found = select(_LETTERS) if resolved else select(_LETTERS).where(_LETTERS.c.resolved_at.is_(None))
    return await fetch_page(tx, found, DeadLetter, Order((_LETTERS.c.id,)), page or PageQuery())


async def replay(database: Database, handle: Callable[[Transaction, Sequence[Message]], Awaitable[None]], letter_id: int, who: str) -> int:
    """Handle a dead letter again and then, in order, all that waits behind it; return how many succeeded.

    Raise ReplayFailed if the first fails again, DeadLetterResolved if somebody resolved it before or at this moment, DeadLetterNotFound,
    NotFirstOfItsKey. A later one that fails becomes the new head of its key.
    """
    async with database.begin() as tx:
        letter = await find(tx, letter_id)
    consumer, key, done = letter.consumer, letter.key, 0
    while True:
        head = None
        try:
            async with database.begin() as tx:
                await tx.execute(_LOCK, {"consumer": consumer, "keys": [key]})
                if not done:
                    await lock_unresolved(tx, letter_id)
                head = (await tx.execute(_HEAD, {"consumer": consumer, "key": key})).first()
                if head is None:
                    return done
                if not done and head.id != letter_id:
                    raise NotFirstOfItsKey(first=head.id)
                await handle(tx, [Message(head.event_id, head.topic, head.key, head.type, head.body, as_headers(head.headers))])
                await resolve(tx, head.id, "replayed", who)
                done += 1
        except (NotFirstOfItsKey, DeadLetterResolved):
            raise
        except Exception as error:
            async with database.begin() as tx:
                await store_failed_replay(tx, head.id if head else letter_id, error)
            if not done:
                raise ReplayFailed(type(error).__name__) from error
            return done


async def dismiss(tx: Transaction, letter_id: int, who: str, reason: str) -> None:
    """Give a dead letter up, by a named operator and for a reason; what waits behind it can then be replayed.

    Raise DeadLetterNotFound, or DeadLetterResolved if somebody resolved it before or at this moment.
    """
    letter = await find(tx, letter_id)
    await tx.execute(_LOCK, {"consumer": letter.consumer, "keys": [letter.key]})
    await lock_unresolved(tx, letter_id)
    await resolve(tx, letter_id, "dismissed", who, reason)


async def give_up(tx: Transaction, letter_id: int, dismissed: Mapping[type[Event], GiveUp[Any]], why: str) -> None:
    """Show that an event was dismissed, where a handler of its kind does that; of one that cannot be read only the dead letter does."""
    row = (await tx.execute(_EVENT, {"id": letter_id})).one()
    contract = next((each for each in dismissed if each.type() == row.type), None)
    if contract is None:
        return
    try:
        async with tx.begin_nested():
            await dismissed[contract](tx, contract.model_validate_json(row.body), why)
    except Exception as error:
        if is_transient(error):
            raise
        log.warning("dismissed, and shown nowhere else", type=row.type, error=type(error).__name__)


async def next_of_same_key(tx: Transaction, letter_id: int) -> int | None:
    """Return the first unresolved dead letter of the same consumer and key."""
    found: int | None = (await tx.execute(_NEXT_OF_SAME_KEY, {"id": letter_id})).scalar()
    return found


async def find(tx: Transaction, letter_id: int) -> DeadLetter:
    """Return a dead letter; raise DeadLetterNotFound."""
    letter = await fetch_one(tx, _ONE, DeadLetter, {"id": letter_id})
    if letter is None:
        raise DeadLetterNotFound
    return letter


async def lock_unresolved(tx: Transaction, letter_id: int) -> DeadLetter:
    """Return a dead letter, locked; raise DeadLetterNotFound, or DeadLetterResolved with who did what and when."""
    letter = await fetch_one(tx, _LOCK_ONE, DeadLetter, {"id": letter_id})
    if letter is None:
        raise DeadLetterNotFound
    if letter.resolved_at is not None:
        at = letter.resolved_at.astimezone(clock.LONDON)
        because = f": {letter.reason}" if letter.reason else "."
        raise DeadLetterResolved(
            f"{letter.resolved_by} {letter.resolution} it on {at.day} {at:%B %Y} at {at:%H:%M}{because}",
            resolution=letter.resolution,
            resolved_by=letter.resolved_by,
            resolved_at=letter.resolved_at.isoformat(),
        )
    return letter


async def resolve(tx: Transaction, letter_id: int, resolution: str, who: str, reason: str | None = None) -> None:
    """Store how a dead letter, which is locked, was resolved and by whom."""
    await tx.execute(_RESOLVE, {"id": letter_id, "resolution": resolution, "who": who, "reason": reason})


async def resolve_key(tx: Transaction, consumer: str, key: str, resolution: str, who: str) -> None:
    """Store how every unresolved dead letter of a key was resolved."""
    await tx.execute(_RESOLVE_KEY, {"consumer": consumer, "key": key, "resolution": resolution, "who": who})


async def open_again(tx: Transaction, letter_id: int, error: Exception) -> None:
    """Store that a dead letter, which was resolved for its replay, failed once more."""
    await tx.execute(_OPEN_AGAIN, {"id": letter_id, "error": _described(error)})


async def store_failed_replay(tx: Transaction, letter_id: int, error: Exception) -> None:
    """Store that a dead letter failed once more, unless somebody resolved it meanwhile."""
    await tx.execute(_FAILED_AGAIN, {"id": letter_id, "error": _described(error)})


def _described(error: Exception) -> str:
    return storable(describe(error))[:500]


def _row(consumer: str, message: Message) -> dict[str, Any]:
    """Return the columns of a message. None of them may be such that the database refuses it, whatever the event holds."""
    key, headers = stored_key(message.key), as_headers(message.headers)
    if key != message.key:
        headers["key"] = storable(message.key)
    return columns_of(message) | {
        "consumer": consumer,
        "key": key,
        "type": storable(message.type),
        "headers": orjson.dumps(headers).decode(),
    }
