"""An index for lists of pupils, those who met the threshold first."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_pupils_standing ON pupils (array_position('{met,approaching,below}'::text[], status), id)")
