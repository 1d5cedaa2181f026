"""Pupils with their rolls and marks, sessions held, what relies on them, and the runs of the threshold."""

from alembic import op

from shared.attendance.identities import create_former_upns
from shared.attendance.successions import create_successions_table
from shared.database.platform import create_platform_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    create_platform_tables()
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
    create_former_upns()
    create_successions_table()


# The bodies of events are stored outside of their rows, uncompressed: they are kept for days, and compressing five kilobytes of
# findings costs more than storing them.
STATEMENTS = r"""
ALTER TABLE outbox ALTER body SET STORAGE EXTERNAL;
CREATE TABLE pupils (
    id UUID NOT NULL,
    upn TEXT,
    roll_revision INTEGER DEFAULT 0 NOT NULL,
    compulsory_from DATE,
    compulsory_to DATE,
    status TEXT DEFAULT 'below' NOT NULL,
    run_id UUID,
    run_revision INTEGER DEFAULT 0 NOT NULL,
    approaches INTEGER DEFAULT 0 NOT NULL,
    same_as UUID,
    CONSTRAINT pk_pupils PRIMARY KEY (id)
);
CREATE INDEX ix_pupils_upn ON pupils (upn);
CREATE INDEX ix_pupils_same_as ON pupils (same_as, id) WHERE same_as IS NOT NULL;
CREATE INDEX ix_pupils_alert ON pupils (status, id) WHERE status <> 'below';
CREATE TABLE rolls (
    pupil_id UUID NOT NULL,
    urn INTEGER NOT NULL,
    la_code TEXT NOT NULL,
    admitted_on DATE NOT NULL,
    left_on DATE,
    CONSTRAINT pk_rolls PRIMARY KEY (pupil_id, urn, admitted_on)
);
CREATE INDEX ix_rolls_urn_pupil_id ON rolls (urn, pupil_id);
CREATE TABLE school_years (
    urn INTEGER NOT NULL,
    year SMALLINT NOT NULL,
    calendar BYTEA,
    calendar_revision INTEGER DEFAULT 0 NOT NULL,
    registers BYTEA DEFAULT '\x' NOT NULL,
    CONSTRAINT pk_school_years PRIMARY KEY (urn, year)
);
CREATE TABLE marks (
    pupil_id UUID NOT NULL,
    date DATE NOT NULL,
    session TEXT NOT NULL,
    urn INTEGER NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pk_marks PRIMARY KEY (pupil_id, date, session, urn)
);
CREATE TABLE reliances (
    id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    kind TEXT NOT NULL,
    marks JSONB DEFAULT '[]' NOT NULL,
    charged JSONB DEFAULT '[]' NOT NULL,
    withdrawn_on DATE,
    restores BOOLEAN DEFAULT false NOT NULL,
    concluded_on DATE,
    CONSTRAINT pk_reliances PRIMARY KEY (id)
);
CREATE INDEX ix_reliances_pupil_id ON reliances (pupil_id);
CREATE TABLE closed_cases (
    case_id UUID NOT NULL,
    run_id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    closed_on DATE NOT NULL,
    set_aside_to DATE,
    CONSTRAINT pk_closed_cases PRIMARY KEY (case_id)
);
CREATE INDEX ix_closed_cases_pupil_id ON closed_cases (pupil_id);
CREATE TABLE run_steps (
    run_id UUID NOT NULL,
    revision INTEGER NOT NULL,
    pupil_id UUID NOT NULL,
    step TEXT NOT NULL,
    judgement JSONB NOT NULL,
    recorded_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    CONSTRAINT pk_run_steps PRIMARY KEY (run_id, revision)
);
CREATE INDEX ix_run_steps_pupil_id ON run_steps (pupil_id);
"""
