"""Payments, and the provider's messages."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.penalties.tables import values_of
from services.penalties.tables.notices import penalty_notices
from services.penalties.tables.payments import payment_messages, payments
from shared.database import Transaction
from shared.database.bells import ring_after_commit
from shared.database.rows import fetch_all, fetch_one
from shared.due_work import is_due, not_waiting

PAID_EVENTS = ("card_payment_succeeded", "card_payment_captured")
"""Messages that the money was taken; their instant is the payment's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """A payment at the provider: `intended` (the provider has not answered yet), `open`, `success` or `closed`."""

    id: UUID
    notice_id: UUID
    provider_payment_id: str | None = None
    amount_pence: int
    state: str
    next_url: str | None = None
    return_url: str
    created_on: date
    created_at: datetime
    counted_on: date | None = None
    attempts: int = 0
    next_attempt_at: datetime
    cancel_requested: bool = False


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """A payment that a payer may complete at the provider, under its id there; `over`: its notice can no longer be paid."""

    id: UUID
    notice_id: UUID
    provider_payment_id: str
    next_url: str
    amount_pence: int
    attempts: int
    cancel_requested: bool
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """A signed message of the provider as it came, and what came of it."""

    id: str
    provider_payment_id: str
    event_type: str
    counted_on: date
    raw: bytes
    received_at: datetime
    processed_at: datetime | None = None
    outcome: str | None = None
    amount_pence: int | None = None
    attempts: int = 0
    next_attempt_at: datetime


_OPEN = [payments.c[name] for name in OpenPayment.__slots__ if name != "over"]


async def add_payment(tx: Transaction, payment: PaymentRow) -> None:
    """Store the intention to open a payment."""
    await tx.execute(insert(payments).values(values_of(payments, payment)))


async def add_opened(tx: Transaction, payment: PaymentRow) -> None:
    """Store a payment that the provider has: its intention may be stored here, without the provider's answer."""
    new = upsert(payments).values(values_of(payments, payment))
    answered = {name: new.excluded[name] for name in ("state", "provider_payment_id", "next_url", "amount_pence", "next_attempt_at")}
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_=answered, where=payments.c.provider_payment_id.is_(None)))


async def store_opened(tx: Transaction, payment_id: UUID, provider_payment_id: str, next_url: str) -> None:
    """Store that the provider opened a payment, unless that is stored: a message about it may have come sooner than the answer."""
    opened = update(payments).where(payments.c.id == payment_id, payments.c.provider_payment_id.is_(None))
    await tx.execute(opened.values(state="open", provider_payment_id=provider_payment_id, next_url=next_url))


async def store_closed(tx: Transaction, payment_id: UUID) -> None:
    """Store that a payment brought no money."""
    await tx.execute(update(payments).where(payments.c.id == payment_id).values(state="closed"))


async def store_money(tx: Transaction, payment_id: UUID, amount_pence: int, counted_on: date) -> None:
    """Store that a payment's money was taken, and on which day it counts."""
    taken = update(payments).where(payments.c.id == payment_id)
    await tx.execute(taken.values(state="success", amount_pence=amount_pence, counted_on=counted_on))


async def store_attempt(tx: Transaction, payment_id: UUID, attempts: int, next_attempt_at: datetime, *, cancel_requested: bool) -> None:
    """Store that the provider is being asked about a payment, and when to ask again."""
    asked = update(payments).where(payments.c.id == payment_id)
    await tx.execute(asked.values(attempts=attempts, next_attempt_at=next_attempt_at, cancel_requested=cancel_requested))


async def lock_payment(tx: Transaction, payment_id: UUID) -> PaymentRow | None:
    """Return a payment, locked."""
    return await fetch_one(tx, select(payments).where(payments.c.id == payment_id).with_for_update(), PaymentRow)


async def find_payment(tx: Transaction, provider_payment_id: str) -> PaymentRow | None:
    """Return a payment by the provider's id; None where it is none of ours."""
    return await fetch_one(tx, select(payments).where(payments.c.provider_payment_id == provider_payment_id), PaymentRow)


async def open_payments(tx: Transaction, notice_id: UUID) -> list[OpenPayment]:
    """Return a notice's open payments, oldest first."""
    mine = select(*_OPEN).where(payments.c.notice_id == notice_id, payments.c.state == "open")
    return await fetch_all(tx, mine.order_by(payments.c.id), OpenPayment)


async def is_being_opened(tx: Transaction, notice_id: UUID, since: datetime, until: datetime) -> bool:
    """Return whether someone intended a payment of a notice between two instants, and the provider has not answered yet."""
    mine = select(payments.c.id).where(
        payments.c.notice_id == notice_id, payments.c.state == "intended", payments.c.created_at > since, payments.c.created_at < until
    )
    return (await tx.execute(mine.limit(1))).first() is not None


async def due_payments(tx: Transaction, job: str, now: datetime, today: date, limit: int) -> list[str]:
    """Return the ids of payments that are to be asked about, the longest due first."""
    due = _due_payments(now, today, payments.c.id).where(text(not_waiting("CAST(payments.id AS text)")))
    found = await tx.execute(due.order_by(payments.c.next_attempt_at).limit(limit), {"job": job})
    return [str(payment_id) for payment_id in found.scalars()]


async def claim_open_payment(tx: Transaction, payment_id: UUID, now: datetime, today: date) -> OpenPayment | None:
    """Return a payment, locked, if it is to be asked about and no other worker has locked it."""
    due = _due_payments(now, today, *_OPEN, _over(today).label("over")).where(payments.c.id == payment_id)
    return await fetch_one(tx, due.with_for_update(of=payments, skip_locked=True), OpenPayment)


def _due_payments(now: datetime, today: date, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select payments to be asked about.

    Open ones that are due by time, or because the notice stopped being payable since they were asked about last; and those of which the
    money counts on a day that lies ahead.
    """
    come = is_due(payments, "created_at", now)
    is_open = and_(payments.c.state == "open", or_(come, and_(payments.c.cancel_requested.is_(False), _over(today))))
    counts_ahead = and_(payments.c.state == "success", payments.c.counted_on > today, come)
    found = select(*columns).join_from(payments, penalty_notices, payments.c.notice_id == penalty_notices.c.id)
    return found.where(or_(is_open, counts_ahead))


def _over(today: date) -> ColumnElement[bool]:
    over = or_(penalty_notices.c.status.not_in(("issued", "served")), penalty_notices.c.overdue_from <= today)
    return func.coalesce(over, False)


async def add_message(tx: Transaction, message: MessageRow) -> None:
    """Store a message as it came, once; one that comes again while it waits is looked into at once."""
    new = upsert(payment_messages).values(values_of(payment_messages, message))
    waiting = payment_messages.c.processed_at.is_(None)
    sooner = {"next_attempt_at": new.excluded.next_attempt_at}
    await tx.execute(new.on_conflict_do_update(index_elements=["id"], set_=sooner, where=waiting))
    ring_after_commit(tx, "payment-messages")


async def due_messages(tx: Transaction, job: str, now: datetime, limit: int) -> list[str]:
    """Return the ids of messages that wait to be looked into, the longest due first."""
    due = select(payment_messages.c.id).where(*_due_messages(now), text(not_waiting("payment_messages.id")))
    found = await tx.execute(due.order_by(payment_messages.c.next_attempt_at).limit(limit), {"job": job})
    return list(found.scalars())


async def claim_message(tx: Transaction, message_id: str, now: datetime) -> MessageRow | None:
    """Return a message, locked, if it waits to be looked into and no other worker has locked it."""
    due = select(payment_messages).where(payment_messages.c.id == message_id, *_due_messages(now))
    return await fetch_one(tx, due.with_for_update(skip_locked=True), MessageRow)


def _due_messages(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return payment_messages.c.processed_at.is_(None), is_due(payment_messages, "received_at", now)


async def store_message_attempt(tx: Transaction, message_id: str, attempts: int, next_attempt_at: datetime) -> None:
    """Store that a message is being looked into, and when to look again."""
    looked_into = update(payment_messages).where(payment_messages.c.id == message_id)
    await tx.execute(looked_into.values(attempts=attempts, next_attempt_at=next_attempt_at))


async def store_message_outcome(tx: Transaction, message_id: str, processed_at: datetime, outcome: str, amount_pence: int | None) -> None:
    """Store what came of a message, with the amount of its payment at the provider."""
    processed = update(payment_messages).where(payment_messages.c.id == message_id)
    await tx.execute(processed.values(processed_at=processed_at, outcome=outcome, amount_pence=amount_pence))


async def reopen_messages(tx: Transaction, provider_payment_id: str, now: datetime) -> None:
    """Look again into messages about a payment of which they came before the provider's own answer."""
    early = update(payment_messages).where(
        payment_messages.c.provider_payment_id == provider_payment_id, payment_messages.c.outcome == "unknown"
    )
    await tx.execute(early.values(processed_at=None, outcome=None, next_attempt_at=now))
    ring_after_commit(tx, "payment-messages")


async def paid_on_by_messages(tx: Transaction, provider_payment_id: str) -> date | None:
    """Return the earliest day on which a signed message dates a payment."""
    dated = select(func.min(payment_messages.c.counted_on)).where(
        payment_messages.c.provider_payment_id == provider_payment_id, payment_messages.c.event_type.in_(PAID_EVENTS)
    )
    day: date | None = (await tx.execute(dated)).scalar()
    return day
