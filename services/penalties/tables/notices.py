"""Notices to Improve and penalty notices: one row for each parent and child."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB

from services.penalties.tables import METADATA
from shared.database.columns import INSTANT, counters, flags, optional, required


def _of_every_notice() -> list[Column[object]]:
    """Return the columns that both kinds of notice have."""
    return [
        Column("id", Uuid, primary_key=True),
        Column("case_id", Uuid, ForeignKey("cases.id"), nullable=False),
        *required(Uuid, "pupil_id", "parent_id"),
        *required(Integer, "urn"),
        *required(Text, "la_code", "status", "issued_by", "issued_by_role"),
        *required(JSONB, "sessions", "findings"),
        *required(Date, "issued_on"),
        *required(INSTANT, "issued_at"),
        *optional(Text, "method"),
        *optional(Date, "posted_on"),
        *optional(Uuid, "proof_id"),
        *counters("served_revision"),
        *flags("held"),
        # Of the receipt that counts now.
        Column("serving_findings", JSONB, nullable=False, server_default=text("'[]'")),
    ]


improvement_notices = Table(
    "improvement_notices",
    METADATA,
    *_of_every_notice(),
    *required(Integer, "calendar_urn"),
    *required(Text, "support_offered", "support_available", "expected_improvement"),
    *required(JSONB, "contact"),
    *optional(Text, "early_grounds"),
    *required(Date, "planned_served_on", "planned_starts_on", "planned_ends_on"),
    *optional(Date, "served_on", "starts_on", "ends_on", "ended_on"),
    # By which day it was judged last whether the period is over: one that is over does not follow the calendar any more.
    *optional(Date, "judged_on"),
    *optional(Text, "outcome_reason", "ended_by", "ended_by_role"),
)
Index("ix_improvement_notices_case_id", improvement_notices.c.case_id)
Index("ix_improvement_notices_calendar_urn", improvement_notices.c.calendar_urn, postgresql_where=text("status = 'served'"))
Index("ix_improvement_notices_judged_on", improvement_notices.c.judged_on, postgresql_where=text("status = 'served'"))
Index("ix_improvement_notices_urn_id", improvement_notices.c.urn, improvement_notices.c.id)
Index(
    "ix_improvement_notices_deadline",
    improvement_notices.c.status,
    func.coalesce(improvement_notices.c.ends_on, improvement_notices.c.planned_ends_on),
    improvement_notices.c.id,
)
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
    *_of_every_notice(),
    Column("reference", Text, nullable=False, unique=True),
    Column("decision_id", Uuid, ForeignKey("decisions.id"), nullable=False),
    Column("agreement_id", Uuid, ForeignKey("agreements.id"), nullable=False),
    *required(Text, "kind", "main_reason", "tier"),
    *optional(Text, "set_aside_reason"),
    *required(Date, "offence_from", "offence_to"),
    *required(Integer, "early_pence", "full_pence"),
    # As printed, supposing that the letter is posted on the day of issue.
    *required(Date, "planned_received_on", "planned_early_deadline", "planned_final_deadline"),
    # As served.
    *optional(Date, "received_on", "early_deadline", "final_deadline", "overdue_from"),
    *optional(Date, "paid_on"),
    # The revision grows with every payment-received, payment-overdue and notice-changed about this notice.
    *counters("paid_pence", "revision"),
    # The revision of the last payment-received.
    *counters("paid_revision"),
    # The court's end of a file about this notice.
    *optional(Date, "concluded_on"),
    *flags("acquitted"),
    *optional(Date, "withdrawn_on"),
    *optional(Text, "withdrawal_ground", "withdrawal_reason", "withdrawn_by", "withdrawn_by_role"),
    # Withdrawn on a ground that allows a new notice: its sessions are free again.
    *flags("restores"),
)
Index("ix_penalty_notices_case_id", penalty_notices.c.case_id)
Index("ix_penalty_notices_parent_id_pupil_id", penalty_notices.c.parent_id, penalty_notices.c.pupil_id)
Index("ix_penalty_notices_pupil_id", penalty_notices.c.pupil_id)
Index("ix_penalty_notices_urn_id", penalty_notices.c.urn, penalty_notices.c.id)
Index(
    "ix_penalty_notices_deadline",
    penalty_notices.c.status,
    func.coalesce(penalty_notices.c.final_deadline, penalty_notices.c.planned_final_deadline),
    penalty_notices.c.id,
)
Index("ix_penalty_notices_due", penalty_notices.c.overdue_from, postgresql_where=text("status = 'served' AND NOT held"))
Index("ix_penalty_notices_overdue", penalty_notices.c.overdue_from, postgresql_where=text("status = 'overdue'"))
