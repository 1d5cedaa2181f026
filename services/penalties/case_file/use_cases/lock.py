"""Lock a notice after its case."""

from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.repository.notices import penalty_notice_row
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from shared.database import Transaction


async def lock_notice(tx: Transaction, notice_id: UUID) -> Any:
    """Return a penalty notice, locked after its case, in the order in which everyone locks them. Raises NoticeNotFound."""
    seen = await penalty_notice_row(tx, notice_id)
    if seen is None:
        raise NoticeNotFound
    await case_row(tx, seen.case_id, lock=True)
    return await penalty_notice_row(tx, notice_id, lock=True)
