"""Of pupils who are below no judgement is kept: it comes from the facts whenever somebody asks."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Forget what was kept of them."""
    op.execute("UPDATE pupils SET judgement = NULL WHERE status = 'below' AND judgement IS NOT NULL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
