"""What an import notes of a file and its lines, marks of schools that are not known yet, and a pupil's admission number."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns and the table; an import that is under way begins anew, since its lines have another order."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
