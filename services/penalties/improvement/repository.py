"""Notices to Improve, listed."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.visibility import NoticeQuery, Visibility, notices_asked_for
from services.penalties.tables import row_of
from services.penalties.tables.notices import improvement_notices
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page


async def cases_by_calendar(tx: Transaction, urn: int, today: date) -> list[UUID]:
    """Return the cases with a served notice whose period this school's calendar sets and that is not over, in a lasting order."""
    table = improvement_notices.c
    running = (table.status == "served", or_(table.ends_on.is_(None), table.ends_on >= today))
    found = select(table.case_id).where(table.calendar_urn == urn, *running)
    return list((await tx.execute(found.distinct().order_by(table.case_id))).scalars())


async def improvement_notice_page(tx: Transaction, visible: Visibility, query: NoticeQuery, page: PageQuery) -> Listed[ImprovementNotice]:
    """Return the Notices to Improve that are asked for and visible, by their last day; `ended`: the time is over and no outcome is recorded."""
    table, conditions = improvement_notices.c, []
    if query.status == "ended":
        conditions = [table.status == "served", table.ends_on < visible.today]
    elif query.status == "served":
        conditions = [table.status == "served", or_(table.ends_on.is_(None), table.ends_on >= visible.today)]
    elif query.status is not None:
        conditions = [table.status == query.status]
    found = notices_asked_for(visible, improvement_notices, query, *conditions)
    order = Order((func.coalesce(table.ends_on, table.planned_ends_on), table.id))
    return await fetch_page(tx, found, row_of(ImprovementNotice), order, page)
