"""Who reads the topics of this service, and how far."""

from alembic import op

from shared.database.platform import create_topic_readers

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_topic_readers()
