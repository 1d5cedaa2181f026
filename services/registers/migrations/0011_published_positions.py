"""Where each published event stands in its topic, and the last one of each partition."""

from alembic import op

from shared.database.platform import create_published_positions

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns and the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_published_positions()
