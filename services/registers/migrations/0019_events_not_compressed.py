"""What is said is stored as it is: a register's event is ids of pupils for the most part, and compressing them costs more than it saves."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Store the bodies of events outside of their rows, uncompressed."""
    op.execute("ALTER TABLE outbox ALTER body SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
