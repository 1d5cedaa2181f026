"""The tables of `prosecutions`. Steps and gate answers are only ever added."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint, Uuid, text

from services.prosecutions.domain.evidence import ImprovementNotice, OverdueNotice, PublishedFinding, ReliedOnSession
from shared.attendance.identities import former_upns_table
from shared.database import NAMING, platform_tables
from shared.database.columns import INSTANT, Json, counters, flags, optional, required

METADATA = MetaData(naming_convention=NAMING)

platform_tables(METADATA)
former_upns = former_upns_table(METADATA)

files = Table(
    "files",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Text, "offence", "status", "la_code"),
    *flags("held"),
    *required(Uuid, "case_id", "pupil_id", "parent_id"),
    *required(Integer, "urn"),
    # The unpaid notice, or else the decision that agreed to a direct referral.
    *optional(Uuid, "notice_id", "decision_id"),
    *optional(Json(OverdueNotice), "notice"),
    *required(Json(tuple[ImprovementNotice, ...]), "improvement_notices"),
    *required(Json(tuple[ReliedOnSession, ...]), "sessions"),
    *required(Json(tuple[PublishedFinding, ...]), "findings"),
    *required(Date, "safe_limit", "outer_limit", "opened_on"),
    *optional(Date, "charged_on", "ended_on"),
    *optional(Json(tuple[ReliedOnSession, ...]), "charged_sessions"),
    # The verdict, or why it was given up or stopped.
    *optional(Text, "outcome"),
    *optional(Json(tuple[str, ...]), "orders"),
    UniqueConstraint("notice_id"),
    UniqueConstraint("decision_id", "parent_id"),
)
Index("ix_files_pupil_id", files.c.pupil_id)
Index("ix_files_status_id", files.c.status, files.c.id)
Index("ix_files_opened_on", files.c.opened_on)
Index("ix_files_deadline", files.c.status, files.c.safe_limit, files.c.id)

steps = Table(
    "steps",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, ForeignKey("files.id"), nullable=False),
    *required(Date, "on"),
    *required(Text, "what"),
    *optional(Text, "by"),
    *required(INSTANT, "recorded_at"),
)
Index("ix_steps_file_id", steps.c.file_id)

gate_answers = Table(
    "gate_answers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, ForeignKey("files.id"), nullable=False),
    *required(Text, "gate", "answer", "reason", "answered_by", "answered_by_role"),
    *required(Date, "answered_on"),
    *required(INSTANT, "answered_at"),
)
Index("ix_gate_answers_file_id", gate_answers.c.file_id)

holds = Table(
    "holds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, ForeignKey("files.id"), nullable=False),
    # One fact, the subject, received again, never holds a file twice.
    *required(Text, "cause", "subject"),
    *required(Date, "held_on"),
    *optional(Date, "cleared_on"),
    *optional(INSTANT, "cleared_at"),
    *optional(Text, "cleared_by", "cleared_by_role", "cleared_reason"),
    UniqueConstraint("file_id", "subject"),
)

# Projections of events about notices, marks and pupils: kept also while there is no file that they concern.
notice_states = Table(
    "notice_states",
    METADATA,
    Column("notice_id", Uuid, primary_key=True),
    *counters("payment_revision", "serving_revision", "due_revision"),
    *flags("discharged"),
    # Returned: the letter came back, and the notice was not served again since. Payable until: it was overdue too early, and is not now.
    *optional(Date, "withdrawn_on", "received_on", "returned_on", "payable_until"),
)

mark_changes = Table(
    "mark_changes",
    METADATA,
    Column("pupil_id", Uuid, primary_key=True),
    Column("urn", Integer, primary_key=True),
    Column("date", Date, primary_key=True),
    Column("session", Text, primary_key=True),
    *required(Integer, "version"),
)

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Text, "upn"),
    *required(Integer, "revision"),
    # The main record of the child, where this is another one.
    *optional(Uuid, "same_as"),
)
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))
