"""Penalty notices, written and listed."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import fetch_notices
from services.penalties.case_file.repository.visibility import NoticeQuery, Visibility, notices_asked_for
from services.penalties.tables import row_of
from services.penalties.tables.notices import penalty_notices
from services.penalties.tables.payments import payments
from shared.attendance.identities import lock_records
from shared.database import Transaction
from shared.database.locks import Lock
from shared.database.paging import Listed, Order, PageQuery, fetch_page


async def lock_parent_and_child(tx: Transaction, parent_id: UUID, pupil_id: UUID) -> None:
    """Wait for any other notice to this parent about this child, so that the cap is checked inside the issuing transaction."""
    await lock_records(tx, Lock.NOTICES_OF_PARENT_AND_CHILD, pupil_id, prefix=f"{parent_id} ")


async def store_verdict(tx: Transaction, notice_id: UUID, concluded_on: date, *, acquitted: bool) -> None:
    """Store that a court concluded about a notice."""
    concluded = update(penalty_notices).where(penalty_notices.c.id == notice_id)
    await tx.execute(concluded.values(concluded_on=concluded_on, acquitted=acquitted))


async def reference_taken(tx: Transaction, reference: str) -> bool:
    """Return whether a reference is in use."""
    return (await tx.execute(select(penalty_notices.c.id).where(penalty_notices.c.reference == reference))).first() is not None


async def penalty_notice_page(tx: Transaction, visible: Visibility, query: NoticeQuery, page: PageQuery) -> Listed[PenaltyNotice]:
    """Return the penalty notices that are asked for and visible, by their last day to pay."""
    table = penalty_notices.c
    found = notices_asked_for(visible, penalty_notices, query, *([] if query.status is None else [table.status == query.status]))
    order = Order((func.coalesce(table.final_deadline, table.planned_final_deadline), table.id))
    return await fetch_page(tx, found, row_of(PenaltyNotice), order, page)


async def claim_overdue_notices(tx: Transaction, today: date, limit: int) -> list[PenaltyNotice]:
    """Return unpaid notices whose time is over, locked: served, not held, and with no payment open that may yet succeed."""
    open_payment = select(payments.c.id).where(payments.c.notice_id == penalty_notices.c.id, payments.c.state == "open").exists()
    due = select(penalty_notices).where(
        penalty_notices.c.status == "served", penalty_notices.c.held.is_(False), penalty_notices.c.overdue_from <= today, ~open_payment
    )
    due = due.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id).limit(limit)
    return await fetch_notices(tx, PenaltyNotice, due.with_for_update(of=penalty_notices, skip_locked=True))
