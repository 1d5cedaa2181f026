"""Notices to Improve and penalty notices, read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.penalties.projections.repository import records_of
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.database import Transaction


async def improvement_notice_row(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> Any | None:
    """Return a Notice to Improve."""
    found = select(improvement_notices).where(improvement_notices.c.id == notice_id)
    return (await tx.execute(found.with_for_update() if lock else found)).first()


async def improvement_notice_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return the Notices to Improve of a case, oldest first."""
    mine = select(improvement_notices).where(improvement_notices.c.case_id == case_id)
    return (await tx.execute(mine.order_by(improvement_notices.c.id))).all()


async def penalty_notice_row(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> Any | None:
    """Return a penalty notice."""
    found = select(penalty_notices).where(penalty_notices.c.id == notice_id)
    return (await tx.execute(found.with_for_update() if lock else found)).first()


async def penalty_notice_rows(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return every penalty notice about a child, on whichever record, in whatever case and to whatever parent, oldest first."""
    mine = select(penalty_notices).where(penalty_notices.c.pupil_id.in_(records_of(pupil_id)))
    return (await tx.execute(mine.order_by(penalty_notices.c.id))).all()
