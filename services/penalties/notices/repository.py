"""Penalty notices, written and listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update

from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.repository.notices import fetch_notices
from services.penalties.case_file.repository.visibility import NoticeQuery, Visibility, notices_asked_for
from services.penalties.tables import row_of
from services.penalties.tables.notices import penalty_notices
from services.penalties.tables.payments import payments
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all
from shared.due_work import not_waiting


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A notice whose last day to pay has passed: it is due once for each such day."""

    notice_id: UUID
    overdue_from: date

    def __str__(self) -> str:
        """Return the key of the work."""
        return f"{self.notice_id}/{self.overdue_from}"

    @classmethod
    def parse(cls, key: str) -> Self:
        """Return the notice of a key."""
        notice_id, _, day = key.partition("/")
        return cls(UUID(notice_id), date.fromisoformat(day))


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


async def due_notices(tx: Transaction, job: str, today: date, limit: int) -> list[DueNotice]:
    """Return unpaid notices whose time is over, the longest first: served, not held, and with no payment open that may yet succeed."""
    key = "CAST(penalty_notices.id AS text) || '/' || CAST(penalty_notices.overdue_from AS text)"
    due = select(penalty_notices.c.id.label("notice_id"), penalty_notices.c.overdue_from).where(*_overdue(today), text(not_waiting(key)))
    due = due.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id).limit(limit)
    return await fetch_all(tx, due, DueNotice, {"job": job})


async def early_notices(tx: Transaction, job: str, today: date, limit: int) -> list[DueNotice]:
    """Return overdue notices whose last day to pay has not passed on a day, the nearest first."""
    key = "CAST(penalty_notices.id AS text) || '/' || CAST(penalty_notices.overdue_from AS text)"
    early = select(penalty_notices.c.id.label("notice_id"), penalty_notices.c.overdue_from).where(*_early(today), text(not_waiting(key)))
    early = early.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id).limit(limit)
    return await fetch_all(tx, early, DueNotice, {"job": job})


async def lock_early_notices(tx: Transaction, today: date, ids: Sequence[UUID]) -> list[PenaltyNotice]:
    """Return those of these notices that are still overdue too early, locked; those that another worker has locked are left out."""
    early = select(penalty_notices).where(penalty_notices.c.id.in_(ids), *_early(today))
    early = early.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id)
    return await fetch_notices(tx, PenaltyNotice, early.with_for_update(of=penalty_notices, skip_locked=True))


async def lock_due_notices(tx: Transaction, today: date, ids: Sequence[UUID]) -> list[PenaltyNotice]:
    """Return those of these notices that are still due, locked; those that another worker has locked are left out."""
    due = select(penalty_notices).where(penalty_notices.c.id.in_(ids), *_overdue(today))
    due = due.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id)
    return await fetch_notices(tx, PenaltyNotice, due.with_for_update(of=penalty_notices, skip_locked=True))


def _early(today: date) -> tuple[ColumnElement[bool], ...]:
    return penalty_notices.c.status == "overdue", penalty_notices.c.overdue_from > today


def _overdue(today: date) -> tuple[ColumnElement[bool], ...]:
    open_payment = select(payments.c.id).where(payments.c.notice_id == penalty_notices.c.id, payments.c.state == "open").exists()
    own = penalty_notices.c
    return own.status == "served", own.held.is_(False), own.overdue_from <= today, ~open_payment
