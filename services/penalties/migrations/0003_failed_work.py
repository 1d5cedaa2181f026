"""Due work that failed, to be tried again or parked."""

from alembic import op

from shared.database.platform import create_failed_work

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables of due work that failed."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_failed_work()
