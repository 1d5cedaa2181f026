"""Which school continues which: what was a predecessor's is the successor's own."""

from shared.attendance.successions import create_successions

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    create_successions()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
