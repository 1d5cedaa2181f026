"""Files that were opened on a day that lies ahead are found by an index."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_files_opened_on ON files (opened_on)")
