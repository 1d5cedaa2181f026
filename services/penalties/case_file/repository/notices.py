"""Notices to Improve and penalty notices, read."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.penalties.case_file.domain.notices import Contact, ImprovementNotice, PenaltyNotice
from services.penalties.case_file.domain.sessions import StoredSession
from services.penalties.case_file.repository.cases import sessions_of
from services.penalties.projections.repository import records_of
from services.penalties.tables.notices import improvement_notices, penalty_notices
from shared.database import Transaction
from shared.database.rows import fetch_all, fetch_one


async def find_improvement_notice(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> ImprovementNotice | None:
    """Return a Notice to Improve."""
    found = select(improvement_notices).where(improvement_notices.c.id == notice_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, _improvement_notice)


async def improvement_notices_of(tx: Transaction, case_id: UUID) -> list[ImprovementNotice]:
    """Return the Notices to Improve of a case, oldest first."""
    mine = select(improvement_notices).where(improvement_notices.c.case_id == case_id)
    return await fetch_improvement_notices(tx, mine.order_by(improvement_notices.c.id))


async def fetch_improvement_notices(tx: Transaction, query: Select[*tuple[object, ...]]) -> list[ImprovementNotice]:
    """Return the Notices to Improve that a query selects."""
    return await fetch_all(tx, query, _improvement_notice)


async def find_penalty_notice(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> PenaltyNotice | None:
    """Return a penalty notice."""
    found = select(penalty_notices).where(penalty_notices.c.id == notice_id)
    return await fetch_one(tx, found.with_for_update() if lock else found, _penalty_notice)


async def penalty_notices_about(tx: Transaction, pupil_id: UUID) -> list[PenaltyNotice]:
    """Return every penalty notice about a child, on whichever record, in whatever case and to whatever parent, oldest first."""
    mine = select(penalty_notices).where(penalty_notices.c.pupil_id.in_(records_of(pupil_id)))
    return await fetch_penalty_notices(tx, mine.order_by(penalty_notices.c.id))


async def fetch_penalty_notices(tx: Transaction, query: Select[*tuple[object, ...]]) -> list[PenaltyNotice]:
    """Return the penalty notices that a query selects."""
    return await fetch_all(tx, query, _penalty_notice)


def _improvement_notice(
    *, sessions: Iterable[StoredSession], contact: dict[str, str], findings: Iterable[Any], serving_findings: Iterable[Any], **columns: Any
) -> ImprovementNotice:
    return ImprovementNotice(
        sessions=sessions_of(sessions),
        contact=Contact(**contact),
        findings=tuple(findings),
        serving_findings=tuple(serving_findings),
        **columns,
    )


def _penalty_notice(
    *, sessions: Iterable[StoredSession], findings: Iterable[Any], serving_findings: Iterable[Any], **columns: Any
) -> PenaltyNotice:
    return PenaltyNotice(sessions=sessions_of(sessions), findings=tuple(findings), serving_findings=tuple(serving_findings), **columns)
