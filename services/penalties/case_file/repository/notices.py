"""Notices to Improve and penalty notices, read."""

from uuid import UUID

from sqlalchemy import Select, select

from services.penalties.case_file.domain.notices import ImprovementNotice, PenaltyNotice
from services.penalties.tables import row_of
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.attendance.identities import records_of
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one

_IMPROVEMENT_NOTICE, _PENALTY_NOTICE = row_of(ImprovementNotice), row_of(PenaltyNotice)


async def find_improvement_notice(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> ImprovementNotice | None:
    """Return a Notice to Improve."""
    found = select(improvement_notices).where(improvement_notices.c.id == notice_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, _IMPROVEMENT_NOTICE)


async def improvement_notices_of(tx: Transaction, case_id: UUID) -> list[ImprovementNotice]:
    """Return the Notices to Improve of a case, oldest first."""
    mine = select(improvement_notices).where(improvement_notices.c.case_id == case_id)
    return await fetch_improvement_notices(tx, mine.order_by(improvement_notices.c.id))


async def fetch_improvement_notices(tx: Transaction, query: Select[*tuple[object, ...]]) -> list[ImprovementNotice]:
    """Return the Notices to Improve that a query selects."""
    return await fetch_all(tx, query, _IMPROVEMENT_NOTICE)


async def find_penalty_notice(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> PenaltyNotice | None:
    """Return a penalty notice."""
    found = select(penalty_notices).where(penalty_notices.c.id == notice_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, _PENALTY_NOTICE)


async def penalty_notices_about(tx: Transaction, pupil_id: UUID) -> list[PenaltyNotice]:
    """Return every penalty notice about a child, on whichever record, in whatever case and to whatever parent, oldest first."""
    mine = select(penalty_notices).where(penalty_notices.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_penalty_notices(tx, mine.order_by(penalty_notices.c.id))


async def fetch_penalty_notices(tx: Transaction, query: Select[*tuple[object, ...]]) -> list[PenaltyNotice]:
    """Return the penalty notices that a query selects."""
    return await fetch_all(tx, query, _PENALTY_NOTICE)
