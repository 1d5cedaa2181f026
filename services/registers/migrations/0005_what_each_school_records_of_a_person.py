"""Names and birth date that count beside those of each school, what a school's roll entry is worth, and where an officer must decide."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and tables; what stands goes on counting, and where schools differ already an officer is asked."""
    op.execute((Path(__file__).parent / "0005_differences.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
