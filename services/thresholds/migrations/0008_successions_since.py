"""Since when a school continues another."""

from shared.attendance.successions import add_since

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column."""
    add_since()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
