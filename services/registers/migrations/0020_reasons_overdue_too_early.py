"""Reasons that were published as overdue can be judged again: how often that was published, and indexes of what is to be judged."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the counter and the indexes; what is published as overdue was published once."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE unresolved_marks ADD COLUMN judged integer NOT NULL DEFAULT 0")
    op.execute("UPDATE unresolved_marks SET judged = 1 WHERE published_on IS NOT NULL")
    op.execute("DROP INDEX ix_unresolved_marks_undated")
    op.execute("CREATE INDEX ix_unresolved_marks_computed_on ON unresolved_marks (computed_on) WHERE due_on IS NULL OR computed_on IS NULL")
    op.execute("CREATE INDEX ix_unresolved_marks_published_until ON unresolved_marks (due_on) WHERE published_on IS NOT NULL")
    op.execute("CREATE INDEX ix_unresolved_marks_published_early ON unresolved_marks (due_on) WHERE published_on <= due_on")
