"""Notices to Improve, written and listed."""

from datetime import date
from uuid import UUID

from sqlalchemy import insert, or_, select, update

from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.repository.notices import fetch_improvement_notices
from services.penalties.case_file.repository.visibility import PageQuery, Visibility, page
from services.penalties.tables import values_of
from services.penalties.tables.notices import improvement_notices
from shared.database import Transaction


async def add_improvement_notice(tx: Transaction, notice: ImprovementNotice) -> None:
    """Store a new Notice to Improve."""
    await tx.execute(insert(improvement_notices).values(values_of(improvement_notices, notice)))


async def save_improvement_notice(tx: Transaction, notice: ImprovementNotice) -> None:
    """Store a Notice to Improve, whose case is locked, as it now is."""
    changed = update(improvement_notices).where(improvement_notices.c.id == notice.id)
    await tx.execute(changed.values(values_of(improvement_notices, notice)))


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
    return await fetch_improvement_notices(tx, page(visible, improvement_notices, query, *conditions))
