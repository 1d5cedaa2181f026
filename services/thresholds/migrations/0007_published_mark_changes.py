"""Changes of marks relied on, as they were published: they can be published again, each under the identity that its readers know."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table; what was published before this is not in it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE mark_changes (
            id uuid CONSTRAINT pk_mark_changes PRIMARY KEY, pupil_id uuid NOT NULL, body jsonb NOT NULL,
            recorded_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("CREATE INDEX ix_mark_changes_pupil_id ON mark_changes (pupil_id)")
