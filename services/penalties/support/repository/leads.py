"""The lead professionals of cases. Row security shows those of cases that the caller sees."""

from uuid import UUID

from sqlalchemy import insert, select

from services.penalties.support.domain.leads import Lead
from services.penalties.tables import row_of, values_of
from services.penalties.tables.support import case_leads
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page


async def add_lead(tx: Transaction, lead: Lead) -> None:
    """Store who leads a case."""
    await tx.execute(insert(case_leads).values(values_of(case_leads, lead)))


async def leads_page(tx: Transaction, case_id: UUID, page: PageQuery) -> Listed[Lead]:
    """Return a page of the lead professionals of a case, the present one first; of several from one day the one recorded last."""
    mine = select(case_leads).where(case_leads.c.case_id == case_id)
    return await fetch_page(tx, mine, row_of(Lead), Order((case_leads.c.since, case_leads.c.id), descending=True), page)
