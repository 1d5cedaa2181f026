"""What is said is stored as it is: it is kept for days, and compressing five kilobytes of findings costs more than they do."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Store the bodies of events outside of their rows, uncompressed."""
    op.execute("ALTER TABLE outbox ALTER body SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
