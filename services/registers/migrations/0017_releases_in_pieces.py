"""Quarantined marks are released in pieces, found by pupil and by session."""

from alembic import op

from shared.database.row_security import policies

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create the table of pupils whose marks are being released, and the indexes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    explained = "WHERE released_at IS NULL AND reason IN ('unknown-upn', 'not-on-roll')"
    op.execute(f"CREATE INDEX ix_quarantine_by_pupil ON quarantine (urn, upn, date, session, id) {explained}")
    op.execute(f"CREATE INDEX ix_quarantine_by_session ON quarantine (urn, date, session, id) {explained}")
    op.execute("""
        CREATE TABLE releases (
            urn integer NOT NULL, pupil_id uuid NOT NULL, caller text NOT NULL, done_date date, done_session text,
            requested_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_releases PRIMARY KEY (urn, pupil_id)
        )
    """)
    for statement in policies("releases", own="own_schools()"):
        op.execute(statement)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
