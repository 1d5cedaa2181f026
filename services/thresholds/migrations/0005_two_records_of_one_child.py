"""Two records of one child are judged as one."""

from shared.attendance.identities import add_same_as

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the column and its index."""
    add_same_as()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
