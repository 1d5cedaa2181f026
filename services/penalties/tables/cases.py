"""Cases and what people and courts did in them. Decisions and agreements are only ever added."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.penalties.tables import IDS, INSTANT, METADATA

cases = Table(
    "cases",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("run_id", Uuid, nullable=False),
    Column("policy", Text, nullable=False),
    Column("threshold", Text, nullable=False),
    Column("met_on", Date, nullable=False),
    Column("met_session", Text, nullable=False),
    Column("window_from", Date, nullable=False),
    Column("window_to", Date, nullable=False),
    Column("sessions", JSONB, nullable=False),
    Column("counting", JSONB, nullable=False),
    Column("counts", JSONB, nullable=False),
    Column("holiday", Boolean, nullable=False),
    Column("holiday_from", Date),
    Column("holiday_to", Date),
    Column("earliest_time_bar", Date, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("closed_on", Date),
    Column("outcome", Text),
    Column("set_aside_to", Date),
)
Index("uq_cases_one_open", cases.c.pupil_id, unique=True, postgresql_where=text("status = 'open'"))
Index("ix_cases_pupil_id", cases.c.pupil_id)
Index("ix_cases_urn_id", cases.c.urn, cases.c.id)
runs = Table(
    "runs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    Column("revision", Integer, nullable=False),
)
decisions = Table(
    "decisions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("decision", Text, nullable=False),
    Column("parent_ids", IDS, nullable=False),
    Column("reason", Text, nullable=False),
    Column("no_improvement_notice_reason", Text),
    Column("decided_on", Date, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_by_role", Text, nullable=False),
    Column("decided_by_subject", Text, nullable=False),
)
Index("ix_decisions_case_id", decisions.c.case_id)
agreements = Table(
    "agreements",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("recommendation", Text, nullable=False),
    Column("parent_ids", IDS, nullable=False),
    Column("reason", Text, nullable=False),
    Column("agreed_on", Date, nullable=False),
    Column("agreed_at", INSTANT, nullable=False),
    Column("agreed_by", Text, nullable=False),
    Column("agreed_by_role", Text, nullable=False),
    Column("agreed_by_subject", Text, nullable=False),
)
Index("ix_agreements_case_id", agreements.c.case_id)
court_files = Table(
    "court_files",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("parent_id", Uuid, nullable=False),
    Column("notice_ids", IDS, nullable=False),
    Column("charged_sessions", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("charged_on", Date),
    Column("ended_on", Date),
    Column("acquitted", Boolean, nullable=False, server_default=text("false")),
)
Index("ix_court_files_case_id", court_files.c.case_id)
Index("ix_court_files_pupil_id", court_files.c.pupil_id)
holds = Table(
    "holds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("about", Uuid, nullable=False),
    Column("about_kind", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("change", JSONB, nullable=False),
    Column("held_on", Date, nullable=False),
    Column("cleared_on", Date),
    Column("cleared_at", INSTANT),
    Column("cleared_by", Text),
    Column("cleared_by_role", Text),
    Column("cleared_reason", Text),
    # The same change, published again, stops nothing twice.
    UniqueConstraint("about", "subject"),
)
Index("ix_holds_case_id", holds.c.case_id)
