"""Overdue notices by their dates: those that are overdue too early are found by an index."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_penalty_notices_overdue ON penalty_notices (overdue_from) WHERE status = 'overdue'")
