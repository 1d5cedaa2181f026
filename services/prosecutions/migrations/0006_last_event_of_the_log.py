"""The event before a consumer's stored offset: by it a log that was lost and filled again is told from the one that was read."""

from shared.database.platform import add_last_event

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column."""
    add_last_event()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
