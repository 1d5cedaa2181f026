"""A request for leave can be withdrawn; a decision that was made before stands as it was made."""

from alembic import op

revision = "0012"
down_revision = "0011"

_STATEMENTS = """
ALTER TABLE leave_requests
    ADD COLUMN withdrawn_on date,
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_by text,
    ADD COLUMN withdrawn_role text,
    ADD COLUMN withdrawal_reason text;
-- squawk-ignore ban-drop-constraint
ALTER TABLE leave_requests DROP CONSTRAINT ck_leave_requests_code, DROP CONSTRAINT ck_leave_requests_decided;
ALTER TABLE leave_requests
    ADD CONSTRAINT ck_leave_requests_state CHECK (state IN ('asked', 'granted', 'refused', 'withdrawn')),
    ADD CONSTRAINT ck_leave_requests_code CHECK (
        CASE state WHEN 'granted' THEN code IS NOT NULL WHEN 'withdrawn' THEN (code IS NULL) = (decided_at IS NULL) ELSE code IS NULL END),
    ADD CONSTRAINT ck_leave_requests_decided CHECK (state = 'withdrawn' OR (state = 'asked') = (decided_at IS NULL)),
    ADD CONSTRAINT ck_leave_requests_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    ADD CONSTRAINT ck_leave_requests_before CHECK (withdrawn_on < starts_on)
"""

_ONCE = """
CREATE OR REPLACE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'withdrawn' THEN
        RAISE EXCEPTION 'leave that was withdrawn stays so';
    END IF;
    IF OLD.state <> 'asked' AND (NEW.state <> 'withdrawn'
        OR (NEW.code, NEW.decision_reason, NEW.decided_on, NEW.decided_at, NEW.decided_by, NEW.decided_role, NEW.late, NEW.findings)
           IS DISTINCT FROM
           (OLD.code, OLD.decision_reason, OLD.decided_on, OLD.decided_at, OLD.decided_by, OLD.decided_role, OLD.late, OLD.findings)) THEN
        RAISE EXCEPTION 'a decision about leave is made once';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    """Let requests be withdrawn."""
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
    op.execute(_ONCE)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
