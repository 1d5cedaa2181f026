"""The revision of the last payment of a notice: a later one, of its becoming overdue, is not that of the payment."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; until now a notice had a revision for its payments alone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE penalty_notices ADD COLUMN paid_revision integer NOT NULL DEFAULT 0")
    op.execute("UPDATE penalty_notices SET paid_revision = revision WHERE revision > 0")
