"""Money that came in for a notice, refunds, and what is in suspense."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, func, insert, literal, null, select, union_all

from services.penalties.money.domain import Money
from services.penalties.tables import values_of
from services.penalties.tables.cases import court_files
from services.penalties.tables.notices import penalty_notices
from services.penalties.tables.payments import payment_messages, payments, refunds
from shared.database import Transaction
from shared.database.paging import Listed, Order, PageQuery, fetch_page
from shared.database.rows import fetch_all, fetch_one

SUSPENSE = ("unknown", "unconfirmed")
"""Outcomes of messages that a person must look into."""


@dataclass(frozen=True, slots=True)
class CountedPayment:
    """A payment whose money was taken, by the provider's id."""

    provider_payment_id: str
    amount_pence: int
    counted_on: date


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money that is owed back: `overpaid`, `withdrawn` or `charged`."""

    id: UUID
    notice_id: UUID
    amount_pence: int
    cause: str
    due_on: date


@dataclass(frozen=True, slots=True)
class SuspenseRow:
    """Something about money that a person must look into."""

    id: str
    kind: str
    provider_payment_id: str | None
    notice_id: UUID | None
    amount_pence: int | None
    since: date


async def money_of(tx: Transaction, notice_id: UUID) -> list[Money]:
    """Return the money that came in for a notice, in the order in which it counts."""
    mine = select(payments.c.amount_pence, payments.c.counted_on).where(payments.c.notice_id == notice_id, payments.c.state == "success")
    return await fetch_all(tx, mine.order_by(payments.c.counted_on, payments.c.id), Money)


async def is_charged(tx: Transaction, notice_id: UUID, pupil_id: UUID) -> bool:
    """Return whether a charge that was not given up was brought over a notice."""
    mine = select(court_files.c.id).where(
        court_files.c.pupil_id == pupil_id,
        court_files.c.notice_ids.contains([notice_id]),
        court_files.c.charged_on.is_not(None),
        court_files.c.status != "withdrawn",
    )
    return (await tx.execute(mine.limit(1))).first() is not None


async def owed_back(tx: Transaction, notice_id: UUID) -> int:
    """Return what is already recorded as owed back for a notice, in pence."""
    mine = select(func.coalesce(func.sum(refunds.c.amount_pence), 0)).where(refunds.c.notice_id == notice_id)
    return int((await tx.execute(mine)).scalar_one())


async def add_refund(tx: Transaction, refund: RefundRow) -> None:
    """Store that money is owed back."""
    await tx.execute(insert(refunds).values(values_of(refunds, refund)))


async def counted_payment(tx: Transaction, notice_id: UUID, provider_payment_id: str | None) -> CountedPayment | None:
    """Return a payment of a notice that counted: this one, or the one that counted last."""
    taken = select(payments.c.provider_payment_id, payments.c.amount_pence, payments.c.counted_on)
    mine = taken.where(payments.c.notice_id == notice_id, payments.c.state == "success")
    if provider_payment_id is not None:
        mine = mine.where(payments.c.provider_payment_id == provider_payment_id)
    return await fetch_one(tx, mine.order_by(payments.c.counted_on.desc(), payments.c.id.desc()).limit(1), CountedPayment)


async def suspense_page(tx: Transaction, la_code: str | None, page: PageQuery) -> Listed[SuspenseRow]:
    """Return the things that a person must look into, the oldest first.

    Messages about payments that are none of ours or that the provider does not bear out, part payments, and money owed back.
    """
    notice = penalty_notices.c
    stray = select(
        literal("message:").concat(payment_messages.c.id).label("id"),
        payment_messages.c.outcome.label("kind"),
        payment_messages.c.provider_payment_id,
        payments.c.notice_id,
        func.coalesce(payment_messages.c.amount_pence, payments.c.amount_pence).label("amount_pence"),
        payment_messages.c.counted_on.label("since"),
    ).join_from(payment_messages, payments, payment_messages.c.provider_payment_id == payments.c.provider_payment_id, isouter=True)
    stray = stray.where(payment_messages.c.outcome.in_(SUSPENSE))
    part = select(
        literal("notice:").concat(cast(notice.id, String)), literal("part-payment"), null(), notice.id, notice.paid_pence, notice.issued_on
    ).where(notice.paid_pence > 0, notice.status.in_(("issued", "served", "overdue")), _in_area(la_code))
    owed = (
        select(
            literal("refund:").concat(cast(refunds.c.id, String)),
            refunds.c.cause,
            null(),
            notice.id,
            refunds.c.amount_pence,
            refunds.c.due_on,
        )
        .join_from(refunds, penalty_notices, refunds.c.notice_id == notice.id)
        .where(_in_area(la_code))
    )
    everything = union_all(stray, part, owed).subquery()
    return await fetch_page(tx, select(everything), SuspenseRow, Order((everything.c.since, everything.c.id)), page)


def _in_area(la_code: str | None) -> ColumnElement[bool]:
    return literal(la_code is None) if la_code is None else penalty_notices.c.la_code == la_code
