"""Whether leave was granted for the day of a mark, and the event that holds it."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; what is stored is of before leave was published with marks."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE marks ADD covered boolean NOT NULL DEFAULT false, ADD revision integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
