"""Former UPNs and the records of one child: tables of every service whose API takes UPNs, filled from the events of `registers`."""

from collections.abc import Collection, Mapping
from uuid import UUID

from alembic import op
from sqlalchemy import Column, ColumnElement, MetaData, Select, Table, Text, Uuid, column, func, select, table, text

from shared.contracts.registers import RollChanged
from shared.database import Transaction
from shared.database.columns import flags
from shared.database.locks import Lock

_PUPILS = table("pupils", column("id", Uuid), column("upn", Text))
_FORMER_UPNS = table("former_upns", column("pupil_id", Uuid), column("upn", Text))
_CLEAR = text("DELETE FROM former_upns WHERE pupil_id = ANY(CAST(:ids AS uuid[]))")
_STORE = text("""
    INSERT INTO former_upns (upn, pupil_id, asserted)
    SELECT * FROM unnest(CAST(:upns AS text[]), CAST(:ids AS uuid[]), CAST(:asserted AS boolean[])) ON CONFLICT DO NOTHING
""")
_SAME_AS = text("""
    UPDATE pupils SET same_as = new.same_as FROM unnest(CAST(:ids AS uuid[]), CAST(:children AS uuid[])) AS new (id, same_as)
    WHERE pupils.id = new.id AND pupils.same_as IS DISTINCT FROM new.same_as
""")
_MERGED = text("""
    SELECT id, same_as FROM pupils WHERE same_as IS NOT NULL AND (
        same_as = ANY(CAST(:ids AS uuid[]))
        OR same_as IN (SELECT same_as FROM pupils WHERE same_as IS NOT NULL AND id = ANY(CAST(:ids AS uuid[])))
    )
""")
_LOCK_RECORDS = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(:prefix || record, :lock))
    FROM (SELECT CAST(record AS text) AS record FROM records_of(CAST(:pupil AS uuid)) AS record ORDER BY 1) AS records
""")
_RECORDS_OF = """
CREATE FUNCTION records_of(pupil uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH child (id) AS (SELECT coalesce((SELECT same_as FROM pupils WHERE id = pupil), pupil))
    SELECT id FROM child UNION ALL SELECT pupils.id FROM pupils JOIN child ON same_as = child.id
$$
"""


def former_upns_table(metadata: MetaData) -> Table:
    """Add the other UPNs of pupils to a service's metadata; `asserted`, the present one among them: of another pupil, until officers decide."""
    return Table(
        "former_upns",
        metadata,
        Column("upn", Text, primary_key=True),
        Column("pupil_id", Uuid, primary_key=True, index=True),
        *flags("asserted"),
    )


def create_former_upns() -> None:
    """Create the table, in a migration."""
    op.execute(
        "CREATE TABLE former_upns (upn text NOT NULL, pupil_id uuid NOT NULL, CONSTRAINT pk_former_upns PRIMARY KEY (upn, pupil_id))"
    )
    op.execute("CREATE INDEX ix_former_upns_pupil_id ON former_upns (pupil_id)")


def add_asserted() -> None:
    """Add to the other UPNs of pupils which of them are asserted, in a migration."""
    op.execute("ALTER TABLE former_upns ADD COLUMN asserted boolean NOT NULL DEFAULT false")


def add_same_as() -> None:
    """Add to `pupils` the column that names the other record of the same child, in a migration."""
    op.execute("ALTER TABLE pupils ADD COLUMN same_as uuid")
    op.execute("CREATE INDEX ix_pupils_same_as ON pupils (same_as, id) WHERE same_as IS NOT NULL")


def create_records_of() -> None:
    """Create the SQL function that returns every record of a child, in a migration; a pupil without any event has one."""
    op.execute(_RECORDS_OF)


async def store_former_upns(tx: Transaction, events: Collection[RollChanged]) -> None:
    """Store the UPNs that pupils had, and those that are asserted, in place of those stored before."""
    if not events:
        return
    await tx.execute(_CLEAR, {"ids": [event.pupil_id for event in events]})
    rows = [
        (upn, event.pupil_id, upn in event.asserted_upns)
        for event in events
        for upn in dict.fromkeys((*event.former_upns, *event.asserted_upns))
    ]
    if rows:
        await tx.execute(_STORE, dict(zip(("upns", "ids", "asserted"), map(list, zip(*rows, strict=True)), strict=True)))


async def store_same_as(tx: Transaction, children: Mapping[UUID, UUID | None]) -> None:
    """Store of which child each of these records is another one; None: it is a child's only one."""
    if children:
        await tx.execute(_SAME_AS, {"ids": list(children), "children": list(children.values())})


async def merged_records(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the records of the children of whom these are records, each with the one under which the child is judged, and without that one."""
    return {row.id: row.same_as for row in await tx.execute(_MERGED, {"ids": list(ids)})}


async def lock_records(tx: Transaction, lock: Lock, pupil_id: UUID, *, prefix: str = "") -> None:
    """Lock a child, on whichever record, for one kind of work until the transaction ends; `prefix` narrows it, to one parent for example."""
    await tx.execute(_LOCK_RECORDS, {"lock": lock, "pupil": pupil_id, "prefix": prefix})


def records_of(pupil_id: UUID | ColumnElement[UUID]) -> Select[UUID]:
    """Return the query for the ids of every record of a child, this one among them."""
    return select(func.records_of(pupil_id).column_valued("record"))


def pupils_by_upn(upn: str) -> Select[UUID]:
    """Return the query for the ids of the pupils who have or had this UPN, with every record of the same children."""
    had = select(_FORMER_UPNS.c.pupil_id).where(_FORMER_UPNS.c.upn == upn)
    named = select(_PUPILS.c.id).where(_PUPILS.c.upn == upn).union(had).subquery()
    return select(func.records_of(named.c.id))
