"""An agreement may refer the case to the accredited persons of a school."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the school to the agreements."""
    op.execute("ALTER TABLE agreements ADD COLUMN refer_to integer")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
