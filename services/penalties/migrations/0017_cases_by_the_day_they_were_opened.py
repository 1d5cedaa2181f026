"""Reports and the list of undecided cases ask for cases by the day on which they were opened."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_cases_opened_on ON cases (opened_on, id)")
