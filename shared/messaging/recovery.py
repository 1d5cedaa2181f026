"""Bringing back what a database that went back to an old copy has lost: from the service's own events in its topic.

Events hold no personal data: names and the words of reasons do not come back, and a person must look at what was brought back without them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import text

from shared.database import Database
from shared.database.bells import COMPARISON, ring_after_commit
from shared.failures import describe
from shared.messaging.comparison import find_missing_by_partition, read_pages
from shared.messaging.consumers import EventHandlers
from shared.messaging.messages import Message, Transport

NOT_RECOVERED = "Not recovered: the database went back to an older copy."
"""What stands in place of words that no event holds."""

_PUBLISHED_BEFORE = text("""
    INSERT INTO outbox (event_id, topic, key, type, body, headers, published_at, partition, "offset")
    VALUES (:event_id, :topic, :key, :type, :body, CAST(:headers AS jsonb), now(), :partition, :offset)
    ON CONFLICT (event_id) DO UPDATE SET published_at = excluded.published_at, partition = excluded.partition, "offset" = excluded."offset"
    WHERE outbox.published_at IS NULL
""")


class NotRecoverable(Exception):  # noqa: N818 -- an answer to an operator, not a failure
    """An event alone does not bring back what it is about."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """How a service brings back what it lost.

    `handlers`: what each kind of its own events brings back, in the event's transaction; they publish nothing. `finish`: what other systems
    hold beyond the events; returns, in sentences, what a person must look at. `prepare`: what has to be there before any event is brought
    back. `lacks`: what no event of the service holds, for whatever is brought back; None where that is listed otherwise.
    """

    handlers: EventHandlers
    finish: Callable[[Database], Awaitable[Sequence[str]]]
    prepare: Callable[[Database], Awaitable[None]] | None = None
    lacks: str | None = "names and reasons did not come back"


@dataclass(slots=True)
class Recovered:
    """The events that were brought back, those that were not with the reason, and what a person must look at besides."""

    brought_back: list[Message] = field(default_factory=list)
    left: list[tuple[Message, str]] = field(default_factory=list)
    to_look_at: list[str] = field(default_factory=list)


async def recover(database: Database, transport: Transport, topic: str, recovery: Recovery | None) -> Recovered:
    """Bring back what a service's topic holds and its database does not, event by event, each in a transaction; it may be repeated.

    What was brought back counts as published. What was not stays missing until an operator accepts the copy without it.
    """
    done = Recovered()
    missing = await find_missing_by_partition(database, transport, topic)
    if recovery and recovery.prepare and any(missing.values()):
        await recovery.prepare(database)
    for partition, event in ((partition, event) for partition, events in missing.items() for event in events):
        message = event.message
        if recovery is None or message.type not in recovery.handlers.types:
            done.left.append((message, "nothing brings back events of this kind"))
            continue
        try:
            async with database.begin() as tx:
                await recovery.handlers.handle(tx, [message])
                stored = {name: getattr(message, name) for name in ("event_id", "topic", "key", "type", "body")}
                stands = {"partition": partition.number, "offset": event.offset, "headers": orjson.dumps(dict(message.headers)).decode()}
                await tx.execute(_PUBLISHED_BEFORE, stored | stands)
        except NotRecoverable as reason:
            done.left.append((message, str(reason)))
        except Exception as error:  # noqa: BLE001 -- the others are brought back all the same
            done.left.append((message, describe(error)))
        else:
            done.brought_back.append(message)
    if recovery is not None:
        done.to_look_at += await recovery.finish(database)
    async with database.begin() as tx:
        ring_after_commit(tx, COMPARISON)
    return done


async def read_topic(transport: Transport, topic: str, kind: str) -> AsyncIterator[Message]:
    """Give every event of one CloudEvents type that a topic holds, each partition's in order."""
    for partition, end in sorted((await transport.ends([topic])).items()):
        async for page in read_pages(transport, partition, 0, end):
            for event in page:
                if event.message.type == kind:
                    yield event.message
