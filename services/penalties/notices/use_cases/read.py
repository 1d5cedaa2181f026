"""Show penalty notices."""

from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.notices import penalty_notice_row
from services.penalties.case_file.use_cases.access import may_reach_school, visible_to
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from services.penalties.money.domain import Settlement
from services.penalties.money.use_cases import due_on, settlement_of
from services.penalties.notices.repository import penalty_notice_page
from shared import clock
from shared.database import Transaction
from shared.http import CallerInfo


async def read_penalty_notice(tx: Transaction, notice_id: UUID) -> dict[str, Any]:
    """Return a penalty notice with what is due on it today."""
    row = await penalty_notice_row(tx, notice_id)
    if row is None:
        raise NoticeNotFound
    return await _shown(tx, row)


async def list_penalty_notices(
    tx: Transaction, caller: CallerInfo, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` penalty notices that are the caller's own, with what is due on them today."""
    reach = await visible_to(tx, caller)
    may_reach_school(reach, urn)
    rows = await penalty_notice_page(tx, reach, case_id=case_id, urn=urn, status=status, after=after, limit=limit)
    return [await _shown(tx, row) for row in rows]


async def _shown(tx: Transaction, row: Any) -> dict[str, Any]:
    return {
        **row._mapping,  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
        "offence": {"from": row.offence_from, "to": row.offence_to},
        "due_pence": await _due(tx, row),
        "findings": [*row.findings, *row.service_findings],
    }


async def _due(tx: Transaction, row: Any) -> int:
    if row.status == "paid":
        return 0
    settlement = await settlement_of(tx, row) if row.paid_pence else Settlement(0, None, 0)
    return due_on(row, settlement, clock.today())
