"""Former UPNs and the records of one child: tables of every service whose API takes UPNs, filled from the events of `registers`."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from alembic import op
from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table, Text, Uuid, text

from shared.database import Transaction

_CLEAR = text("DELETE FROM former_upns WHERE pupil_id = ANY(CAST(:ids AS uuid[]))")
_STORE = text("""
    INSERT INTO former_upns (upn, pupil_id) SELECT * FROM unnest(CAST(:upns AS text[]), CAST(:ids AS uuid[])) ON CONFLICT DO NOTHING
""")
_RECORDS_OF = """
CREATE FUNCTION records_of(pupil uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH child (id) AS (SELECT coalesce((SELECT same_as FROM pupils WHERE id = pupil), pupil))
    SELECT id FROM child UNION ALL SELECT pupils.id FROM pupils JOIN child ON same_as = child.id
$$
"""


def former_upns_table(metadata: MetaData) -> Table:
    """Add the other UPNs of pupils to a service's metadata."""
    upns = Table(
        "former_upns",
        metadata,
        Column("upn", Text, nullable=False),
        Column("pupil_id", Uuid, nullable=False),
        PrimaryKeyConstraint("upn", "pupil_id"),
    )
    Index("ix_former_upns_pupil_id", upns.c.pupil_id)
    return upns


def create_former_upns() -> None:
    """Create the table, in a migration."""
    op.execute(
        "CREATE TABLE former_upns (upn text NOT NULL, pupil_id uuid NOT NULL, CONSTRAINT pk_former_upns PRIMARY KEY (upn, pupil_id))"
    )
    op.execute("CREATE INDEX ix_former_upns_pupil_id ON former_upns (pupil_id)")


def add_same_as() -> None:
    """Add to `pupils` the column that names the other record of the same child, in a migration."""
    op.execute("ALTER TABLE pupils ADD COLUMN same_as uuid")
    op.execute("CREATE INDEX ix_pupils_same_as ON pupils (same_as, id) WHERE same_as IS NOT NULL")


def create_records_of() -> None:
    """Create the SQL function that returns every record of a child, in a migration; a pupil without any event has one."""
    op.execute(_RECORDS_OF)


async def store_former_upns(tx: Transaction, former: Mapping[UUID, Sequence[str]]) -> None:
    """Store the UPNs that pupils had, in place of those stored before."""
    if not former:
        return
    await tx.execute(_CLEAR, {"ids": list(former)})
    rows = [(upn, pupil_id) for pupil_id, upns in former.items() for upn in upns]
    if rows:
        await tx.execute(_STORE, {"upns": [upn for upn, _ in rows], "ids": [pupil_id for _, pupil_id in rows]})
