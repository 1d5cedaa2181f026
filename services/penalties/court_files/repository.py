"""Court files, written."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.tables.cases import court_files
from shared.database import Transaction


async def court_file_row(tx: Transaction, file_id: UUID) -> Any | None:
    """Return what is known of a court file."""
    return (await tx.execute(select(court_files).where(court_files.c.id == file_id))).first()


async def save_court_file(tx: Transaction, file_id: UUID, **values: Any) -> None:
    """Store a court file, or what changed in it."""
    new = upsert(court_files).values(id=file_id, **values)
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_=values))
