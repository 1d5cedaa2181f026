"""States that must never exist: a query for each, run by the doctor, every hour by the worker, and after journeys."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import text

from shared.database import Database, Transaction
from shared.database.rows import fetch_all, fetch_one

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Invariant:
    """A state that must never exist, in words, and a query that returns the id of everything that is in it."""

    state: str
    query: str


@dataclass(frozen=True, slots=True)
class Broken:
    """How much is in a state that must never exist, and the ids of a few."""

    state: str
    count: int
    examples: Sequence[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was in a state when it was last looked for, and how many seconds ago that was."""

    state: str
    broken: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Found:
    count: int
    examples: Sequence[str]


SHARED = (
    Invariant(
        "an event waits for more than an hour to be published",
        "SELECT position FROM outbox WHERE published_at IS NULL AND occurred_at < now() - interval '1 hour'",
    ),
    Invariant(
        "a dead letter is resolved and nobody is named",
        "SELECT id FROM dead_letters WHERE resolved_at IS NOT NULL AND (resolution IS NULL OR resolved_by IS NULL)",
    ),
    Invariant(
        "an event waits behind a dead letter that there is not",
        """SELECT min(id) FROM dead_letters WHERE resolved_at IS NULL GROUP BY consumer, key
           HAVING (array_agg(error ORDER BY id))[1] IS NULL""",
    ),
    Invariant(
        "due work is parked and no dead letter shows it",
        """SELECT job || ' ' || key FROM failed_work AS work WHERE next_attempt_at IS NULL AND failed_at > now() - interval '80 days'
           AND NOT EXISTS (SELECT FROM dead_letters WHERE topic = 'due-work' AND type = work.job AND key = work.key)""",
    ),
)
"""Those of every service."""

_COUNTED = """
    SELECT count(*), coalesce((array_agg(CAST(key AS text)))[1:5], '{{}}') AS examples FROM ({query}) AS broken (key)
"""
_STORE = text("""
    INSERT INTO invariant_checks (state, broken, checked_at) VALUES (:state, :broken, now())
    ON CONFLICT (state) DO UPDATE SET broken = excluded.broken, checked_at = now()
""")
_DROP_OTHERS = text("DELETE FROM invariant_checks WHERE state <> ALL(:states)")
_STORED = text("SELECT state, broken, extract(epoch FROM now() - checked_at) AS seconds FROM invariant_checks ORDER BY state")


async def check(database: Database, invariant: Invariant) -> Broken | None:
    """Return what is in a state that must never exist; None where nothing is."""
    async with database.begin() as tx:
        found = await fetch_one(tx, text(_COUNTED.format(query=invariant.query)), _Found)
    return Broken(invariant.state, found.count, found.examples) if found and found.count else None


async def check_and_store(database: Database, invariants: Sequence[Invariant]) -> None:
    """Look for every state, and store how much is in each, for the figures. One that cannot be looked for keeps no other from it."""
    failed: Exception | None = None
    for invariant in invariants:
        try:
            broken = await check(database, invariant)
        except Exception as error:  # noqa: BLE001 -- raised below
            failed = failed or error
            continue
        if broken:
            log.error("a state that must never exist", state=broken.state, count=broken.count)
        async with database.begin() as tx:
            await tx.execute(_STORE, {"state": invariant.state, "broken": broken.count if broken else 0})
    async with database.begin() as tx:
        await tx.execute(_DROP_OTHERS, {"states": [each.state for each in invariants]})
    if failed:
        raise failed


async def read_checks(tx: Transaction) -> list[Checked]:
    """Return what the last look for each state found."""
    return await fetch_all(tx, _STORED, Checked)
