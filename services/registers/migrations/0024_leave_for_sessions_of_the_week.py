"""Leave for some sessions of every week: a part-time timetable has fixed days and times."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add what was asked for and what was granted; the second stands as the decision does."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE leave_requests ADD COLUMN pattern jsonb, ADD COLUMN granted_pattern jsonb")
    op.execute("""
        CREATE OR REPLACE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.state = 'withdrawn' THEN
                RAISE EXCEPTION 'leave that was withdrawn stays so';
            END IF;
            IF OLD.state <> 'asked' AND (NEW.state <> 'withdrawn'
                OR (NEW.code, NEW.decision_reason, NEW.decided_on, NEW.decided_at, NEW.decided_by, NEW.decided_role, NEW.late, NEW.findings,
                    NEW.granted_pattern)
                   IS DISTINCT FROM
                   (OLD.code, OLD.decision_reason, OLD.decided_on, OLD.decided_at, OLD.decided_by, OLD.decided_role, OLD.late, OLD.findings,
                    OLD.granted_pattern)) THEN
                RAISE EXCEPTION 'a decision about leave is made once';
            END IF;
            RETURN NEW;
        END $$
    """)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
