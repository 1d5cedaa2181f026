"""Holds, written."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.case_file.domain.holds import Hold
from services.penalties.tables import values_of
from services.penalties.tables.cases import holds
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.database import Transaction


async def add_hold(tx: Transaction, hold: Hold) -> bool:
    """Store a hold; return False where the same thing has stopped the notice before."""
    new = upsert(holds).values(values_of(holds, hold)).on_conflict_do_nothing(index_elements=["about", "subject"])
    return (await tx.execute(new)).rowcount > 0


async def store_clearance(tx: Transaction, hold_ids: Sequence[UUID], on: date, at: datetime, by: str, by_role: str, reason: str) -> None:
    """Store who cleared holds, when and why."""
    cleared = update(holds).where(holds.c.id.in_(hold_ids))
    await tx.execute(cleared.values(cleared_on=on, cleared_at=at, cleared_by=by, cleared_by_role=by_role, cleared_reason=reason))


async def set_held(tx: Transaction, notice_id: UUID, *, held: bool) -> None:
    """Store whether a notice, of whichever kind, is stopped."""
    for table in (improvement_notices, penalty_notices):
        await tx.execute(update(table).where(table.c.id == notice_id).values(held=held))
