"""Notices to Improve, listed."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select, text, update

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.visibility import NoticeQuery, Visibility, notices_asked_for
from services.penalties.tables import row_of
from services.penalties.tables.notices import improvement_notices
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.due_work import not_waiting


async def cases_by_calendar(tx: Transaction, urn: int) -> list[UUID]:
    """Return the cases with a served notice whose period this school's calendar sets, over or not, in a lasting order."""
    table = improvement_notices.c
    found = select(table.case_id).where(table.calendar_urn == urn, table.status == "served")
    return list((await tx.execute(found.distinct().order_by(table.case_id))).scalars())


async def note_judged(tx: Transaction, case_id: UUID, today: date) -> None:
    """Store by which day it was judged whether the periods of a case's served notices are over."""
    served = update(improvement_notices).where(improvement_notices.c.case_id == case_id, improvement_notices.c.status == "served")
    await tx.execute(served.values(judged_on=today))


async def cases_judged_ahead(tx: Transaction, job: str, today: date, limit: int) -> list[UUID]:
    """Return the cases with a served notice whose period was judged by a day after this one."""
    table = improvement_notices.c
    ahead = select(table.case_id).where(table.status == "served", table.judged_on > today)
    ahead = ahead.where(text(not_waiting("CAST(improvement_notices.case_id AS text)"))).distinct().order_by(table.case_id).limit(limit)
    return list((await tx.execute(ahead, {"job": job})).scalars())


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
