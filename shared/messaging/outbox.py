"""The outbox: a transaction stores its events with its effects, and the relay publishes them afterwards."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import orjson
import structlog
from sqlalchemy import text

from shared import clock
from shared.contracts.event import Event
from shared.database import Database, Transaction
from shared.database.bells import COMPARISON, LOOK_SECONDS, OUTBOX, QUIET_SECONDS, ring_after_commit, wait_for_any
from shared.database.locks import Lock
from shared.ids import id_of_content, new_id
from shared.messaging import dead_letters, set_aside, trace
from shared.messaging.messages import Message, TopicPartition, Transport, as_headers
from shared.messaging.set_aside import RELAY, Publication
from shared.problems import Problem

log = structlog.get_logger()

_INSERT = text("""
    INSERT INTO outbox (event_id, topic, key, type, body, headers)
    SELECT CASE WHEN repeats THEN other_id ELSE id END, topic, key, type, body,
           CASE WHEN repeats THEN headers || jsonb_build_object('ce_id', other_id) ELSE headers END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:other_ids AS uuid[]), CAST(:topics AS text[]), CAST(:keys AS text[]), CAST(:types AS text[]),
                CAST(:bodies AS bytea[]), CAST(:headers AS jsonb[])) WITH ORDINALITY
        AS new (id, other_id, topic, key, type, body, headers, number)
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM outbox WHERE event_id = id) AS repeats) AS stored
    ORDER BY number
""")
# Ids become visible in another order than they were drawn, so there is no high-water mark: unpublished is unpublished.
# The order of one key is right all the same, because its aggregate is locked before the event is stored.
_NEXT = text(f"""
    SELECT position, event_id, topic, key, type, body, headers, partition, "offset",
           EXISTS (SELECT FROM dead_letters WHERE consumer = '{RELAY}' AND resolved_at IS NULL) AS any_set_aside
    FROM outbox
    WHERE published_at IS NULL ORDER BY position LIMIT :limit
""")  # noqa: S608 -- a constant
_SET_ASIDE = text('UPDATE outbox SET published_at = now(), partition = NULL, "offset" = NULL WHERE position = ANY(:positions)')
# The last event moves only to those that stand right behind it. What else stands there, this database does not have.
_PUBLISHED = text("""
    WITH moved AS (
        INSERT INTO published_positions (topic, partition, "offset", event_id, published_at)
        SELECT last.topic, last.partition, last."offset", last.event_id, now()
        FROM unnest(CAST(:last_topics AS text[]), CAST(:last_partitions AS integer[]), CAST(:first_offsets AS bigint[]),
                    CAST(:last_offsets AS bigint[]), CAST(:last_ids AS uuid[])) AS last (topic, partition, first, "offset", event_id)
        LEFT JOIN published_positions AS stored USING (topic, partition)
        WHERE last.first = coalesce(stored."offset", -1) + 1
        ON CONFLICT (topic, partition) DO UPDATE
        SET "offset" = excluded."offset", event_id = excluded.event_id, published_at = excluded.published_at
        RETURNING partition
    ), published AS (
        UPDATE outbox SET published_at = now(), partition = stands.partition, "offset" = stands."offset"
        FROM unnest(CAST(:positions AS bigint[]), CAST(:partitions AS integer[]), CAST(:offsets AS bigint[]))
            AS stands (position, partition, "offset")
        WHERE outbox.position = stands.position
    )
    SELECT count(*) FROM moved
""")
_ONE_RELAY = text("SELECT pg_try_advisory_xact_lock(:lock)").bindparams(lock=Lock.RELAY)

_NO_ID = UUID(int=0)

MIN_INTERVAL, MAX_REST, LIMIT = 0.02, 0.04, 500
"""Seconds between two looks at the outbox at least; of rest after publishing at most, otherwise as long as that took; events at once."""


MOST_BYTES = 3 * 2**20
"""Of one event: less than a topic takes."""


class EventTooLarge(Problem):
    """What this would make known to other services is too large for one message."""

    status = 413


async def publish(tx: Transaction, event: Event) -> None:
    """Store an event to be published, in this transaction. Lock the aggregate first: the order of events is the order of facts."""
    await publish_many(tx, [event])


async def publish_many(tx: Transaction, events: Sequence[Event], *, anew: bool = False) -> int:
    """Store several events to be published in this order, in this transaction; return how many. Raise EventTooLarge where a topic would not take one.

    An event's id is that of its content, so that readers know it where it is made a second time, from an old copy of this database. What this
    database itself has published before is another fact with the same content, and gets an id of its own; with `anew` all do: a state
    is published again for readers who may have lost what they handled.
    """
    if not events:
        return 0
    messages = [to_message(event.topic, event.type(), event.key, event.model_dump_json(by_alias=True).encode()) for event in events]
    published: set[UUID] = set()
    for number, each in enumerate(messages):
        if len(each.body) > MOST_BYTES:
            size = f"{len(each.body) / 2**20:.1f} MiB"
            raise EventTooLarge(f"A {each.type} of {size} is more than {MOST_BYTES // 2**20} MiB. Nothing was stored: send less at once.")
        if anew or each.event_id in published:
            messages[number] = _under(new_id(), each)
        published.add(each.event_id)
    await tx.execute(
        _INSERT,
        {
            "ids": [each.event_id for each in messages],
            "other_ids": [new_id() for _ in messages],
            "topics": [each.topic for each in messages],
            "keys": [each.key for each in messages],
            "types": [each.type for each in messages],
            "bodies": [each.body for each in messages],
            "headers": [orjson.dumps(each.headers).decode() for each in messages],
        },
    )
    ring_after_commit(tx, OUTBOX)
    return len(messages)


def to_message(topic: str, kind: str, key: str, body: bytes) -> Message:
    """Return an event as a message: with the id of its content, the CloudEvents attributes, and what caused it."""
    return with_body(draft_message(topic, kind, key), body)


def draft_message(topic: str, kind: str, key: str, body: bytes = b"") -> Message:
    """Return a message that is to be completed by `with_body`: caused by what is under way now, and without an id."""
    headers = {
        "ce_specversion": "1.0",
        "ce_source": f"/attendance/{topic}",
        "ce_type": kind,
        "ce_subject": key,
        "ce_time": clock.now().isoformat(),
        "content-type": "application/json",
        **trace.headers(),
    }
    return Message(_NO_ID, topic, key, kind, body, headers)


def with_body(message: Message, body: bytes) -> Message:
    """Return a message with a body, and with the id of that content."""
    content = message.topic.encode(), message.type.encode(), message.key.encode(), body
    return _under(id_of_content(*content), replace(message, body=body))


def _under(event_id: UUID, message: Message) -> Message:
    return replace(message, event_id=event_id, headers={**message.headers, "ce_id": str(event_id)})


async def relay_once(database: Database, transport: Transport, *, limit: int = LIMIT) -> int:
    """Publish the oldest unpublished events; return how many. One relay at a time per database, whoever runs it.

    What the log refuses is set aside, with what comes after it of its key, and counts as done.
    """
    async with database.begin() as tx:
        if not (await tx.execute(_ONE_RELAY)).scalar():
            return 0
        rows = (await tx.execute(_NEXT, {"limit": limit})).all()
        if not rows:
            return 0
        messages = [Message(row.event_id, row.topic, row.key, row.type, row.body, as_headers(row.headers)) for row in rows]
        blocked = await dead_letters.blocked_keys(tx, RELAY, {each.key for each in messages}) if rows[0].any_set_aside else set()
        publication = Publication(transport, blocked)
        await publication.publish(list(enumerate(messages)))
        if publication.refused:
            await set_aside.store(tx, messages, publication.refused)
            await tx.execute(_SET_ASIDE, {"positions": [rows[number].position for number in publication.refused]})
        published = [(rows[number], *standing) for number, standing in sorted(publication.standings.items())]
        # An event that stands where it stood before is no news of where this service's last event is.
        first: dict[TopicPartition, int] = {}
        last: dict[TopicPartition, tuple[int, UUID]] = {}
        for row, partition, offset in published:
            if (row.partition, row.offset) != (partition.number, offset):
                first[partition] = min(first.get(partition, offset), offset)
                last[partition] = max(last.get(partition, (offset, row.event_id)), (offset, row.event_id))
        moved = await tx.execute(
            _PUBLISHED,
            {
                "positions": [row.position for row, _, _ in published],
                "partitions": [partition.number for _, partition, _ in published],
                "offsets": [offset for _, _, offset in published],
                "last_topics": [partition.topic for partition in last],
                "last_partitions": [partition.number for partition in last],
                "first_offsets": [first[partition] for partition in last],
                "last_offsets": [offset for offset, _ in last.values()],
                "last_ids": [event_id for _, event_id in last.values()],
            },
        )
        if moved.scalar_one() < len(last):
            ring_after_commit(tx, COMPARISON)
    return len(rows)


async def relay(database: Database, transport: Transport, stopping: asyncio.Event) -> None:
    """Publish for ever; a broker or database that is away delays events and loses none.

    After a while without events the outbox is looked at when its bell is rung, and rarely all the same.
    """
    loop = asyncio.get_running_loop()
    pause, found_at = MIN_INTERVAL, loop.time()
    with database.bells.listening(OUTBOX) as rung:
        while not stopping.is_set():
            began = loop.time()
            rung.clear()
            try:
                count = await relay_once(database, transport)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the rows are still there
                found_at, pause = loop.time(), min(max(pause, 0.25) * 2, 5)
                log.warning("relay waits", error=type(error).__name__, seconds=pause)
            else:
                found_at = loop.time() if count else found_at
                took = loop.time() - began
                pause = 0 if count == LIMIT else max(MIN_INTERVAL - took, min(took, MAX_REST))
            if pause:
                await wait_for_any(pause, stopping)
            if loop.time() - found_at > QUIET_SECONDS:
                await wait_for_any(LOOK_SECONDS, stopping, rung)
