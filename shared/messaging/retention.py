"""How long messages and keys are kept: they hold personal ids."""

from sqlalchemy import text

from shared.database import Database

_TRIMS = (
    # Long enough that a lost broker can be filled again.
    "DELETE FROM outbox WHERE position IN (SELECT position FROM outbox WHERE published_at < now() - interval '7 days' LIMIT 10000)",
    # Longer than the broker keeps an event, so that no repetition gets past.
    "DELETE FROM inbox WHERE (consumer, event_id) IN (SELECT consumer, event_id FROM inbox WHERE received_at < now() - interval '45 days' LIMIT 10000)",
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
        except Exception as error:  # noqa: BLE001 -- raised below
            failed = failed or error
    if failed:
        raise failed
    return gone
