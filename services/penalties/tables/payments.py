"""Payments at the provider, the provider's signed messages as they came, and what is to be paid back."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text

from services.penalties.tables import METADATA
from shared.database.columns import INSTANT, counters, flags, optional, required

payments = Table(
    "payments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("notice_id", Uuid, ForeignKey("penalty_notices.id"), nullable=False),
    Column("provider_payment_id", Text, unique=True),
    *required(Integer, "amount_pence"),
    # intended (the provider has not answered yet), open, success, closed.
    *required(Text, "state", "return_url"),
    *optional(Text, "next_url"),
    *required(Date, "created_on"),
    # The London date that decides the rate; null until the money counted. Only ever moved to an earlier day.
    *optional(Date, "counted_on"),
    # The next attempt: when to ask the provider again, should no message come.
    *required(INSTANT, "created_at", "next_attempt_at"),
    *counters("attempts"),
    # The notice can no longer be paid, and the provider was asked because of it.
    *flags("cancel_requested"),
)
Index("ix_payments_notice_id", payments.c.notice_id)
Index("ix_payments_due", payments.c.next_attempt_at, postgresql_where=text("state = 'open'"))
Index("ix_payments_counted_on", payments.c.counted_on, postgresql_where=text("state = 'success'"))
payment_messages = Table(
    "payment_messages",
    METADATA,
    Column("id", Text, primary_key=True),
    *required(Text, "provider_payment_id", "event_type"),
    # The London date of the event's instant, at the latest the day on which it was received.
    *required(Date, "counted_on"),
    *required(LargeBinary, "raw"),
    *required(INSTANT, "received_at", "next_attempt_at"),
    *optional(INSTANT, "processed_at"),
    # counted, nothing-to-count; in suspense: unknown (a payment that is none of ours), unconfirmed (the provider does not bear it out).
    *optional(Text, "outcome"),
    # The amount of a payment that is none of ours: for the person who looks into it.
    *optional(Integer, "amount_pence"),
    *counters("attempts"),
)
Index("ix_payment_messages_due", payment_messages.c.next_attempt_at, postgresql_where=text("processed_at IS NULL"))
Index("ix_payment_messages_provider_payment_id", payment_messages.c.provider_payment_id)
Index("ix_payment_messages_suspense", payment_messages.c.id, postgresql_where=text("outcome IN ('unknown', 'unconfirmed')"))
refunds = Table(
    "refunds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("notice_id", Uuid, ForeignKey("penalty_notices.id"), nullable=False),
    *required(Integer, "amount_pence"),
    # overpaid, withdrawn, charged.
    *required(Text, "cause"),
    *required(Date, "due_on"),
)
Index("ix_refunds_notice_id", refunds.c.notice_id)
