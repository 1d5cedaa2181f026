"""Decisions and answers of the authority name the code of conduct that was in force."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the columns."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("decisions", "agreements"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN findings jsonb DEFAULT '[]' NOT NULL")
