"""Two records of one child: what is known of either is known of the child."""

from shared.attendance.identities import add_same_as, create_records_of

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the column, its index, and what finds the records of a child (a pupil of whom nothing was heard has one)."""
    add_same_as()
    create_records_of()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
