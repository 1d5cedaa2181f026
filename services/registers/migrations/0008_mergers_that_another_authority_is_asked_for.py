"""Proposals that two records are of one child, one of which is in nobody's reach but another authority's."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table, bound to those who proposed."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
