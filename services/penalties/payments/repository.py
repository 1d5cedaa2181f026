"""Payments, and the provider's messages."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.tables.notices import penalty_notices
from services.penalties.tables.payments import payment_messages, payments
from shared.database import Transaction

PAID_EVENTS = ("card_payment_succeeded", "card_payment_captured")
"""Messages that say that the money was taken; their instant is the payment's."""


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


async def paid_on_by_messages(tx: Transaction, provider_payment_id: str) -> date | None:
    """Return the earliest day on which a signed message dates a payment."""
    said = select(func.min(payment_messages.c.counted_on)).where(
        payment_messages.c.provider_payment_id == provider_payment_id, payment_messages.c.event_type.in_(PAID_EVENTS)
    )
    day: date | None = (await tx.execute(said)).scalar()
    return day


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
