"""The tables of `prosecutions`. Steps and gate answers are only ever added."""

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint, Uuid, text

from services.prosecutions.domain.evidence import ImprovementNotice, OverdueNotice, PublishedFinding, ReliedOnSession
from shared.attendance.identities import former_upns_table
from shared.database import NAMING, platform_tables
from shared.database.columns import Json

INSTANT = DateTime(timezone=True)
METADATA = MetaData(naming_convention=NAMING)

platform_tables(METADATA)

files = Table(
    "files",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("offence", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("case_id", Uuid, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("parent_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    # The unpaid notice, or else the decision that agreed to a direct referral.
    Column("notice_id", Uuid),
    Column("decision_id", Uuid),
    Column("notice", Json(OverdueNotice)),
    Column("improvement_notices", Json(tuple[ImprovementNotice, ...]), nullable=False),
    Column("sessions", Json(tuple[ReliedOnSession, ...]), nullable=False),
    Column("safe_limit", Date, nullable=False),
    Column("outer_limit", Date, nullable=False),
    Column("findings", Json(tuple[PublishedFinding, ...]), nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("charged_on", Date),
    Column("charged_sessions", Json(tuple[ReliedOnSession, ...])),
    Column("ended_on", Date),
    # The verdict, or why it was given up or stopped.
    Column("outcome", Text),
    Column("orders", Json(tuple[str, ...])),
    UniqueConstraint("notice_id"),
    UniqueConstraint("decision_id", "parent_id"),
)
Index("ix_files_pupil_id", files.c.pupil_id)
Index("ix_files_status_id", files.c.status, files.c.id)

steps = Table(
    "steps",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, ForeignKey("files.id"), nullable=False),
    Column("on", Date, nullable=False),
    Column("what", Text, nullable=False),
    Column("by", Text),
    Column("recorded_at", INSTANT, nullable=False),
)
Index("ix_steps_file_id", steps.c.file_id)

gate_answers = Table(
    "gate_answers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, ForeignKey("files.id"), nullable=False),
    Column("gate", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("answered_by_role", Text, nullable=False),
    Column("answered_on", Date, nullable=False),
    Column("answered_at", INSTANT, nullable=False),
)
Index("ix_gate_answers_file_id", gate_answers.c.file_id)

holds = Table(
    "holds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("file_id", Uuid, ForeignKey("files.id"), nullable=False),
    Column("cause", Text, nullable=False),
    # One fact, received again, never holds a file twice.
    Column("subject", Text, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("cleared_on", Date),
    Column("cleared_at", INSTANT),
    Column("cleared_by", Text),
    Column("cleared_by_role", Text),
    Column("cleared_reason", Text),
    UniqueConstraint("file_id", "subject"),
)

# Projections of events about notices, marks and pupils: kept also while there is no file that they concern.
notice_states = Table(
    "notice_states",
    METADATA,
    Column("notice_id", Uuid, primary_key=True),
    Column("payment_revision", Integer, nullable=False, server_default=text("0")),
    Column("discharged", Boolean, nullable=False, server_default=text("false")),
    Column("withdrawn_on", Date),
    Column("serving_revision", Integer, nullable=False, server_default=text("0")),
    Column("received_on", Date),
    # The letter came back, and the notice was not served again since.
    Column("returned_on", Date),
)

mark_changes = Table(
    "mark_changes",
    METADATA,
    Column("pupil_id", Uuid, primary_key=True),
    Column("urn", Integer, primary_key=True),
    Column("date", Date, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("upn", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    # The main record of the child, where this is another one.
    Column("same_as", Uuid),
)
Index("ix_pupils_upn", pupils.c.upn)
Index("ix_pupils_same_as", pupils.c.same_as, pupils.c.id, postgresql_where=text("same_as IS NOT NULL"))

former_upns = former_upns_table(METADATA)
