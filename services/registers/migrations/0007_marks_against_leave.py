"""Marks that a person of the school confirmed although leave was granted for their day."""

from alembic import op

from shared.database.row_security import policies

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table, which is only added to, and the index by which granted leave is found."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE confirmed_marks (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_confirmed_marks PRIMARY KEY,
            pupil_id uuid NOT NULL, date date NOT NULL, urn integer NOT NULL, version integer NOT NULL,
            session text NOT NULL, caller text NOT NULL, by_name text NOT NULL, reason text NOT NULL, by_title text,
            confirmed_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_confirmed_marks_urn_pupil_id ON confirmed_marks (urn, pupil_id, date)")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON confirmed_marks FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    op.execute("CREATE INDEX ix_leave_requests_granted ON leave_requests (urn, starts_on) WHERE state = 'granted'")
    for statement in policies("confirmed_marks", own="own_schools()"):
        op.execute(statement)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
