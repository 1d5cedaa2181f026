"""Show Notices to Improve."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.repository.notices import find_notice
from services.penalties.case_file.repository.visibility import NoticeQuery
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.problems import NoticeNotFound
from services.penalties.improvement.domain import after_warning, shown_status
from services.penalties.improvement.repository import improvement_notice_page
from shared import clock
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.database.rows import columns_of
from shared.http import CallerInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownImprovementNotice(ImprovementNotice):
    """A Notice to Improve as people see it today, with the absence since it was served."""

    sessions_since_service: tuple[Session, ...]


async def show_improvement_notice(tx: Transaction, notice_id: UUID) -> ShownImprovementNotice:
    """Return a Notice to Improve, with the absence since it was served."""
    notice = await find_notice(tx, ImprovementNotice, notice_id)
    if notice is None:
        raise NoticeNotFound
    case = await find_case(tx, notice.case_id)
    since = after_warning(case.counting, notice.served_on) if case and notice.served_on else ()
    return ShownImprovementNotice(**columns_of(_today(notice)), sessions_since_service=since)


async def list_improvement_notices(tx: Transaction, caller: CallerInfo, query: NoticeQuery, page: PageQuery) -> Listed[ImprovementNotice]:
    """Return the Notices to Improve that are asked for and the caller's own; `ended` ones await a person."""
    visible = await visible_to(tx, caller, query.urn)
    found = await improvement_notice_page(tx, visible, query, page)
    return found.with_rows([_today(notice) for notice in found.rows])


def _today(notice: ImprovementNotice) -> ImprovementNotice:
    status = shown_status(notice.status, notice.ends_on, clock.today())
    return replace(notice, status=status, findings=(*notice.findings, *notice.serving_findings))
