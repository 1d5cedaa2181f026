"""The support log. An entry is the child's; its versions are only ever added."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.penalties.tables import METADATA
from shared.database.columns import INSTANT, optional, required

support_entries = Table(
    "support_entries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "pupil_id"),
    # The school and the authority for which it was written.
    *required(Integer, "urn"),
    *required(Text, "la_code", "written_for"),
    # Of the version that holds now.
    *required(Integer, "version"),
    *required(Date, "made_on"),
)
Index("ix_support_entries_log", support_entries.c.pupil_id, support_entries.c.made_on, support_entries.c.id)
support_versions = Table(
    "support_versions",
    METADATA,
    Column("entry_id", Uuid, ForeignKey("support_entries.id"), nullable=False),
    *required(Integer, "version"),
    *required(JSONB, "content"),
    *optional(Text, "correction_reason"),
    *required(Text, "written_by", "written_by_role", "written_by_subject", "written_for"),
    *required(INSTANT, "written_at"),
    PrimaryKeyConstraint("entry_id", "version"),
)
support_steps = Table(
    "support_steps",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("entry_id", Uuid, ForeignKey("support_entries.id"), nullable=False),
    *required(Text, "step", "notes", "recorded_by", "recorded_by_role", "recorded_by_subject"),
    *required(Date, "taken_on"),
    *required(INSTANT, "recorded_at"),
)
Index("ix_support_steps_entry_id", support_steps.c.entry_id)
case_leads = Table(
    "case_leads",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(Text, "name", "office", "recorded_by", "recorded_by_role", "recorded_by_subject"),
    *required(Date, "since"),
    *required(INSTANT, "recorded_at"),
)
Index("ix_case_leads_case_id", case_leads.c.case_id, case_leads.c.since, case_leads.c.id)
support_attachments = Table(
    "support_attachments",
    METADATA,
    Column("entry_id", Uuid, ForeignKey("support_entries.id"), nullable=False),
    *required(Integer, "number", "version"),
    *required(Text, "name", "media_type", "attached_by", "attached_by_role", "attached_by_subject"),
    *required(BigInteger, "size"),
    *required(LargeBinary, "sha256"),
    *required(INSTANT, "attached_at"),
    PrimaryKeyConstraint("entry_id", "number"),
)
support_pieces = Table(
    "support_pieces",
    METADATA,
    *required(Uuid, "entry_id"),
    *required(Integer, "number", "position"),
    *required(LargeBinary, "content"),
    PrimaryKeyConstraint("entry_id", "number", "position"),
    ForeignKeyConstraint(["entry_id", "number"], ["support_attachments.entry_id", "support_attachments.number"]),
)
"""The content of the files, in pieces of a megabyte, as registers keeps files that are imported."""
