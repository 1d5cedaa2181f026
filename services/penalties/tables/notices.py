"""Notices to Improve and penalty notices: one row for each parent and child."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.penalties.tables import INSTANT, METADATA

improvement_notices = Table(
    "improvement_notices",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("parent_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("calendar_urn", Integer, nullable=False),
    Column("sessions", JSONB, nullable=False),
    Column("support_offered", Text, nullable=False),
    Column("support_available", Text, nullable=False),
    Column("contact", JSONB, nullable=False),
    Column("expected_improvement", Text, nullable=False),
    Column("early_grounds", Text),
    Column("issued_on", Date, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_by_role", Text, nullable=False),
    Column("planned_served_on", Date, nullable=False),
    Column("planned_starts_on", Date, nullable=False),
    Column("planned_ends_on", Date, nullable=False),
    Column("method", Text),
    Column("posted_on", Date),
    Column("served_on", Date),
    Column("proof_id", Uuid),
    Column("served_revision", Integer, nullable=False, server_default=text("0")),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("status", Text, nullable=False),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("ended_on", Date),
    Column("outcome_reason", Text),
    Column("ended_by", Text),
    Column("ended_by_role", Text),
    Column("findings", JSONB, nullable=False),
    # Of the receipt that counts now.
    Column("serving_findings", JSONB, nullable=False, server_default=text("'[]'")),
)
Index("ix_improvement_notices_case_id", improvement_notices.c.case_id)
Index("ix_improvement_notices_calendar_urn", improvement_notices.c.calendar_urn, postgresql_where=text("status = 'served'"))
Index("ix_improvement_notices_urn_id", improvement_notices.c.urn, improvement_notices.c.id)
Index(
    "uq_improvement_notices_one_running",
    improvement_notices.c.case_id,
    improvement_notices.c.parent_id,
    unique=True,
    postgresql_where=text("status IN ('issued', 'served')"),
)
penalty_notices = Table(
    "penalty_notices",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
    Column("decision_id", Uuid, ForeignKey("decisions.id"), nullable=False),
    Column("agreement_id", Uuid, ForeignKey("agreements.id"), nullable=False),
    Column("pupil_id", Uuid, nullable=False),
    Column("parent_id", Uuid, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("la_code", Text, nullable=False),
    Column("offence_from", Date, nullable=False),
    Column("offence_to", Date, nullable=False),
    Column("sessions", JSONB, nullable=False),
    Column("main_reason", Text, nullable=False),
    Column("set_aside_reason", Text),
    Column("tier", Text, nullable=False),
    Column("early_pence", Integer, nullable=False),
    Column("full_pence", Integer, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("issued_at", INSTANT, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_by_role", Text, nullable=False),
    # As printed, supposing that the letter is posted on the day of issue.
    Column("planned_received_on", Date, nullable=False),
    Column("planned_early_deadline", Date, nullable=False),
    Column("planned_final_deadline", Date, nullable=False),
    # As served.
    Column("method", Text),
    Column("posted_on", Date),
    Column("received_on", Date),
    Column("proof_id", Uuid),
    Column("served_revision", Integer, nullable=False, server_default=text("0")),
    Column("early_deadline", Date),
    Column("final_deadline", Date),
    Column("overdue_from", Date),
    Column("status", Text, nullable=False),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("paid_pence", Integer, nullable=False, server_default=text("0")),
    Column("paid_on", Date),
    # Grows with every payment-received about this notice.
    Column("revision", Integer, nullable=False, server_default=text("0")),
    # The court's end of a file about this notice.
    Column("concluded_on", Date),
    Column("acquitted", Boolean, nullable=False, server_default=text("false")),
    Column("withdrawn_on", Date),
    Column("withdrawal_ground", Text),
    Column("withdrawal_reason", Text),
    Column("withdrawn_by", Text),
    Column("withdrawn_by_role", Text),
    # Withdrawn on a ground that allows a new notice: its sessions are free again.
    Column("restores", Boolean, nullable=False, server_default=text("false")),
    Column("findings", JSONB, nullable=False),
    # Of the receipt that counts now.
    Column("serving_findings", JSONB, nullable=False, server_default=text("'[]'")),
)
Index("ix_penalty_notices_case_id", penalty_notices.c.case_id)
Index("ix_penalty_notices_parent_id_pupil_id", penalty_notices.c.parent_id, penalty_notices.c.pupil_id)
Index("ix_penalty_notices_pupil_id", penalty_notices.c.pupil_id)
Index("ix_penalty_notices_urn_id", penalty_notices.c.urn, penalty_notices.c.id)
Index("ix_penalty_notices_due", penalty_notices.c.overdue_from, postgresql_where=text("status = 'served' AND NOT held"))
