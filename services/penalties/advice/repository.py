"""What happened about other children of the same parent."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select

from services.penalties.tables.cases import court_files
from services.penalties.tables.notices import penalty_notices
from shared.attendance.identities import records_of
from shared.database import Transaction


async def sibling_notices(tx: Transaction, parent_ids: Collection[UUID], pupil_id: UUID) -> list[date]:
    """Return the days on which notices that were not withdrawn were issued to a parent about other children."""
    table = penalty_notices.c
    others = select(table.issued_on).where(
        table.parent_id.in_(parent_ids), table.pupil_id.not_in(records_of(pupil_id)), table.status != "withdrawn"
    )
    return list((await tx.execute(others.order_by(table.issued_on))).scalars())


async def sibling_convictions(tx: Transaction, parent_ids: Collection[UUID], pupil_id: UUID) -> list[date]:
    """Return the days on which court files against a parent about other children ended without an acquittal."""
    table = court_files.c
    others = select(table.ended_on).where(
        table.parent_id.in_(parent_ids),
        table.pupil_id.not_in(records_of(pupil_id)),
        table.status == "concluded",
        table.acquitted.is_(False),
        table.ended_on.is_not(None),
    )
    return list((await tx.execute(others.order_by(table.ended_on))).scalars())
