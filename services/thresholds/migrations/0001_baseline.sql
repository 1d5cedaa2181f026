-- The bodies of events are stored outside of their rows, uncompressed: they are kept for days, and compressing five kilobytes of
-- findings costs more than storing them.
ALTER TABLE outbox ALTER body SET STORAGE EXTERNAL;
CREATE TABLE pupils (
    id uuid NOT NULL, upn text, roll_revision integer NOT NULL DEFAULT 0, compulsory_from date,
    compulsory_to date, status text NOT NULL DEFAULT 'below', run_id uuid,
    run_revision integer NOT NULL DEFAULT 0, approaches integer NOT NULL DEFAULT 0, same_as uuid,
    CONSTRAINT pk_pupils PRIMARY KEY (id)
);
CREATE INDEX ix_pupils_upn ON pupils (upn);
CREATE INDEX ix_pupils_same_as ON pupils (same_as, id) WHERE same_as IS NOT NULL;
CREATE INDEX ix_pupils_alert ON pupils (status, id) WHERE status <> 'below';
CREATE TABLE rolls (
    pupil_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL, admitted_on date NOT NULL, left_on date,
    CONSTRAINT pk_rolls PRIMARY KEY (pupil_id, urn, admitted_on)
);
CREATE INDEX ix_rolls_urn_pupil_id ON rolls (urn, pupil_id);
CREATE TABLE school_years (
    urn integer NOT NULL, year smallint NOT NULL, calendar bytea, calendar_revision integer NOT NULL DEFAULT 0,
    registers bytea NOT NULL DEFAULT '\x',
    CONSTRAINT pk_school_years PRIMARY KEY (urn, year)
);
CREATE TABLE marks (
    pupil_id uuid NOT NULL, date date NOT NULL, session text NOT NULL, urn integer NOT NULL, code text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_marks PRIMARY KEY (pupil_id, date, session, urn)
);
CREATE TABLE reliances (
    id uuid NOT NULL, pupil_id uuid NOT NULL, kind text NOT NULL, marks jsonb NOT NULL DEFAULT '[]',
    charged jsonb NOT NULL DEFAULT '[]', withdrawn_on date, restores boolean NOT NULL DEFAULT false,
    concluded_on date,
    CONSTRAINT pk_reliances PRIMARY KEY (id)
);
CREATE INDEX ix_reliances_pupil_id ON reliances (pupil_id);
CREATE TABLE closed_cases (
    case_id uuid NOT NULL, run_id uuid NOT NULL, pupil_id uuid NOT NULL, closed_on date NOT NULL,
    set_aside_to date,
    CONSTRAINT pk_closed_cases PRIMARY KEY (case_id)
);
CREATE INDEX ix_closed_cases_pupil_id ON closed_cases (pupil_id);
CREATE TABLE run_steps (
    run_id uuid NOT NULL, revision integer NOT NULL, pupil_id uuid NOT NULL, step text NOT NULL,
    judgement jsonb NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_run_steps PRIMARY KEY (run_id, revision)
);
CREATE INDEX ix_run_steps_pupil_id ON run_steps (pupil_id);
