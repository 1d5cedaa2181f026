"""What became of the court files that rest on notices."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE court_files (
            id uuid NOT NULL CONSTRAINT pk_court_files PRIMARY KEY, case_id uuid NOT NULL, pupil_id uuid NOT NULL, parent_id uuid NOT NULL,
            notice_ids uuid[] NOT NULL, status text NOT NULL, since date NOT NULL, outcome text
        )
    """)
    op.execute("CREATE INDEX ix_court_files_notice_ids ON court_files USING gin (notice_ids)")
