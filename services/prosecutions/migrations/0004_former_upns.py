"""Former UPNs find the pupil's files."""

from shared.attendance.identities import create_former_upns

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    create_former_upns()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
