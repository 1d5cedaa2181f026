"""Which records are of one child: what was issued about either was issued about the child."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, text, update

from services.penalties.tables import pupils
from shared.database import Transaction

_ABSORBED = text("""
    SELECT id, same_as FROM pupils WHERE same_as IS NOT NULL AND (
        same_as = ANY(CAST(:ids AS uuid[]))
        OR same_as IN (SELECT same_as FROM pupils WHERE same_as IS NOT NULL AND id = ANY(CAST(:ids AS uuid[])))
    )
""")


def records_of(pupil_id: UUID | ColumnElement[Any]) -> Select[Any]:
    """Return the query for the ids of every record of a child, this one among them."""
    return select(func.records_of(pupil_id).column_valued("record"))


async def absorbed(tx: Transaction, pupil_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return, of the children of whom these are records, every record but the one that survives: whose record it is."""
    return {row.id: row.same_as for row in await tx.execute(_ABSORBED, {"ids": list(pupil_ids)})}


async def store_same_as(tx: Transaction, pupil_id: UUID, same_as: UUID | None) -> None:
    """Store of which child a record is another one; None: of its own."""
    changed = update(pupils).where(pupils.c.id == pupil_id, pupils.c.same_as.is_distinct_from(same_as))
    await tx.execute(changed.values(same_as=same_as))
