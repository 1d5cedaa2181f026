"""An index for lists of leave by the day on which it begins."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_leave_requests_deadline ON leave_requests (state, starts_on, id)")
