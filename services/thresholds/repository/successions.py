"""Which school continues which."""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from services.thresholds.tables import successions
from shared.database import Transaction

_CONTINUED = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT unnest(predecessors) FROM successions JOIN own USING (urn)
    )
    SELECT urn FROM own
""")


async def continued(tx: Transaction, urns: Iterable[int]) -> frozenset[int]:
    """Return these schools, those that they continue, and so on back: what was theirs is their successors' own."""
    return frozenset((await tx.execute(_CONTINUED, {"urns": list(urns)})).scalars())


async def store_predecessors(tx: Transaction, urn: int, predecessors: Sequence[int], revision: int) -> None:
    """Store which schools a school continues, unless something newer is known."""
    stored = insert(successions).values(urn=urn, predecessors=list(predecessors), revision=revision)
    newer = {"predecessors": stored.excluded.predecessors, "revision": stored.excluded.revision}
    await tx.execute(stored.on_conflict_do_update(index_elements=["urn"], set_=newer, where=successions.c.revision < revision))
