"""A quarantined mark is found by its session and code, and a released one by the revision that released it: however many others there are."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the two indexes, the first in place of one by school and UPN alone."""
    op.execute("DROP INDEX ix_quarantine_waiting")
    op.execute("CREATE INDEX ix_quarantine_waiting ON quarantine (urn, upn, date, session, code) WHERE released_at IS NULL")
    op.execute("CREATE INDEX ix_quarantine_released ON quarantine (urn, released_revision) WHERE released_at IS NOT NULL")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
