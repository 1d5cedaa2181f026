"""Which UPNs of a pupil are another one's until officers decide."""

from alembic import op

from shared.attendance.identities import add_asserted

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    add_asserted()


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
