CREATE TABLE files (
    id uuid CONSTRAINT pk_files PRIMARY KEY, offence text NOT NULL, status text NOT NULL,
    held boolean NOT NULL DEFAULT false, case_id uuid NOT NULL, pupil_id uuid NOT NULL, parent_id uuid NOT NULL,
    urn integer NOT NULL, la_code text NOT NULL, notice_id uuid CONSTRAINT uq_files_notice_id UNIQUE,
    decision_id uuid, notice jsonb, improvement_notices jsonb NOT NULL, sessions jsonb NOT NULL,
    safe_limit date NOT NULL, outer_limit date NOT NULL, findings jsonb NOT NULL, opened_on date NOT NULL,
    charged_on date, charged_sessions jsonb, ended_on date, outcome text, orders jsonb,
    CONSTRAINT uq_files_decision_id_parent_id UNIQUE (decision_id, parent_id)
);
CREATE INDEX ix_files_pupil_id ON files (pupil_id);
CREATE INDEX ix_files_status_id ON files (status, id);
CREATE TABLE steps (
    id uuid CONSTRAINT pk_steps PRIMARY KEY,
    file_id uuid NOT NULL CONSTRAINT fk_steps_file_id REFERENCES files (id), "on" date NOT NULL,
    what text NOT NULL, "by" text, recorded_at timestamptz NOT NULL
);
CREATE INDEX ix_steps_file_id ON steps (file_id);
CREATE TABLE gate_answers (
    id uuid CONSTRAINT pk_gate_answers PRIMARY KEY,
    file_id uuid NOT NULL CONSTRAINT fk_gate_answers_file_id REFERENCES files (id), gate text NOT NULL,
    answer text NOT NULL, reason text NOT NULL, answered_by text NOT NULL, answered_by_role text NOT NULL,
    answered_on date NOT NULL, answered_at timestamptz NOT NULL
);
CREATE INDEX ix_gate_answers_file_id ON gate_answers (file_id);
CREATE TABLE holds (
    id uuid CONSTRAINT pk_holds PRIMARY KEY,
    file_id uuid NOT NULL CONSTRAINT fk_holds_file_id REFERENCES files (id), cause text NOT NULL,
    subject text NOT NULL, held_on date NOT NULL, cleared_on date, cleared_at timestamptz, cleared_by text,
    cleared_by_role text, cleared_reason text,
    CONSTRAINT uq_holds_file_id_subject UNIQUE (file_id, subject)
);
CREATE TABLE notice_states (
    notice_id uuid CONSTRAINT pk_notice_states PRIMARY KEY, payment_revision integer NOT NULL DEFAULT 0,
    discharged boolean NOT NULL DEFAULT false, withdrawn_on date, serving_revision integer NOT NULL DEFAULT 0,
    received_on date, returned_on date
);
CREATE TABLE mark_changes (
    pupil_id uuid NOT NULL, urn integer NOT NULL, date date NOT NULL, session text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_mark_changes PRIMARY KEY (pupil_id, urn, date, session)
);
CREATE TABLE pupils (
    id uuid CONSTRAINT pk_pupils PRIMARY KEY, upn text NOT NULL, revision integer NOT NULL
);
CREATE INDEX ix_pupils_upn ON pupils (upn);
