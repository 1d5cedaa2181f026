"""The tables of `notifications`. Proofs and retries are only ever added."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.notifications.domain.notices import Correction, Payment, Withdrawal
from shared.attendance.successions import successions_table
from shared.database import NAMING, platform_tables
from shared.database.columns import INSTANT, Json, counters, optional, required

METADATA = MetaData(naming_convention=NAMING)

platform_tables(METADATA)
successions_table(METADATA)

letters = Table(
    "letters",
    METADATA,
    # Derived from what makes a letter the only one of its kind: requested again, also from an old copy of the database, it finds the first.
    Column("id", Uuid, primary_key=True),
    # About: the notice that the letter is, or is about; or the request for leave.
    *required(Uuid, "about", "parent_id", "pupil_id"),
    *required(Text, "kind", "la_code", "channel", "status"),
    *required(Integer, "urn"),
    # The kind of the notice that the letter is about; null for leave.
    *optional(Text, "notice_kind"),
    # What the letter is sent for, where it is not the notice itself.
    *optional(Json(Withdrawal | Payment | Correction), "occasion"),
    *required(INSTANT, "requested_at"),
    # When a job takes it up next; null: no job has anything to do.
    *optional(INSTANT, "next_attempt_at"),
    *counters("attempts"),
    *optional(Text, "last_error", "provider_id"),
    # What was printed, and the exact file.
    *optional(JSONB(none_as_null=True), "contents"),
    *optional(LargeBinary, "pdf"),
    *optional(Date, "made_on", "posted_on", "received_on", "returned_on"),
    # When it was found that it had been handed over with a day on it, `made_on`, that lay ahead.
    *optional(Date, "misdated_on"),
    UniqueConstraint("about", "kind", "parent_id"),
)
Index("ix_letters_due", letters.c.status, letters.c.next_attempt_at, postgresql_where=text("next_attempt_at IS NOT NULL"))
Index("ix_letters_urn_requested_at", letters.c.urn, letters.c.requested_at, letters.c.id)
Index("ix_letters_status_requested_at", letters.c.status, letters.c.requested_at, letters.c.id)
Index("ix_letters_made_on", letters.c.made_on)
Index("ix_letters_misdated", letters.c.requested_at, letters.c.id, postgresql_where=text("misdated_on IS NOT NULL"))
Index("ix_letters_provider_id", letters.c.provider_id)

proofs = Table(
    "proofs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("letter_id", Uuid, ForeignKey("letters.id"), nullable=False),
    *required(Integer, "revision"),
    *required(Text, "method"),
    *required(Date, "posted_on", "received_on"),
    # The printer's response, and by which rule the day of receipt follows.
    *required(JSONB, "evidence", "findings"),
    *required(INSTANT, "recorded_at"),
    UniqueConstraint("letter_id", "revision"),
)

retries = Table(
    "retries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("letter_id", Uuid, ForeignKey("letters.id"), nullable=False),
    *required(Text, "reason", "asked_by", "asked_by_role"),
    *required(INSTANT, "asked_at"),
)
Index("ix_retries_letter_id", retries.c.letter_id)

date_decisions = Table(
    "date_decisions",
    METADATA,
    Column("letter_id", Uuid, ForeignKey("letters.id"), primary_key=True),
    # Whether a correcting letter goes out.
    Column("corrects", Boolean, nullable=False),
    *required(Text, "reason", "decided_by", "decided_by_role"),
    *required(INSTANT, "decided_at"),
)
"""What a person decided about letters that were sent with a day on them that lay ahead."""

school_messages = Table(
    "school_messages",
    METADATA,
    Column("id", Uuid, primary_key=True),
    # About: the run for threshold-met, the decision for case-decided; for threshold-approaching the occasion.
    *required(Uuid, "about", "pupil_id"),
    *required(Text, "kind", "la_code"),
    *required(Integer, "urn"),
    *required(JSONB, "facts"),
    *required(INSTANT, "sent_at"),
    UniqueConstraint("kind", "about"),
)
Index("ix_school_messages_urn_id", school_messages.c.urn, school_messages.c.id)

court_files = Table(
    "court_files",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "case_id", "pupil_id", "parent_id"),
    # The notices that the file is based on.
    Column("notice_ids", ARRAY(Uuid, as_tuple=True), nullable=False),
    # opened, charged, concluded or withdrawn, and since which day.
    *required(Text, "status"),
    *required(Date, "since"),
    # The verdict, or why the file was given up.
    *optional(Text, "outcome"),
)
"""What became of the court files that rest on notices, as `prosecutions` published it."""
Index("ix_court_files_notice_ids", court_files.c.notice_ids, postgresql_using="gin")
