"""Lock a notice after its case, in the order in which everyone locks them."""

from uuid import UUID

from services.penalties.case_file.domain.notices import ImprovementNotice, PenaltyNotice
from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.repository.notices import find_improvement_notice, find_penalty_notice
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from shared.database import Transaction


async def lock_penalty_notice(tx: Transaction, notice_id: UUID) -> PenaltyNotice:
    """Return a penalty notice, locked after its case; raise NoticeNotFound."""
    seen = await find_penalty_notice(tx, notice_id)
    if seen is not None:
        await find_case(tx, seen.case_id, lock=True)
        seen = await find_penalty_notice(tx, notice_id, lock=True)
    if seen is None:
        raise NoticeNotFound
    return seen


async def lock_improvement_notice(tx: Transaction, notice_id: UUID) -> ImprovementNotice:
    """Return a Notice to Improve, locked after its case; raise NoticeNotFound."""
    seen = await find_improvement_notice(tx, notice_id)
    if seen is not None:
        await find_case(tx, seen.case_id, lock=True)
        seen = await find_improvement_notice(tx, notice_id, lock=True)
    if seen is None:
        raise NoticeNotFound
    return seen
