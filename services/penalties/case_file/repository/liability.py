"""What makes somebody a parent of a pupil, and who allowed the absence, as people recorded it."""

from uuid import UUID

from sqlalchemy import insert, select

from services.penalties.case_file.domain.liability import LiabilityRecord
from services.penalties.tables import values_of
from services.penalties.tables.liability import liability_records
from shared.attendance.identities import records_of
from shared.database import Transaction
from shared.database.rows import fetch_all


async def liability_records_of(tx: Transaction, pupil_id: UUID) -> list[LiabilityRecord]:
    """Return what was recorded about the parents of a child, on whichever record, oldest first."""
    mine = select(liability_records).where(liability_records.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_all(tx, mine.order_by(liability_records.c.id), LiabilityRecord)


async def add_liability_record(tx: Transaction, record: LiabilityRecord) -> None:
    """Store what a person recorded."""
    await tx.execute(insert(liability_records).values(values_of(liability_records, record)))
