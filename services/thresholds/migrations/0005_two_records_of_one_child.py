"""Two records of one child are judged as one."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the column and its index."""
    op.execute("ALTER TABLE pupils ADD COLUMN same_as uuid")
    op.execute("CREATE INDEX ix_pupils_same_as ON pupils (same_as, id) WHERE same_as IS NOT NULL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
