"""What was said of a pupil's rolls is compared with what would be said now: with former UPNs, of which most pupils have none."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Let the rolls of whoever has had one UPN alone count as said."""
    op.execute("UPDATE pupils SET said_rolls = said_rolls || '{\"former_upns\": []}' WHERE said_rolls IS NOT NULL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
