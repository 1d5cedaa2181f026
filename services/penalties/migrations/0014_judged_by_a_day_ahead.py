"""What was judged by a day that lies ahead is found by an index: money that counts then, and periods of Notices to Improve."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the column and the indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_payments_counted_on ON payments (counted_on) WHERE state = 'success'")
    op.execute("ALTER TABLE improvement_notices ADD COLUMN judged_on date")
    op.execute("CREATE INDEX ix_improvement_notices_judged_on ON improvement_notices (judged_on) WHERE status = 'served'")
