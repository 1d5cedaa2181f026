"""Notices to Improve and penalty notices."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select, text, update

from services.penalties.repository.cases import Reach, within_reach
from services.penalties.repository.children import records_of
from services.penalties.tables import improvement_notices, penalty_notices
from shared.database import Transaction

_LOCK_PARENT_AND_CHILD = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(CAST(:parent AS text) || ' ' || record, 884))
    FROM (SELECT CAST(record AS text) AS record FROM records_of(CAST(:pupil AS uuid)) AS record ORDER BY 1) AS records
""")


async def insert_improvement_notice(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store a Notice to Improve."""
    await tx.execute(insert(improvement_notices).values(**values))


async def improvement_notice_row(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> Any | None:
    """Return a Notice to Improve."""
    found = select(improvement_notices).where(improvement_notices.c.id == notice_id)
    return (await tx.execute(found.with_for_update() if lock else found)).first()


async def update_improvement_notice(tx: Transaction, notice_id: UUID, **values: Any) -> None:
    """Store what changed in a Notice to Improve."""
    await tx.execute(update(improvement_notices).where(improvement_notices.c.id == notice_id).values(**values))


async def improvement_notice_rows(tx: Transaction, case_id: UUID) -> Sequence[Any]:
    """Return the Notices to Improve of a case, oldest first."""
    mine = select(improvement_notices).where(improvement_notices.c.case_id == case_id)
    return (await tx.execute(mine.order_by(improvement_notices.c.id))).all()


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
    tx: Transaction, reach: Reach, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Return up to `limit` Notices to Improve within reach after one; `ended`: the time is over and no outcome is recorded."""
    table = improvement_notices.c
    found = select(improvement_notices).where(within_reach(reach, table.pupil_id, table.urn, table.la_code))
    if status == "ended":
        found = found.where(table.status == "served", table.ends_on < reach.today)
    elif status == "served":
        found = found.where(table.status == "served", or_(table.ends_on.is_(None), table.ends_on >= reach.today))
    elif status is not None:
        found = found.where(table.status == status)
    found = _narrowed(found, table, case_id, urn, after)
    return (await tx.execute(found.order_by(table.id).limit(limit))).all()


async def lock_parent_and_child(tx: Transaction, parent_id: UUID, pupil_id: UUID) -> None:
    """Wait for any other notice to this parent about this child, so that the cap is checked inside the issuing transaction."""
    await tx.execute(_LOCK_PARENT_AND_CHILD, {"parent": str(parent_id), "pupil": pupil_id})


async def insert_penalty_notice(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store a penalty notice."""
    await tx.execute(insert(penalty_notices).values(**values))


async def reference_taken(tx: Transaction, reference: str) -> bool:
    """Tell whether a reference is in use."""
    return (await tx.execute(select(penalty_notices.c.id).where(penalty_notices.c.reference == reference))).first() is not None


async def penalty_notice_row(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> Any | None:
    """Return a penalty notice."""
    found = select(penalty_notices).where(penalty_notices.c.id == notice_id)
    return (await tx.execute(found.with_for_update() if lock else found)).first()


async def update_penalty_notice(tx: Transaction, notice_id: UUID, **values: Any) -> None:
    """Store what changed in a penalty notice."""
    await tx.execute(update(penalty_notices).where(penalty_notices.c.id == notice_id).values(**values))


async def penalty_notice_rows(tx: Transaction, pupil_id: UUID) -> Sequence[Any]:
    """Return every penalty notice about a child, on whichever record, in whatever case and to whatever parent, oldest first."""
    mine = select(penalty_notices).where(penalty_notices.c.pupil_id.in_(records_of(pupil_id)))
    return (await tx.execute(mine.order_by(penalty_notices.c.id))).all()


async def penalty_notice_page(
    tx: Transaction, reach: Reach, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Return up to `limit` penalty notices within reach after one, oldest first."""
    table = penalty_notices.c
    found = select(penalty_notices).where(within_reach(reach, table.pupil_id, table.urn, table.la_code))
    if status is not None:
        found = found.where(table.status == status)
    found = _narrowed(found, table, case_id, urn, after)
    return (await tx.execute(found.order_by(table.id).limit(limit))).all()


def _narrowed(found: Any, table: Any, case_id: UUID | None, urn: int | None, after: UUID | None) -> Any:
    if case_id is not None:
        found = found.where(table.case_id == case_id)
    if urn is not None:
        found = found.where(table.urn == urn)
    if after is not None:
        found = found.where(table.id > after)
    return found
