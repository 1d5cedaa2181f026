"""Notices to Improve, listed."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.notices import fetch_notices
from services.penalties.case_file.repository.visibility import PageQuery, Visibility, page
from services.penalties.tables.notices import improvement_notices
from shared.database import Transaction


async def cases_by_calendar(tx: Transaction, urn: int, today: date) -> list[UUID]:
    """Return the cases with a served notice whose period this school's calendar sets and that is not over, in a lasting order."""
    table = improvement_notices.c
    running = (table.status == "served", or_(table.ends_on.is_(None), table.ends_on >= today))
    found = select(table.case_id).where(table.calendar_urn == urn, *running)
    return list((await tx.execute(found.distinct().order_by(table.case_id))).scalars())


async def improvement_notice_page(tx: Transaction, visible: Visibility, query: PageQuery) -> list[ImprovementNotice]:
    """Return the Notices to Improve that are asked for and visible; `ended`: the time is over and no outcome is recorded."""
    table, conditions = improvement_notices.c, []
    if query.status == "ended":
        conditions = [table.status == "served", table.ends_on < visible.today]
    elif query.status == "served":
        conditions = [table.status == "served", or_(table.ends_on.is_(None), table.ends_on >= visible.today)]
    elif query.status is not None:
        conditions = [table.status == query.status]
    return await fetch_notices(tx, ImprovementNotice, page(visible, improvement_notices, query, *conditions))
