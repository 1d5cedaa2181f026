"""When a worker was last at work, and why due work is paused."""

from alembic import op

from shared.database.platform import create_due_work_pause

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_due_work_pause()
