"""Requests for leave of absence and what was decided."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, Table, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.registers.tables import INSTANT, METADATA
from shared.database.columns import optional, required

leave_requests = Table(
    "leave_requests",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("family_id", Uuid),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("parent_id", Uuid, ForeignKey("parents.id"), nullable=False),
    *optional(Boolean, "lives_with_pupil", "late"),
    *required(Date, "asked_on", "starts_on", "ends_on"),
    *required(Text, "reason", "recorded_by", "recorded_role"),
    Column("recorded_at", INSTANT, nullable=False, server_default=func.now()),
    Column("state", Text, nullable=False, server_default=text("'asked'")),
    *optional(Text, "code", "decision_reason", "decided_by", "decided_role", "withdrawn_by", "withdrawn_role", "withdrawal_reason"),
    *optional(Date, "decided_on", "withdrawn_on"),
    *optional(INSTANT, "decided_at", "withdrawn_at"),
    Column("findings", JSONB(none_as_null=True)),
    Column("pattern", JSONB(none_as_null=True)),
    Column("granted_pattern", JSONB(none_as_null=True)),
    Column("decided_parents", ARRAY(Uuid, as_tuple=True)),
    CheckConstraint("ends_on >= starts_on", name="order"),
    CheckConstraint("state IN ('asked', 'granted', 'refused', 'withdrawn')", name="state"),
    CheckConstraint(
        "CASE state WHEN 'granted' THEN code IS NOT NULL WHEN 'withdrawn' THEN (code IS NULL) = (decided_at IS NULL) ELSE code IS NULL END",
        name="code",
    ),
    CheckConstraint("state = 'withdrawn' OR (state = 'asked') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
    CheckConstraint("withdrawn_on < starts_on", name="before"),
)
Index("ix_leave_requests_pupil_id", leave_requests.c.pupil_id)
Index("ix_leave_requests_family_id", leave_requests.c.family_id, postgresql_where=text("family_id IS NOT NULL"))
Index("ix_leave_requests_urn_id", leave_requests.c.urn, leave_requests.c.id)
Index("ix_leave_requests_deadline", leave_requests.c.state, leave_requests.c.starts_on, leave_requests.c.id)
Index("ix_leave_requests_granted", leave_requests.c.urn, leave_requests.c.starts_on, postgresql_where=text("state = 'granted'"))
Index("ix_leave_requests_over", func.greatest(leave_requests.c.ends_on, leave_requests.c.decided_on))
"""`lives_with_pupil`: what the school had recorded when it was asked. A decision is made once, and stands when the leave is withdrawn.
`pattern`: the sessions of the week that were asked for, `granted_pattern`: those that were granted (null: every session of these days).
`decided_parents`: whom it was for (null: decided before that was stored; it was for the parent who asked)."""
