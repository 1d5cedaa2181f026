"""Penalty notices, written and listed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update

from services.penalties.case_file.repository.visibility import Visibility, narrowed, visible
from services.penalties.tables.notices import penalty_notices
from services.penalties.tables.payments import payments
from shared.database import Transaction

_LOCK_PARENT_AND_CHILD = text("""
    SELECT pg_advisory_xact_lock(hashtextextended(CAST(:parent AS text) || ' ' || record, 884))
    FROM (SELECT CAST(record AS text) AS record FROM records_of(CAST(:pupil AS uuid)) AS record ORDER BY 1) AS records
""")


async def lock_parent_and_child(tx: Transaction, parent_id: UUID, pupil_id: UUID) -> None:
    """Wait for any other notice to this parent about this child, so that the cap is checked inside the issuing transaction."""
    await tx.execute(_LOCK_PARENT_AND_CHILD, {"parent": str(parent_id), "pupil": pupil_id})


async def insert_penalty_notice(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store a penalty notice."""
    await tx.execute(insert(penalty_notices).values(**values))


async def reference_taken(tx: Transaction, reference: str) -> bool:
    """Tell whether a reference is in use."""
    return (await tx.execute(select(penalty_notices.c.id).where(penalty_notices.c.reference == reference))).first() is not None


async def update_penalty_notice(tx: Transaction, notice_id: UUID, **values: Any) -> None:
    """Store what changed in a penalty notice."""
    await tx.execute(update(penalty_notices).where(penalty_notices.c.id == notice_id).values(**values))


async def penalty_notice_page(
    tx: Transaction, reach: Visibility, *, case_id: UUID | None, urn: int | None, status: str | None, after: UUID | None, limit: int
) -> Sequence[Any]:
    """Return up to `limit` penalty notices within reach after one, oldest first."""
    table = penalty_notices.c
    found = select(penalty_notices).where(visible(reach, table.pupil_id, table.urn, table.la_code))
    if status is not None:
        found = found.where(table.status == status)
    found = narrowed(found, table, case_id, urn, after)
    return (await tx.execute(found.order_by(table.id).limit(limit))).all()


async def claim_overdue_notices(tx: Transaction, today: date, limit: int) -> Sequence[Any]:
    """Return unpaid notices whose time is over, locked: served, not held, and with no payment open that may yet succeed."""
    open_payment = select(payments.c.id).where(payments.c.notice_id == penalty_notices.c.id, payments.c.state == "open").exists()
    due = select(penalty_notices).where(
        penalty_notices.c.status == "served", penalty_notices.c.held.is_(False), penalty_notices.c.overdue_from <= today, ~open_payment
    )
    due = due.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id).limit(limit)
    return (await tx.execute(due.with_for_update(of=penalty_notices, skip_locked=True))).all()
