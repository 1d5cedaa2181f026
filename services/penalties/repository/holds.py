"""What stops until an officer clears it, and the court files that others keep."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.repository.children import records_of
from services.penalties.tables import cases, court_files, holds
from shared.database import Transaction


async def insert_hold(tx: Transaction, values: Mapping[str, Any]) -> bool:
    """Hold something; False where the same was said before."""
    new = upsert(holds).values(**values).on_conflict_do_nothing(index_elements=["about", "subject"])
    return (await tx.execute(new)).rowcount > 0


async def hold_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return every hold of a case, cleared or not, oldest first."""
    return (await tx.execute(select(holds).where(holds.c.case_id == case_id).order_by(holds.c.id))).all()


async def mark_changes(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return what amendments were said about sessions relied on, in any case of a pupil, oldest first."""
    mine = select(holds.c.change).join_from(holds, cases, holds.c.case_id == cases.c.id)
    return (
        await tx.execute(mine.where(cases.c.pupil_id.in_(records_of(pupil_id)), holds.c.cause == "mark-changed").order_by(holds.c.id))
    ).all()


async def clear_holds(tx: Transaction, hold_ids: Sequence[UUID], **values: Any) -> None:
    """Store who cleared holds, when and why."""
    await tx.execute(update(holds).where(holds.c.id.in_(hold_ids)).values(**values))


async def court_file_row(tx: Transaction, file_id: UUID) -> Any | None:
    """Return what is known of a court file."""
    return (await tx.execute(select(court_files).where(court_files.c.id == file_id))).first()


async def save_court_file(tx: Transaction, file_id: UUID, **values: Any) -> None:
    """Store a court file, or what changed in it."""
    new = upsert(court_files).values(id=file_id, **values)
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_=values))


async def court_file_rows(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return every court file about a child, on whichever record, oldest first."""
    mine = select(court_files).where(court_files.c.pupil_id.in_(records_of(pupil_id)))
    return (await tx.execute(mine.order_by(court_files.c.id))).all()
