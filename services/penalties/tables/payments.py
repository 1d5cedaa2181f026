"""Payments at the provider, and the provider's signed messages as they came."""

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, Uuid, text

INSTANT = DateTime(timezone=True)


def payment_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Add payments and payment_messages."""
    payments = Table(
        "payments",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("notice_id", Uuid, ForeignKey("penalty_notices.id"), nullable=False),
        Column("provider_payment_id", Text, unique=True),
        Column("amount_pence", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("next_url", Text),
        Column("return_url", Text, nullable=False),
        Column("created_at", INSTANT, nullable=False),
        # The London date that decides the rate; set once, when the money counted.
        Column("counted_on", Date),
        Column("refunded_pence", Integer, nullable=False, server_default=text("0")),
    )
    Index("ix_payments_notice_id", payments.c.notice_id)
    payment_messages = Table(
        "payment_messages",
        metadata,
        Column("id", Text, primary_key=True),
        Column("provider_payment_id", Text, nullable=False),
        Column("raw", LargeBinary, nullable=False),
        Column("received_at", INSTANT, nullable=False),
        Column("processed_at", INSTANT),
        Column("outcome", Text),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("next_attempt_at", INSTANT, nullable=False),
    )
    Index("ix_payment_messages_due", payment_messages.c.next_attempt_at, postgresql_where=text("processed_at IS NULL"))
    return payments, payment_messages
