"""What the last look for each state that must never exist found."""

from alembic import op

from shared.database.platform import create_invariant_checks

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    create_invariant_checks()
