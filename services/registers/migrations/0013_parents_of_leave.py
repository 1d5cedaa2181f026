"""The parents whom a decision about leave was for: published again, it is for them and nobody who came later."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; of decisions made before, the parent who asked is known."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE leave_requests ADD COLUMN decided_parents uuid[]")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
