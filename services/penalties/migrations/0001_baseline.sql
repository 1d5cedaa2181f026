CREATE TABLE pupils (
    id uuid CONSTRAINT pk_pupils PRIMARY KEY, upn text, roll_revision integer NOT NULL DEFAULT 0,
    parents_revision integer NOT NULL DEFAULT 0
);
CREATE INDEX ix_pupils_upn ON pupils (upn);
CREATE TABLE rolls (
    pupil_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL, admitted_on date NOT NULL, left_on date,
    CONSTRAINT pk_rolls PRIMARY KEY (pupil_id, urn, admitted_on)
);
CREATE INDEX ix_rolls_urn_pupil_id ON rolls (urn, pupil_id);
CREATE TABLE pupil_parents (
    pupil_id uuid NOT NULL, parent_id uuid NOT NULL, urn integer NOT NULL, relationship text,
    lives_with_pupil boolean, open_match boolean NOT NULL, formerly uuid[] NOT NULL,
    CONSTRAINT pk_pupil_parents PRIMARY KEY (pupil_id, parent_id, urn)
);
CREATE TABLE calendars (
    urn integer NOT NULL, year text NOT NULL, open_days date[] NOT NULL, revision integer NOT NULL,
    CONSTRAINT pk_calendars PRIMARY KEY (urn, year)
);
CREATE TABLE marks (
    pupil_id uuid NOT NULL, date date NOT NULL, session text NOT NULL, urn integer NOT NULL, code text NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_marks PRIMARY KEY (pupil_id, date, session, urn)
);
CREATE TABLE cases (
    id uuid CONSTRAINT pk_cases PRIMARY KEY, pupil_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL,
    status text NOT NULL, opened_on date NOT NULL, run_id uuid NOT NULL, policy text NOT NULL,
    threshold text NOT NULL, met_on date NOT NULL, met_session text NOT NULL, window_from date NOT NULL,
    window_to date NOT NULL, sessions jsonb NOT NULL, counting jsonb NOT NULL, counts jsonb NOT NULL,
    holiday boolean NOT NULL, holiday_from date, holiday_to date, earliest_time_bar date NOT NULL,
    findings jsonb NOT NULL, closed_on date, outcome text, set_aside_to date
);
CREATE INDEX ix_cases_pupil_id ON cases (pupil_id);
CREATE INDEX ix_cases_urn_id ON cases (urn, id);
CREATE UNIQUE INDEX uq_cases_one_open ON cases (pupil_id) WHERE status = 'open';
CREATE TABLE runs (
    id uuid CONSTRAINT pk_runs PRIMARY KEY, pupil_id uuid NOT NULL,
    case_id uuid CONSTRAINT fk_runs_case_id REFERENCES cases (id), revision integer NOT NULL
);
CREATE TABLE decisions (
    id uuid CONSTRAINT pk_decisions PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_decisions_case_id REFERENCES cases (id), decision text NOT NULL,
    parent_ids uuid[] NOT NULL, reason text NOT NULL, no_improvement_notice_reason text, decided_on date NOT NULL,
    decided_at timestamptz NOT NULL, decided_by text NOT NULL, decided_by_role text NOT NULL,
    decided_by_subject text NOT NULL
);
CREATE INDEX ix_decisions_case_id ON decisions (case_id);
CREATE TABLE agreements (
    id uuid CONSTRAINT pk_agreements PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_agreements_case_id REFERENCES cases (id), agreed boolean NOT NULL,
    recommendation text NOT NULL, parent_ids uuid[] NOT NULL, reason text NOT NULL, agreed_on date NOT NULL,
    agreed_at timestamptz NOT NULL, agreed_by text NOT NULL, agreed_by_role text NOT NULL,
    agreed_by_subject text NOT NULL
);
CREATE INDEX ix_agreements_case_id ON agreements (case_id);
CREATE TABLE court_files (
    id uuid CONSTRAINT pk_court_files PRIMARY KEY, case_id uuid NOT NULL, pupil_id uuid NOT NULL,
    parent_id uuid NOT NULL, notice_ids uuid[] NOT NULL, charged_sessions jsonb NOT NULL, status text NOT NULL,
    charged_on date, ended_on date, acquitted boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_court_files_case_id ON court_files (case_id);
CREATE INDEX ix_court_files_pupil_id ON court_files (pupil_id);
CREATE TABLE holds (
    id uuid CONSTRAINT pk_holds PRIMARY KEY, case_id uuid NOT NULL CONSTRAINT fk_holds_case_id REFERENCES cases (id),
    about uuid NOT NULL, about_kind text NOT NULL, cause text NOT NULL, subject text NOT NULL, change jsonb NOT NULL,
    held_on date NOT NULL, cleared_on date, cleared_at timestamptz, cleared_by text, cleared_by_role text,
    cleared_reason text,
    CONSTRAINT uq_holds_about_subject UNIQUE (about, subject)
);
CREATE INDEX ix_holds_case_id ON holds (case_id);
CREATE TABLE improvement_notices (
    id uuid CONSTRAINT pk_improvement_notices PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_improvement_notices_case_id REFERENCES cases (id), pupil_id uuid NOT NULL,
    parent_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL, calendar_urn integer NOT NULL,
    sessions jsonb NOT NULL, support_offered text NOT NULL, support_available text NOT NULL, contact jsonb NOT NULL,
    expected_improvement text NOT NULL, early_grounds text, issued_on date NOT NULL, issued_at timestamptz NOT NULL,
    issued_by text NOT NULL, issued_by_role text NOT NULL, planned_served_on date NOT NULL,
    planned_starts_on date NOT NULL, planned_ends_on date NOT NULL, method text, posted_on date, served_on date,
    proof_id uuid, served_revision integer NOT NULL DEFAULT 0, starts_on date, ends_on date, status text NOT NULL,
    held boolean NOT NULL DEFAULT false, ended_on date, outcome_reason text, ended_by text, ended_by_role text,
    findings jsonb NOT NULL, serving_findings jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX ix_improvement_notices_calendar_urn ON improvement_notices (calendar_urn) WHERE status = 'served';
CREATE INDEX ix_improvement_notices_case_id ON improvement_notices (case_id);
CREATE INDEX ix_improvement_notices_urn_id ON improvement_notices (urn, id);
CREATE UNIQUE INDEX uq_improvement_notices_one_running ON improvement_notices (case_id, parent_id) WHERE status IN ('issued', 'served');
CREATE TABLE penalty_notices (
    id uuid CONSTRAINT pk_penalty_notices PRIMARY KEY,
    reference text NOT NULL CONSTRAINT uq_penalty_notices_reference UNIQUE, kind text NOT NULL,
    case_id uuid NOT NULL CONSTRAINT fk_penalty_notices_case_id REFERENCES cases (id),
    decision_id uuid NOT NULL CONSTRAINT fk_penalty_notices_decision_id REFERENCES decisions (id),
    agreement_id uuid NOT NULL CONSTRAINT fk_penalty_notices_agreement_id REFERENCES agreements (id),
    pupil_id uuid NOT NULL, parent_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL,
    offence_from date NOT NULL, offence_to date NOT NULL, sessions jsonb NOT NULL, main_reason text NOT NULL,
    set_aside_reason text, tier text NOT NULL, early_pence integer NOT NULL, full_pence integer NOT NULL,
    issued_on date NOT NULL, issued_at timestamptz NOT NULL, issued_by text NOT NULL, issued_by_role text NOT NULL,
    planned_received_on date NOT NULL, planned_early_deadline date NOT NULL, planned_final_deadline date NOT NULL,
    method text, posted_on date, received_on date, proof_id uuid, served_revision integer NOT NULL DEFAULT 0,
    early_deadline date, final_deadline date, overdue_from date, status text NOT NULL,
    held boolean NOT NULL DEFAULT false, paid_pence integer NOT NULL DEFAULT 0, paid_on date,
    revision integer NOT NULL DEFAULT 0, concluded_on date, acquitted boolean NOT NULL DEFAULT false,
    withdrawn_on date, withdrawal_ground text, withdrawal_reason text, withdrawn_by text, withdrawn_by_role text,
    restores boolean NOT NULL DEFAULT false, findings jsonb NOT NULL, serving_findings jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX ix_penalty_notices_case_id ON penalty_notices (case_id);
CREATE INDEX ix_penalty_notices_due ON penalty_notices (overdue_from) WHERE status = 'served' AND NOT held;
CREATE INDEX ix_penalty_notices_parent_id_pupil_id ON penalty_notices (parent_id, pupil_id);
CREATE INDEX ix_penalty_notices_pupil_id ON penalty_notices (pupil_id);
CREATE INDEX ix_penalty_notices_urn_id ON penalty_notices (urn, id);
CREATE TABLE payments (
    id uuid CONSTRAINT pk_payments PRIMARY KEY,
    notice_id uuid NOT NULL CONSTRAINT fk_payments_notice_id REFERENCES penalty_notices (id),
    provider_payment_id text CONSTRAINT uq_payments_provider_payment_id UNIQUE, amount_pence integer NOT NULL,
    state text NOT NULL, next_url text, return_url text NOT NULL, created_on date NOT NULL,
    created_at timestamptz NOT NULL, counted_on date, attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL, cancel_requested boolean NOT NULL DEFAULT false
);
CREATE INDEX ix_payments_due ON payments (next_attempt_at) WHERE state = 'open';
CREATE INDEX ix_payments_notice_id ON payments (notice_id);
CREATE TABLE payment_messages (
    id text CONSTRAINT pk_payment_messages PRIMARY KEY, provider_payment_id text NOT NULL, event_type text NOT NULL,
    counted_on date NOT NULL, raw bytea NOT NULL, received_at timestamptz NOT NULL, processed_at timestamptz,
    outcome text, amount_pence integer, attempts integer NOT NULL DEFAULT 0, next_attempt_at timestamptz NOT NULL
);
CREATE INDEX ix_payment_messages_due ON payment_messages (next_attempt_at) WHERE processed_at IS NULL;
CREATE INDEX ix_payment_messages_provider_payment_id ON payment_messages (provider_payment_id);
CREATE INDEX ix_payment_messages_suspense ON payment_messages (id) WHERE outcome IN ('unknown', 'unconfirmed');
CREATE TABLE refunds (
    id uuid CONSTRAINT pk_refunds PRIMARY KEY,
    notice_id uuid NOT NULL CONSTRAINT fk_refunds_notice_id REFERENCES penalty_notices (id),
    amount_pence integer NOT NULL, cause text NOT NULL, due_on date NOT NULL
);
CREATE INDEX ix_refunds_notice_id ON refunds (notice_id);
