"""Until when a notice may be paid that was overdue too early."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE notice_states ADD COLUMN due_revision integer NOT NULL DEFAULT 0, ADD COLUMN payable_until date")
