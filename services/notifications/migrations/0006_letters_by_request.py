"""Lists of letters go by when they were requested: a letter's id is derived from what it is about, and sorts by nothing."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the indexes of the new order in place of those of the old one."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP INDEX ix_letters_urn_id, ix_letters_status_id")
    op.execute("CREATE INDEX ix_letters_urn_requested_at ON letters (urn, requested_at, id)")
    op.execute("CREATE INDEX ix_letters_status_requested_at ON letters (status, requested_at, id)")
