"""Which school continues which: a table of every service whose schools see their predecessors' data, filled from the events of `registers`."""

from collections.abc import Iterable

from alembic import op
from sqlalchemy import ARRAY, Column, Date, Integer, MetaData, Table, text

from shared.contracts.registers import SuccessionChanged
from shared.database import Transaction

_CONTINUED = text("""
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(:urns AS integer[])) UNION SELECT unnest(predecessors) FROM successions JOIN own USING (urn)
    )
    SELECT urn FROM own
""")
_STORE = text("""
    INSERT INTO successions (urn, predecessors, since, revision) VALUES (:urn, :predecessors, :since, :revision)
    ON CONFLICT (urn) DO UPDATE SET predecessors = excluded.predecessors, since = excluded.since, revision = excluded.revision
    WHERE successions.revision < excluded.revision
""")


def successions_table(metadata: MetaData) -> Table:
    """Add the schools that a school continues under its own URN, and since when each, to a service's metadata."""
    return Table(
        "successions",
        metadata,
        Column("urn", Integer, primary_key=True, autoincrement=False),
        Column("predecessors", ARRAY(Integer), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("since", ARRAY(Date), nullable=False, server_default=text("'{}'")),
    )


def create_successions_table() -> None:
    """Create the table (each service's baseline migration)."""
    op.execute("""
        CREATE TABLE successions (
            urn integer NOT NULL, predecessors integer[] NOT NULL, revision integer NOT NULL, since date[] NOT NULL DEFAULT '{}',
            CONSTRAINT pk_successions PRIMARY KEY (urn)
        )
    """)


async def continued(tx: Transaction, urns: Iterable[int]) -> frozenset[int]:
    """Return these schools and all that they continue, directly or through others: their data is now their successors'."""
    return frozenset((await tx.execute(_CONTINUED, {"urns": list(urns)})).scalars())


async def store_succession(tx: Transaction, event: SuccessionChanged) -> bool:
    """Store which schools a school continues, unless a newer revision is stored; return whether it was."""
    listed = {"predecessors": [each.urn for each in event.predecessors], "since": [each.since for each in event.predecessors]}
    return bool((await tx.execute(_STORE, {"urn": event.school, "revision": event.revision, **listed})).rowcount)
