"""Payments, the provider's messages, refunds due."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)


STATEMENTS = """
CREATE TABLE payments (
    id UUID NOT NULL,
    notice_id UUID NOT NULL,
    provider_payment_id TEXT,
    amount_pence INTEGER NOT NULL,
    state TEXT NOT NULL,
    next_url TEXT,
    return_url TEXT NOT NULL,
    created_on DATE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counted_on DATE,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ending BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (id),
    CONSTRAINT fk_payments_notice_id FOREIGN KEY(notice_id) REFERENCES penalty_notices (id),
    CONSTRAINT uq_payments_provider_payment_id UNIQUE (provider_payment_id)
);
CREATE INDEX ix_payments_due ON payments (next_attempt_at) WHERE state = 'open';
CREATE INDEX ix_payments_notice_id ON payments (notice_id);
CREATE TABLE payment_messages (
    id TEXT NOT NULL,
    provider_payment_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    counted_on DATE NOT NULL,
    raw BYTEA NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    processed_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    amount_pence INTEGER,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payment_messages PRIMARY KEY (id)
);
CREATE INDEX ix_payment_messages_due ON payment_messages (next_attempt_at) WHERE processed_at IS NULL;
CREATE INDEX ix_payment_messages_provider_payment_id ON payment_messages (provider_payment_id);
CREATE INDEX ix_payment_messages_suspense ON payment_messages (id) WHERE outcome IN ('unknown', 'unconfirmed');
CREATE TABLE refunds (
    id UUID NOT NULL,
    notice_id UUID NOT NULL,
    amount_pence INTEGER NOT NULL,
    cause TEXT NOT NULL,
    due_on DATE NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (id),
    CONSTRAINT fk_refunds_notice_id FOREIGN KEY(notice_id) REFERENCES penalty_notices (id)
);
CREATE INDEX ix_refunds_notice_id ON refunds (notice_id);
"""
