"""The tables that every service has besides its own: outbox, inbox, offsets, dead letters, failed work, idempotency keys."""

from alembic import op
from sqlalchemy import BigInteger, Column, Identity, Index, Integer, LargeBinary, MetaData, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.columns import INSTANT, counters, optional, required

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def platform_tables(metadata: MetaData) -> None:
    """Add the platform's tables to a service's metadata."""
    outbox = Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        *required(Text, "topic", "key", "type"),
        Column("body", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("occurred_at", INSTANT, nullable=False, server_default=func.now()),
        Column("published_at", INSTANT),
        # Where the event stands in its topic since it was published last.
        Column("partition", Integer),
        Column("offset", BigInteger),
    )
    Index("ix_outbox_unpublished", outbox.c.position, postgresql_where=text("published_at IS NULL"))
    # The last event that this service knows to have published, in each partition: never deleted.
    Table(
        "published_positions",
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        *required(BigInteger, "offset"),
        *required(Uuid, "event_id"),
        *required(INSTANT, "published_at"),
    )
    # How far each reader of the topics of this service was when that was last looked up; it is remembered until it is removed.
    Table(
        "topic_readers",
        metadata,
        Column("reader", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        *required(BigInteger, "next_offset", "end_offset"),
        *optional(INSTANT, "unread_since", "deleted_at"),
        *required(INSTANT, "seen_at"),
    )
    Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column("received_at", INSTANT, nullable=False, server_default=func.now(), index=True),
    )
    Table(
        "consumer_offsets",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("topic", Text, primary_key=True),
        Column("partition", Integer, primary_key=True),
        Column("next_offset", BigInteger, nullable=False),
        Column("last_event_id", Uuid),
    )
    letters = Table(
        "dead_letters",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("event_id", Uuid, nullable=False),
        *required(Text, "topic", "key", "type"),
        Column("body", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("error", Text),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("arrived_at", INSTANT, nullable=False, server_default=func.now()),
        Column("resolved_at", INSTANT),
        *optional(Text, "resolution", "resolved_by", "reason"),
    )
    Index("ix_dead_letters_waiting", letters.c.consumer, letters.c.key, letters.c.id, postgresql_where=text("resolved_at IS NULL"))
    # Due work whose last attempt failed. No next attempt: it is parked as a dead letter. Without a key it is the job itself that failed.
    Table(
        "failed_work",
        metadata,
        Column("job", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        *counters("attempts"),
        Column("failed_at", INSTANT, nullable=False, server_default=func.now()),
        *optional(INSTANT, "next_attempt_at"),
    )
    # How many attempts of a job ever failed.
    Table("failed_attempts", metadata, Column("job", Text, primary_key=True), *required(BigInteger, "attempts"))
    # What the last look for each state that must never exist found.
    Table(
        "invariant_checks",
        metadata,
        Column("state", Text, primary_key=True),
        *required(BigInteger, "broken"),
        *required(INSTANT, "checked_at"),
    )
    # One row: when a worker was last at work, why due work is paused if it is, and who confirmed last that it may go on.
    Table(
        "due_work_pause",
        metadata,
        Column("id", Integer, primary_key=True),
        *required(INSTANT, "worked_at"),
        Column("cause", Text),
        *optional(INSTANT, "paused_at", "looked_at"),
        *counters("confirmations"),
        Column("confirmed_by", Text),
        *optional(INSTANT, "confirmed_at"),
        Column("reason", Text),
    )
    Table(
        "idempotency_keys",
        metadata,
        Column("caller", Text, primary_key=True),
        Column("path", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("body_hash", LargeBinary, nullable=False),
        Column("status", Integer),
        Column("headers", JSONB),
        Column("answer", LargeBinary),
        Column("started_at", INSTANT, nullable=False, server_default=func.now(), index=True),
    )


def create_failed_work() -> None:
    """Create the tables of due work that failed (each service's migration)."""
    _execute(_FAILED_WORK)


def create_invariant_checks() -> None:
    """Create the table of what the last look for each state that must never exist found (each service's migration)."""
    op.execute(_INVARIANT_CHECKS)


def create_published_positions() -> None:
    """Create what a service knows of where its events stand in their topics (each service's migration)."""
    _execute(_PUBLISHED_POSITIONS)


def create_topic_readers() -> None:
    """Create the table of who reads the topics of a service, and how far (each service's migration)."""
    op.execute(_TOPIC_READERS)


def create_due_work_pause() -> None:
    """Create the table of when a worker was last at work, and of why due work is paused (each service's migration)."""
    op.execute(_DUE_WORK_PAUSE)


def create_platform_tables() -> None:
    """Create the platform's tables (each service's baseline migration)."""
    _execute(_TABLES)


def _execute(statements: str) -> None:
    for statement in statements.split(";"):
        if statement.strip():
            op.execute(statement)


_TABLES = """
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_outbox PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT uq_outbox_event_id UNIQUE, topic text NOT NULL, key text NOT NULL, type text NOT NULL,
    body bytea NOT NULL, headers jsonb NOT NULL, occurred_at timestamptz NOT NULL DEFAULT now(), published_at timestamptz
);
CREATE INDEX ix_outbox_unpublished ON outbox (position) WHERE published_at IS NULL;
CREATE TABLE inbox (
    consumer text NOT NULL, event_id uuid NOT NULL, received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox PRIMARY KEY (consumer, event_id)
);
CREATE INDEX ix_inbox_received_at ON inbox (received_at);
CREATE TABLE consumer_offsets (
    consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_offset bigint NOT NULL, last_event_id uuid,
    CONSTRAINT pk_consumer_offsets PRIMARY KEY (consumer, topic, partition)
);
CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_dead_letters PRIMARY KEY, consumer text NOT NULL,
    event_id uuid NOT NULL, topic text NOT NULL, key text NOT NULL, type text NOT NULL, body bytea NOT NULL,
    headers jsonb NOT NULL, error text, attempts integer NOT NULL DEFAULT 0, arrived_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz, resolution text, resolved_by text, reason text
);
CREATE INDEX ix_dead_letters_waiting ON dead_letters (consumer, key, id) WHERE resolved_at IS NULL;
CREATE TABLE idempotency_keys (
    caller text NOT NULL, path text NOT NULL, key text NOT NULL, body_hash bytea NOT NULL, status integer, headers jsonb,
    answer bytea, started_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (caller, path, key)
);
CREATE INDEX ix_idempotency_keys_started_at ON idempotency_keys (started_at);
"""
_FAILED_WORK = """
CREATE TABLE failed_work (
    job text NOT NULL, key text NOT NULL, attempts integer NOT NULL DEFAULT 0, failed_at timestamptz NOT NULL DEFAULT now(),
    next_attempt_at timestamptz, CONSTRAINT pk_failed_work PRIMARY KEY (job, key)
);
CREATE TABLE failed_attempts (job text NOT NULL CONSTRAINT pk_failed_attempts PRIMARY KEY, attempts bigint NOT NULL);
"""
_PUBLISHED_POSITIONS = """
ALTER TABLE outbox ADD COLUMN partition integer, ADD COLUMN "offset" bigint;
CREATE TABLE published_positions (
    topic text NOT NULL, partition integer NOT NULL, "offset" bigint NOT NULL, event_id uuid NOT NULL, published_at timestamptz NOT NULL,
    CONSTRAINT pk_published_positions PRIMARY KEY (topic, partition)
);
"""
_TOPIC_READERS = """
CREATE TABLE topic_readers (
    reader text NOT NULL, topic text NOT NULL, partition integer NOT NULL, next_offset bigint NOT NULL, end_offset bigint NOT NULL,
    unread_since timestamptz, deleted_at timestamptz, seen_at timestamptz NOT NULL,
    CONSTRAINT pk_topic_readers PRIMARY KEY (reader, topic, partition)
)
"""
_DUE_WORK_PAUSE = """
CREATE TABLE due_work_pause (
    id integer NOT NULL CONSTRAINT pk_due_work_pause PRIMARY KEY, worked_at timestamptz NOT NULL,
    cause text, paused_at timestamptz, looked_at timestamptz,
    confirmations integer NOT NULL DEFAULT 0, confirmed_by text, confirmed_at timestamptz, reason text
)
"""
_INVARIANT_CHECKS = """
CREATE TABLE invariant_checks (
    state text NOT NULL CONSTRAINT pk_invariant_checks PRIMARY KEY, broken bigint NOT NULL, checked_at timestamptz NOT NULL
)
"""
