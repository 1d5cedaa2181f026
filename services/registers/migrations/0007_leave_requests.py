"""Requests for leave of absence and what was decided."""

from alembic import op

revision = "0007"
down_revision = "0006"

_STATEMENTS = """
CREATE TABLE leave_requests (
    id uuid NOT NULL CONSTRAINT pk_leave_requests PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_leave_requests_pupil_id REFERENCES pupils (id),
    urn integer NOT NULL CONSTRAINT fk_leave_requests_urn REFERENCES schools (urn),
    parent_id uuid NOT NULL CONSTRAINT fk_leave_requests_parent_id REFERENCES parents (id),
    lives_with_pupil boolean,
    asked_on date NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL,
    recorded_role text NOT NULL,
    state text NOT NULL DEFAULT 'asked',
    code text,
    decision_reason text,
    decided_on date,
    decided_at timestamptz,
    decided_by text,
    decided_role text,
    late boolean,
    findings jsonb,
    CONSTRAINT ck_leave_requests_order CHECK (ends_on >= starts_on),
    CONSTRAINT ck_leave_requests_code CHECK ((state = 'granted') = (code IS NOT NULL)),
    CONSTRAINT ck_leave_requests_decided CHECK ((state = 'asked') = (decided_at IS NULL))
);
CREATE INDEX ix_leave_requests_pupil_id ON leave_requests (pupil_id);
CREATE INDEX ix_leave_requests_urn_id ON leave_requests (urn, id);
"""

# A decision stands as it was made.
_ONCE = """
CREATE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'asked' THEN
        RAISE EXCEPTION 'a decision about leave is made once';
    END IF;
    RETURN NEW;
END $$
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
    op.execute(_ONCE)
    op.execute("CREATE TRIGGER decided_once BEFORE UPDATE ON leave_requests FOR EACH ROW EXECUTE FUNCTION refuse_second_decision()")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE DELETE ON leave_requests FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")


def downgrade() -> None:
    raise NotImplementedError
