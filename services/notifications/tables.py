"""The tables of `notifications`. Proofs and retries are only ever added."""

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.notifications.domain.notices import Payment, Withdrawal
from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables
from shared.database.columns import Json

INSTANT = DateTime(timezone=True)
METADATA = MetaData(naming_convention=NAMING)

platform_tables(METADATA)
successions_table(METADATA)

letters = Table(
    "letters",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    # The notice that the letter is, or is about; or the request for leave.
    Column("about", Uuid, nullable=False),
    Column("parent_id", Uuid, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    # The kind of the notice that the letter is about; null for leave.
    Column("notice_kind", Text),
    # What the letter is sent for, where it is not the notice itself.
    Column("occasion", Json(Withdrawal | Payment)),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("requested_at", INSTANT, nullable=False),
    # When a job takes it up next; null: no job has anything to do.
    Column("next_attempt_at", INSTANT),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("last_error", Text),
    # What was printed, and the exact file.
    Column("contents", JSONB(none_as_null=True)),
    Column("pdf", LargeBinary),
    Column("made_on", Date),
    Column("provider_id", Text),
    Column("posted_on", Date),
    Column("received_on", Date),
    Column("returned_on", Date),
    UniqueConstraint("about", "kind", "parent_id"),
)
Index("ix_letters_due", letters.c.status, letters.c.next_attempt_at, postgresql_where=text("next_attempt_at IS NOT NULL"))
Index("ix_letters_urn_id", letters.c.urn, letters.c.id)
Index("ix_letters_provider_id", letters.c.provider_id)

proofs = Table(
    "proofs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("letter_id", Uuid, ForeignKey("letters.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("method", Text, nullable=False),
    Column("posted_on", Date, nullable=False),
    Column("received_on", Date, nullable=False),
    # The printer's response.
    Column("evidence", JSONB, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("recorded_at", INSTANT, nullable=False),
    UniqueConstraint("letter_id", "revision"),
)

retries = Table(
    "retries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("letter_id", Uuid, ForeignKey("letters.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_role", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
)
Index("ix_retries_letter_id", retries.c.letter_id)

school_messages = Table(
    "school_messages",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    # What it is about: the run for threshold-met, the decision for case-decided; for threshold-approaching the occasion.
    Column("about", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("sent_at", INSTANT, nullable=False),
    UniqueConstraint("kind", "about"),
)
Index("ix_school_messages_urn_id", school_messages.c.urn, school_messages.c.id)
