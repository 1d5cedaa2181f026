"""Indexes for lists of cases and notices by deadline."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_cases_deadline ON cases (status, earliest_time_bar, id)")
    op.execute("CREATE INDEX ix_improvement_notices_deadline ON improvement_notices (status, (COALESCE(ends_on, planned_ends_on)), id)")
    op.execute("CREATE INDEX ix_penalty_notices_deadline ON penalty_notices (status, (COALESCE(final_deadline, planned_final_deadline)), id)")
