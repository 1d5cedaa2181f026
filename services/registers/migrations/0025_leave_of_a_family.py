"""Requests for leave that a family asked for together, for several children."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add what such requests share, and the index by which they are found."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE leave_requests ADD COLUMN family_id uuid")
    op.execute("CREATE INDEX ix_leave_requests_family_id ON leave_requests (family_id) WHERE family_id IS NOT NULL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
