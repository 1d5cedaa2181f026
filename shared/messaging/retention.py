"""How long messages and keys are kept: they hold personal ids."""

from sqlalchemy import text

from shared import clock
from shared.database import Database

_TRIMS = (
    # What every reader has read, and long enough that a lost broker can be filled again; but never for longer than the inboxes remember.
    """
    DELETE FROM outbox WHERE position IN (
        SELECT position FROM outbox AS event
        WHERE (published_at < now() - interval '7 days' OR published_at IS NOT NULL AND occurred_at < now() - interval '40 days')
        AND NOT EXISTS (
            SELECT FROM topic_readers AS reader
            WHERE (reader.topic, reader.partition) = (event.topic, event.partition) AND reader.next_offset <= event."offset"
        ) LIMIT 10000
    )
    """,
    # Longer than an event is in a log or an outbox, so that no repetition gets past; where somebody has not read everything, it may be there
    # for longer.
    """
    DELETE FROM inbox WHERE (consumer, event_id) IN (
        SELECT consumer, event_id FROM inbox WHERE received_at < now() - interval '45 days' LIMIT 10000
    ) AND NOT EXISTS (
        SELECT FROM topic_readers WHERE unread_since < now() - interval '1 minute' OR seen_at < now() - interval '2 minutes'
    )
    """,
    "DELETE FROM dead_letters WHERE id IN (SELECT id FROM dead_letters WHERE resolved_at < now() - interval '90 days' LIMIT 10000)",
    "DELETE FROM idempotency_keys WHERE (caller, path, key) IN (SELECT caller, path, key FROM idempotency_keys WHERE started_at < now() - interval '24 hours' LIMIT 10000)",
)


async def trim(database: Database) -> int:
    """Delete the rows that are past their time, a limited number at once; return how many. What fails keeps nothing else from being deleted."""
    gone = 0
    failed: Exception | None = None
    for statement in _TRIMS:
        try:
            async with database.begin() as tx:
                gone += (await tx.execute(text(statement))).rowcount
                clock.now()  # raises where the clock has strayed since the job began: nothing is deleted then
        except Exception as error:  # noqa: BLE001 -- raised below
            failed = failed or error
    if failed:
        raise failed
    return gone
