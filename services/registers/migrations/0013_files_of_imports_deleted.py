"""The file of an import goes some time after it has ended; when it went is noted."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Note of each import when its file was deleted."""
    op.execute("ALTER TABLE imports ADD COLUMN file_deleted_on date")
    op.execute("CREATE INDEX ix_imports_with_file ON imports (ended_at) WHERE ended_at IS NOT NULL AND file_deleted_on IS NULL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
