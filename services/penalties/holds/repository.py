"""Holds, written."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.tables.cases import holds
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.database import Transaction


async def insert_hold(tx: Transaction, values: Mapping[str, Any]) -> bool:
    """Hold something; False where the same was said before."""
    new = upsert(holds).values(**values).on_conflict_do_nothing(index_elements=["about", "subject"])
    return (await tx.execute(new)).rowcount > 0


async def clear_holds(tx: Transaction, hold_ids: Sequence[UUID], **values: Any) -> None:
    """Store who cleared holds, when and why."""
    await tx.execute(update(holds).where(holds.c.id.in_(hold_ids)).values(**values))


async def set_held(tx: Transaction, notice_id: UUID, *, held: bool) -> None:
    """Store whether a notice, of whichever kind, is stopped."""
    for table in (improvement_notices, penalty_notices):
        await tx.execute(update(table).where(table.c.id == notice_id).values(held=held))
