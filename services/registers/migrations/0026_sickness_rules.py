"""A school's sickness rule, as a part of its attendance policy, and what was answered about an O shortly after an illness."""

from alembic import op

from shared.database.row_security import policies

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the column and create the table, which is only added to."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE attendance_policies ADD COLUMN sickness_rule_hours smallint")
    op.execute("""
        CREATE TABLE sickness_answers (
            id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_sickness_answers PRIMARY KEY,
            pupil_id uuid NOT NULL, date date NOT NULL, urn integer NOT NULL, version integer NOT NULL,
            session text NOT NULL, caller text NOT NULL, answered_by text NOT NULL, reason text NOT NULL, turned_away boolean NOT NULL,
            answered_at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX ix_sickness_answers_urn_pupil_id ON sickness_answers (urn, pupil_id, date)")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON sickness_answers FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    for statement in policies("sickness_answers", own="own_schools()"):
        op.execute(statement)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
