"""Which school continues which."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text

from services.registers.schools.domain.schools import Succession
from services.registers.tables.schools import successions
from shared import clock
from shared.database import Transaction
from shared.database.rows import fetch_all, upsert

_CONTINUED = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT urn FROM own
""")


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """A school that continues another, and since when."""

    urn: int
    predecessor: int
    since: date


async def continued(tx: Transaction, urns: Iterable[int]) -> frozenset[int]:
    """Return these schools, those that they continue, and so on back."""
    return frozenset((await tx.execute(_CONTINUED, {"urns": list(urns)})).scalars())


async def store_predecessor(tx: Transaction, urn: int, predecessor: int, since: date, by: str) -> None:
    """Store from which day a school continues another, in place of what was."""
    row = {"urn": urn, "predecessor": predecessor, "since": since, "stored_by": by, "stored_at": clock.now()}
    await upsert(tx, successions, row)


async def predecessors(tx: Transaction, urn: int) -> list[Succession]:
    """Return the schools that a school continues directly, and since when."""
    query = select(successions.c.predecessor.label("urn"), successions.c.since.label("on")).where(successions.c.urn == urn)
    return await fetch_all(tx, query.order_by("on", "urn"), Succession)


async def successors(tx: Transaction, urn: int) -> list[Succession]:
    """Return the schools that continue a school directly, and since when."""
    query = select(successions.c.urn, successions.c.since.label("on")).where(successions.c.predecessor == urn)
    return await fetch_all(tx, query.order_by("on", "urn"), Succession)


async def among(tx: Transaction, urns: Iterable[int]) -> list[SuccessionRow]:
    """Return which of these schools continue which of them, and since when."""
    query = select(successions.c.urn, successions.c.predecessor, successions.c.since)
    query = query.where(successions.c.urn.in_(urns), successions.c.predecessor.in_(urns))
    return await fetch_all(tx, query, SuccessionRow)
