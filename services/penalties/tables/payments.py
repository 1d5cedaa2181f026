"""Payments at the provider, the provider's signed messages as they came, and what is to be paid back."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid, text

from services.penalties.tables import INSTANT, METADATA

payments = Table(
    "payments",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("notice_id", Uuid, ForeignKey("penalty_notices.id"), nullable=False),
    Column("provider_payment_id", Text, unique=True),
    Column("amount_pence", Integer, nullable=False),
    # intended (the provider has not answered yet), open, success, closed.
    Column("state", Text, nullable=False),
    Column("next_url", Text),
    Column("return_url", Text, nullable=False),
    Column("created_on", Date, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    # The London date that decides the rate; null until the money counted. Only ever moved to an earlier day.
    Column("counted_on", Date),
    # When to ask the provider again, should no message come.
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", INSTANT, nullable=False),
    # The notice can no longer be paid, and the provider was asked because of it.
    Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
)
Index("ix_payments_notice_id", payments.c.notice_id)
Index("ix_payments_due", payments.c.next_attempt_at, postgresql_where=text("state = 'open'"))
payment_messages = Table(
    "payment_messages",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("provider_payment_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    # The London date of the event's instant, at the latest the day on which it was received.
    Column("counted_on", Date, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("received_at", INSTANT, nullable=False),
    Column("processed_at", INSTANT),
    # counted, nothing-to-count; in suspense: unknown (a payment that is none of ours), unconfirmed (the provider does not bear it out).
    Column("outcome", Text),
    # The amount of a payment that is none of ours: for the person who looks into it.
    Column("amount_pence", Integer),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", INSTANT, nullable=False),
)
Index("ix_payment_messages_due", payment_messages.c.next_attempt_at, postgresql_where=text("processed_at IS NULL"))
Index("ix_payment_messages_provider_payment_id", payment_messages.c.provider_payment_id)
Index("ix_payment_messages_suspense", payment_messages.c.id, postgresql_where=text("outcome IN ('unknown', 'unconfirmed')"))
refunds = Table(
    "refunds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("notice_id", Uuid, ForeignKey("penalty_notices.id"), nullable=False),
    Column("amount_pence", Integer, nullable=False),
    # overpaid, withdrawn, charged.
    Column("cause", Text, nullable=False),
    Column("due_on", Date, nullable=False),
)
Index("ix_refunds_notice_id", refunds.c.notice_id)
