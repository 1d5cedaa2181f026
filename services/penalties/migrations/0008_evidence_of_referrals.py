"""The sessions that a referral to court carried when the authority agreed to it: published again, it carries the same."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; agreements of before have none, and are not published again where they refer to court."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE agreements ADD COLUMN referred_sessions jsonb NOT NULL DEFAULT '[]'")
