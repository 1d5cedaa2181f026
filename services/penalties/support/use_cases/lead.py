"""Record who leads the support in a case, and show it."""

from datetime import date
from uuid import UUID

from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.use_cases.problems import CaseNotFound, require
from services.penalties.support.domain.leads import Lead, lead_refusals
from services.penalties.support.repository.leads import add_lead, leads_page
from services.penalties.support.use_cases.problems import LeadRefused
from shared import clock
from shared.database import Transaction
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo
from shared.ids import new_id


async def record_lead(tx: Transaction, caller: CallerInfo, case_id: UUID, *, name: str, office: str, since: date) -> Lead:
    """Record the lead professional of a case from a day on; who led before stays to be read."""
    if await find_case(tx, case_id) is None:
        raise CaseNotFound
    require(tuple(lead_refusals(since, clock.today())), LeadRefused)
    lead = Lead(
        id=new_id(),
        case_id=case_id,
        name=name,
        office=office,
        since=since,
        recorded_by=caller.person(),
        recorded_by_role=caller.role,
        recorded_by_subject=caller.subject,
        recorded_at=clock.now(),
    )
    await add_lead(tx, lead)
    return lead


async def show_leads(tx: Transaction, case_id: UUID, page: PageQuery) -> Listed[Lead]:
    """Return a page of the lead professionals of a case, the present one first; raise CaseNotFound."""
    if await find_case(tx, case_id) is None:
        raise CaseNotFound
    return await leads_page(tx, case_id, page)
