"""Holds and court files, read."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.penalties.projections.repository import records_of
from services.penalties.tables.cases import cases, court_files, holds
from shared.database import Transaction


async def hold_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return every hold of a case, cleared or not, oldest first."""
    return (await tx.execute(select(holds).where(holds.c.case_id == case_id).order_by(holds.c.id))).all()


async def mark_changes(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return what amendments were said about sessions relied on, in any case of a pupil, oldest first."""
    mine = select(holds.c.change).join_from(holds, cases, holds.c.case_id == cases.c.id)
    return (
        await tx.execute(mine.where(cases.c.pupil_id.in_(records_of(pupil_id)), holds.c.cause == "mark-changed").order_by(holds.c.id))
    ).all()


async def court_file_rows(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return every court file about a child, on whichever record, oldest first."""
    mine = select(court_files).where(court_files.c.pupil_id.in_(records_of(pupil_id)))
    return (await tx.execute(mine.order_by(court_files.c.id))).all()
