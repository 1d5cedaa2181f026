"""Holds, read."""

from uuid import UUID

from sqlalchemy import select

from services.penalties.case_file.domain.holds import Hold, MarkChange
from services.penalties.tables import row_of
from services.penalties.tables.cases import cases, holds
from shared.attendance.identities import records_of
from shared.database import Transaction
from shared.database.rows import fetch_all


async def holds_of(tx: Transaction, case_id: UUID) -> list[Hold]:
    """Return every hold of a case, cleared or not, oldest first."""
    return await fetch_all(tx, select(holds).where(holds.c.case_id == case_id).order_by(holds.c.id), row_of(Hold))


async def mark_changes(tx: Transaction, pupil_id: UUID) -> list[MarkChange]:
    """Return which marks changed under a notice, in any case of a child, oldest first."""
    mine = select(holds.c.change).join_from(holds, cases, holds.c.case_id == cases.c.id)
    mine = mine.where(cases.c.pupil_id.in_(records_of(pupil_id)), holds.c.cause == "mark-changed").order_by(holds.c.id)
    return await fetch_all(tx, mine, lambda change: row_of(MarkChange)(**change))
