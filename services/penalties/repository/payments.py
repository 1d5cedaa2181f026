"""Payments, the provider's messages, what is owed back, and which notices were not paid in time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, and_, cast, func, insert, literal, null, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.domain.payments import Money
from services.penalties.tables import court_files, payment_messages, payments, penalty_notices, refunds
from shared.database import Transaction

PAID = ("card_payment_succeeded", "card_payment_captured")
"""Messages that say that the money was taken; their instant is the payment's."""
SUSPENSE = ("unknown", "unconfirmed")
"""Outcomes of messages that a person must look into."""


async def insert_payment(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store the intention to open a payment."""
    await tx.execute(insert(payments).values(**values))


async def update_payment(tx: Transaction, payment_id: UUID, **values: Any) -> None:
    """Store what became of a payment."""
    await tx.execute(update(payments).where(payments.c.id == payment_id).values(**values))


async def payment_row(tx: Transaction, payment_id: UUID) -> Any:
    """Return a payment, locked."""
    return (await tx.execute(select(payments).where(payments.c.id == payment_id).with_for_update())).one()


async def payment_of_provider(tx: Transaction, provider_payment_id: str) -> Any | None:
    """Return the payment that the provider knows by this id; null where it is none of ours."""
    return (await tx.execute(select(payments).where(payments.c.provider_payment_id == provider_payment_id))).first()


async def unfinished_payments(tx: Transaction, notice_id: UUID) -> Sequence[Any]:
    """Return a notice's payments that are intended or open, oldest first."""
    mine = select(payments).where(payments.c.notice_id == notice_id, payments.c.state.in_(("intended", "open")))
    return (await tx.execute(mine.order_by(payments.c.id))).all()


async def money_of(tx: Transaction, notice_id: UUID) -> Sequence[Money]:
    """Return the money that came in for a notice, in the order in which it counts."""
    mine = select(payments.c.amount_pence, payments.c.counted_on).where(payments.c.notice_id == notice_id, payments.c.state == "success")
    return [Money(row.amount_pence, row.counted_on) for row in await tx.execute(mine.order_by(payments.c.counted_on, payments.c.id))]


async def successful_payment(tx: Transaction, notice_id: UUID, provider_payment_id: str | None) -> Any | None:
    """Return a payment of a notice that counted: this one, or the one that counted last."""
    mine = select(payments).where(payments.c.notice_id == notice_id, payments.c.state == "success")
    if provider_payment_id is not None:
        mine = mine.where(payments.c.provider_payment_id == provider_payment_id)
    return (await tx.execute(mine.order_by(payments.c.counted_on.desc(), payments.c.id.desc()).limit(1))).first()


async def said_paid_on(tx: Transaction, provider_payment_id: str) -> date | None:
    """Return the earliest day on which a signed message dates a payment."""
    said = select(func.min(payment_messages.c.counted_on)).where(
        payment_messages.c.provider_payment_id == provider_payment_id, payment_messages.c.event_type.in_(PAID)
    )
    day: date | None = (await tx.execute(said)).scalar()
    return day


async def is_charged(tx: Transaction, notice_id: UUID, pupil_id: UUID) -> bool:
    """Tell whether a charge that was not given up was brought over a notice."""
    mine = select(court_files.c.id).where(
        court_files.c.pupil_id == pupil_id,
        court_files.c.notice_ids.contains([str(notice_id)]),
        court_files.c.charged_on.is_not(None),
        court_files.c.status != "withdrawn",
    )
    return (await tx.execute(mine.limit(1))).first() is not None


async def claim_open_payment(tx: Transaction, now: datetime, today: date) -> Any | None:
    """Return one open payment that is to be asked about, locked; `over`: its notice can no longer be paid.

    Due by time, or because the notice stopped being payable since it was asked about last.
    """
    over = or_(penalty_notices.c.status.not_in(("issued", "served")), penalty_notices.c.overdue_from <= today)
    due = (
        select(payments, over.label("over"))
        .join_from(payments, penalty_notices, payments.c.notice_id == penalty_notices.c.id)
        .where(payments.c.state == "open", or_(payments.c.next_attempt_at <= now, and_(payments.c.ending.is_(False), over)))
        .order_by(payments.c.next_attempt_at)
        .limit(1)
    )
    return (await tx.execute(due.with_for_update(of=payments, skip_locked=True))).first()


async def insert_message(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Store a message as it came, once; one that comes again while it waits is looked into at once."""
    new = upsert(payment_messages).values(**values)
    waiting = payment_messages.c.processed_at.is_(None)
    sooner = {"next_attempt_at": new.excluded.next_attempt_at}
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_=sooner, where=waiting))


async def claim_message(tx: Transaction, now: datetime) -> Any | None:
    """Return one message that waits to be looked into, locked."""
    due = select(payment_messages).where(payment_messages.c.processed_at.is_(None), payment_messages.c.next_attempt_at <= now)
    due = due.order_by(payment_messages.c.next_attempt_at).limit(1)
    return (await tx.execute(due.with_for_update(skip_locked=True))).first()


async def update_message(tx: Transaction, message_id: str, **values: Any) -> None:
    """Store what came of a message."""
    await tx.execute(update(payment_messages).where(payment_messages.c.id == message_id).values(**values))


async def reopen_messages(tx: Transaction, provider_payment_id: str, now: datetime) -> None:
    """Look again into messages about a payment that has become known only now."""
    early = update(payment_messages).where(
        payment_messages.c.provider_payment_id == provider_payment_id, payment_messages.c.outcome == "unknown"
    )
    await tx.execute(early.values(processed_at=None, outcome=None, next_attempt_at=now))


async def owed_back(tx: Transaction, notice_id: UUID) -> int:
    """Return what is already recorded as owed back for a notice, in pence."""
    mine = select(func.coalesce(func.sum(refunds.c.amount_pence), 0)).where(refunds.c.notice_id == notice_id)
    return int((await tx.execute(mine)).scalar_one())


async def insert_refund(tx: Transaction, values: Mapping[str, Any]) -> None:
    """Record that money is owed back."""
    await tx.execute(insert(refunds).values(**values))


async def claim_overdue_notices(tx: Transaction, today: date, limit: int) -> Sequence[Any]:
    """Return unpaid notices whose time is over, locked: served, not held, and with no payment open that may yet succeed."""
    open_payment = select(payments.c.id).where(payments.c.notice_id == penalty_notices.c.id, payments.c.state == "open").exists()
    due = select(penalty_notices).where(
        penalty_notices.c.status == "served", penalty_notices.c.held.is_(False), penalty_notices.c.overdue_from <= today, ~open_payment
    )
    due = due.order_by(penalty_notices.c.overdue_from, penalty_notices.c.id).limit(limit)
    return (await tx.execute(due.with_for_update(of=penalty_notices, skip_locked=True))).all()


async def suspense_page(tx: Transaction, la_code: str | None, after: str | None, limit: int) -> Sequence[Any]:
    """Return up to `limit` things that a person must look into.

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
    page = select(everything)
    if after is not None:
        page = page.where(everything.c.id > after)
    return (await tx.execute(page.order_by(everything.c.id).limit(limit))).all()


def _in_area(la_code: str | None) -> ColumnElement[bool]:
    return literal(la_code is None) if la_code is None else penalty_notices.c.la_code == la_code
