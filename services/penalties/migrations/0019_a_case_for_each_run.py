"""Each run has a case of its own: a pupil may have several open cases, and no two cases are of one run."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Replace the index of one open case for each pupil. Cases that a newer run took over stay as they are, with the newer run."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE UNIQUE INDEX uq_cases_run_id ON cases (run_id)")
    op.execute("DROP INDEX uq_cases_one_open")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
