"""Reports of imports and requests for leave go when their time is over; nothing else deletes them."""

from alembic import op

revision = "0017"
down_revision = "0016"

_STATEMENTS = """
ALTER TABLE imports ADD COLUMN report_deleted_on date;
CREATE INDEX ix_imports_with_report ON imports (ended_at) WHERE ended_at IS NOT NULL AND report_deleted_on IS NULL;
CREATE INDEX ix_leave_requests_over ON leave_requests (GREATEST(ends_on, decided_on));
DROP TRIGGER refuse_deletion ON leave_requests;
CREATE TRIGGER refuse_deletion BEFORE DELETE ON leave_requests FOR EACH ROW
    WHEN (current_setting('app.forgets', true) IS DISTINCT FROM 'leave_requests') EXECUTE FUNCTION refuse_deletion()
"""


def upgrade() -> None:
    """Note of each import when its report went, and let the job that says so delete requests."""
    for statement in _STATEMENTS.split(";"):
        op.execute(statement)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
