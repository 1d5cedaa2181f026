"""Show penalty notices."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import find_notice
from services.penalties.case_file.repository.visibility import NoticeQuery
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from services.penalties.money.domain import Settlement
from services.penalties.money.use_cases import due_on, settlement_of
from services.penalties.notices.repository import penalty_notice_page
from shared import clock
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.database.rows import columns_of
from shared.http import CallerInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPenaltyNotice(PenaltyNotice):
    """A penalty notice as people see it, with what is due on it today."""

    due_pence: int


async def show_penalty_notice(tx: Transaction, notice_id: UUID) -> ShownPenaltyNotice:
    """Return a penalty notice with what is due on it today."""
    notice = await find_notice(tx, PenaltyNotice, notice_id)
    if notice is None:
        raise NoticeNotFound
    return await _today(tx, notice)


async def list_penalty_notices(tx: Transaction, caller: CallerInfo, query: NoticeQuery, page: PageQuery) -> Listed[ShownPenaltyNotice]:
    """Return the penalty notices that are asked for and the caller's own, with what is due on them today."""
    visible = await visible_to(tx, caller, query.urn)
    found = await penalty_notice_page(tx, visible, query, page)
    return found.with_rows([await _today(tx, notice) for notice in found.rows])


async def _today(tx: Transaction, notice: PenaltyNotice) -> ShownPenaltyNotice:
    shown = replace(notice, findings=(*notice.findings, *notice.serving_findings))
    return ShownPenaltyNotice(**columns_of(shown), due_pence=await _due(tx, notice))


async def _due(tx: Transaction, notice: PenaltyNotice) -> int:
    if notice.status == "paid":
        return 0
    settlement = await settlement_of(tx, notice) if notice.paid_pence else Settlement(0, None, 0)
    return due_on(notice, settlement, clock.today())
