"""Notices to Improve, written and listed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select, update

from services.penalties.case_file.repository.visibility import Visibility, narrowed, visible
from services.penalties.tables.notices import improvement_notices
from shared.database import Transaction


async def insert_improvement_notice(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store a Notice to Improve."""
    await tx.execute(insert(improvement_notices).values(**values))


async def update_improvement_notice(tx: Transaction, notice_id: UUID, **values: Any) -> None:
    """Store what changed in a Notice to Improve."""
    await tx.execute(update(improvement_notices).where(improvement_notices.c.id == notice_id).values(**values))


async def running_improvement_cases(tx: Transaction, urn: int, today: date) -> Sequence[tuple[UUID, UUID]]:
    """Return (case, pupil) of the served notices whose period this school's calendar sets and that is not over, in a lasting order."""
    found = (
        select(improvement_notices.c.case_id, improvement_notices.c.pupil_id)
        .where(
            improvement_notices.c.calendar_urn == urn,
            improvement_notices.c.status == "served",
            or_(improvement_notices.c.ends_on.is_(None), improvement_notices.c.ends_on >= today),
        )
        .distinct()
        .order_by(improvement_notices.c.case_id)
    )
    return [(row.case_id, row.pupil_id) for row in await tx.execute(found)]


async def improvement_notice_page(
    tx: Transaction, reach: Visibility, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Return up to `limit` Notices to Improve within reach after one; `ended`: the time is over and no outcome is recorded."""
    table = improvement_notices.c
    found = select(improvement_notices).where(visible(reach, table.pupil_id, table.urn, table.la_code))
    if status == "ended":
        found = found.where(table.status == "served", table.ends_on < reach.today)
    elif status == "served":
        found = found.where(table.status == "served", or_(table.ends_on.is_(None), table.ends_on >= reach.today))
    elif status is not None:
        found = found.where(table.status == status)
    found = narrowed(found, table, case_id, urn, after)
    return (await tx.execute(found.order_by(table.id).limit(limit))).all()
