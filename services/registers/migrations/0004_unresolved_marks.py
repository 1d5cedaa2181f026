"""N marks that await their reason, with the day by which they must have it."""

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = """
CREATE TABLE unresolved_marks (
    urn integer NOT NULL,
    date date NOT NULL,
    session text NOT NULL,
    pupil_id uuid NOT NULL,
    version integer NOT NULL,
    due_on date,
    looked_on date,
    said_on date,
    CONSTRAINT pk_unresolved_marks PRIMARY KEY (urn, date, session, pupil_id)
);
CREATE INDEX ix_unresolved_marks_undated ON unresolved_marks (looked_on) WHERE due_on IS NULL;
CREATE INDEX ix_unresolved_marks_due_on ON unresolved_marks (due_on) WHERE said_on IS NULL;
INSERT INTO unresolved_marks (urn, date, session, pupil_id, version)
SELECT urn, date, session, pupil_id, version FROM marks WHERE code = 'N' AND date >= '2024-08-19';
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError
