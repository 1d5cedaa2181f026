"""Cases and what people and courts did in them. Decisions and agreements are only ever added."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.penalties.tables import IDS, METADATA
from shared.database.columns import INSTANT, flags, optional, required

cases = Table(
    "cases",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "pupil_id", "run_id"),
    *required(Integer, "urn"),
    *required(Text, "la_code", "status", "policy", "threshold", "met_session"),
    *required(Date, "opened_on", "met_on", "window_from", "window_to", "earliest_time_bar"),
    *required(JSONB, "sessions", "counting", "counts", "findings"),
    *required(Boolean, "holiday"),
    *optional(Date, "holiday_from", "holiday_to", "closed_on", "set_aside_to"),
    *optional(Text, "outcome", "opening_reason", "opened_by", "opened_by_role"),
    *flags("by_hand"),
)
Index("uq_cases_run_id", cases.c.run_id, unique=True)
Index("ix_cases_pupil_id", cases.c.pupil_id)
Index("ix_cases_urn_id", cases.c.urn, cases.c.id)
Index("ix_cases_opened_on", cases.c.opened_on, cases.c.id)
Index("ix_cases_deadline", cases.c.status, cases.c.earliest_time_bar, cases.c.id)
runs = Table(
    "runs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "pupil_id"),
    Column("case_id", Uuid, ForeignKey("cases.id")),
    *required(Integer, "revision"),
)
decisions = Table(
    "decisions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(Text, "decision", "reason", "decided_by", "decided_by_role", "decided_by_subject"),
    *optional(Text, "no_improvement_notice_reason"),
    *required(IDS, "parent_ids"),
    *required(Date, "decided_on"),
    *required(INSTANT, "decided_at"),
    # Which code of conduct was in force.
    Column("findings", JSONB, nullable=False, server_default=text("'[]'")),
)
Index("ix_decisions_case_id", decisions.c.case_id)
agreements = Table(
    "agreements",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(Boolean, "agreed"),
    *required(Text, "recommendation", "reason", "agreed_by", "agreed_by_role", "agreed_by_subject"),
    *required(IDS, "parent_ids"),
    *required(Date, "agreed_on"),
    *required(INSTANT, "agreed_at"),
    # The school whose accredited persons may issue the notice.
    *optional(Integer, "refer_to"),
    # What a referral to court rests on.
    Column("referred_sessions", JSONB, nullable=False, server_default=text("'[]'")),
    Column("findings", JSONB, nullable=False, server_default=text("'[]'")),
    # The last day on which it may be acted on, and the period of the offence that it names.
    *optional(Date, "in_force_until", "offence_from", "offence_to"),
)
Index("ix_agreements_case_id", agreements.c.case_id)
court_files = Table(
    "court_files",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Uuid, "case_id", "pupil_id", "parent_id"),
    *required(IDS, "notice_ids"),
    *required(JSONB, "charged_sessions"),
    *required(Text, "status"),
    *optional(Date, "charged_on", "ended_on"),
    *flags("acquitted"),
    *optional(Text, "verdict"),
    # Until which day the prosecutor may appeal against an acquittal.
    *optional(Date, "appeal_until"),
    # The authority's agreement on which it was opened without a penalty notice.
    *optional(Uuid, "agreement_id"),
)
Index("ix_court_files_case_id", court_files.c.case_id)
Index("ix_court_files_pupil_id", court_files.c.pupil_id)
holds = Table(
    "holds",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    *required(Uuid, "about"),
    *required(Text, "about_kind", "cause", "subject"),
    *required(JSONB, "change"),
    *required(Date, "held_on"),
    *optional(Date, "cleared_on"),
    *optional(INSTANT, "cleared_at"),
    *optional(Text, "cleared_by", "cleared_by_role", "cleared_reason"),
    # The same change, published again, stops nothing twice.
    UniqueConstraint("about", "subject"),
)
Index("ix_holds_case_id", holds.c.case_id)
