"""Cases that a person opens: by whom, and why."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the columns; every case until now was opened by the threshold."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE cases ADD COLUMN by_hand boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE cases ADD COLUMN opening_reason text, ADD COLUMN opened_by text, ADD COLUMN opened_by_role text")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
