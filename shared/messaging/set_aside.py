"""Events of the outbox that the log refuses for what they are: set aside among the dead letters, so that the relay goes on with all others.

Later events of the key are set aside behind such a one, in their order. An operator replays them, once the log takes it, or dismisses it.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import structlog
from sqlalchemy import text

from shared.database import Database, Transaction
from shared.database.bells import OUTBOX, ring_after_commit
from shared.database.locks import Lock
from shared.messaging import dead_letters
from shared.messaging.dead_letters import NotFirstOfItsKey
from shared.messaging.messages import Message, Standing, Transport, Unpublishable

log = structlog.get_logger()

RELAY = "relay"
"""The consumer under which these dead letters are stored."""

_STORED = text("SELECT event_id FROM dead_letters WHERE consumer = :consumer AND resolved_at IS NULL AND event_id = ANY(:ids)")
_LOCK_RELAY = text("SELECT pg_advisory_xact_lock(:lock)").bindparams(lock=Lock.RELAY)
_OF_KEY = text("""
    SELECT id FROM dead_letters
    WHERE consumer = :consumer AND key = :key AND resolved_at IS NULL ORDER BY id FOR UPDATE
""")
# An event that retention has deleted from the outbox meanwhile comes to stand last, behind those of its key that came before it.
_AGAIN = text("""
    INSERT INTO outbox (event_id, topic, key, type, body, headers)
    SELECT event_id, topic, coalesce(headers ->> 'key', key), type, body, headers - 'key' FROM dead_letters WHERE id = ANY(:ids) ORDER BY id
    ON CONFLICT (event_id) DO UPDATE SET published_at = NULL
""")


@dataclass(slots=True)
class Publication:
    """What became of messages, by their number: where they stand, or why the log refused them (None: they wait behind one of their key)."""

    transport: Transport
    blocked: set[str]
    """Keys of which an event was set aside."""
    standings: dict[int, Standing] = field(default_factory=dict)
    refused: dict[int, Unpublishable | None] = field(default_factory=dict)

    async def publish(self, messages: Sequence[tuple[int, Message]]) -> None:
        """Publish messages with their numbers in order; where the log refuses any, by halves, so that one keeps no other from it."""
        self.refused |= {number: None for number, message in messages if message.key in self.blocked}
        going = [(number, message) for number, message in messages if message.key not in self.blocked]
        if not going:
            return
        try:
            standings = await self.transport.publish([message for _, message in going])
        except Unpublishable as error:
            if len(going) == 1:
                number, message = going[0]
                self.refused[number] = error
                self.blocked.add(message.key)
                return
            middle = len(going) // 2
            await self.publish(going[:middle])
            await self.publish(going[middle:])
        else:
            self.standings |= {number: standing for (number, _), standing in zip(going, standings, strict=True)}


async def store(tx: Transaction, messages: Sequence[Message], refused: dict[int, Unpublishable | None]) -> None:
    """Store what was refused, and what waits behind it, as dead letters, unless it is there already."""
    ids = [messages[number].event_id for number in refused]
    stored = set((await tx.execute(_STORED, {"consumer": RELAY, "ids": ids})).scalars())
    for number, error in sorted(refused.items()):
        message = messages[number]
        if message.event_id in stored:
            continue
        if error is None:
            await dead_letters.store_waiting(tx, RELAY, message)
        else:
            log.error(
                "an event is set aside", topic=message.topic, type=message.type, event_id=str(message.event_id), bytes=len(message.body)
            )
            await dead_letters.store(tx, RELAY, message, error)


async def replay(database: Database, letter_id: int, who: str) -> int:
    """Let an event that was set aside, and all that waits behind it, be published again, in order; return how many.

    One that the log refuses again is set aside again. Raise DeadLetterNotFound, DeadLetterResolved, NotFirstOfItsKey.
    """
    async with database.begin() as tx:
        await tx.execute(_LOCK_RELAY)  # which would otherwise publish what comes after them in between
        letter = await dead_letters.lock_unresolved(tx, letter_id)
        ids = [row.id for row in await tx.execute(_OF_KEY, {"consumer": RELAY, "key": letter.key})]
        if ids[0] != letter_id:
            raise NotFirstOfItsKey(first=ids[0])
        await tx.execute(_AGAIN, {"ids": ids})
        await dead_letters.resolve_key(tx, RELAY, letter.key, "replayed", who)
        ring_after_commit(tx, OUTBOX)
    return len(ids)


@asynccontextmanager
async def refusals_of_postgresql() -> AsyncIterator[None]:
    """Raise Unpublishable where PostgreSQL refuses a value for what it is, or for its size."""
    try:
        yield
    except (asyncpg.DataError, asyncpg.ProgramLimitExceededError) as error:
        raise Unpublishable(f"PostgreSQL cannot store it: {type(error).__name__}.") from error
