"""Every table of penalties."""

from alembic import op

from shared.attendance.identities import add_same_as, create_former_upns, create_records_of
from shared.attendance.successions import create_successions_table
from shared.database.platform import create_platform_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    create_platform_tables()
    for statement in STATEMENTS.split(";"):
        op.execute(statement)
    create_former_upns()
    create_successions_table()
    add_same_as()
    create_records_of()


STATEMENTS = """
CREATE TABLE pupils (
    id UUID NOT NULL,
    upn TEXT,
    roll_revision INTEGER DEFAULT 0 NOT NULL,
    parents_revision INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT pk_pupils PRIMARY KEY (id)
);
CREATE INDEX ix_pupils_upn ON pupils (upn);
CREATE TABLE rolls (
    pupil_id UUID NOT NULL,
    urn INTEGER NOT NULL,
    la_code TEXT NOT NULL,
    admitted_on DATE NOT NULL,
    left_on DATE,
    CONSTRAINT pk_rolls PRIMARY KEY (pupil_id, urn, admitted_on)
);
CREATE INDEX ix_rolls_urn_pupil_id ON rolls (urn, pupil_id);
CREATE TABLE pupil_parents (
    pupil_id UUID NOT NULL,
    parent_id UUID NOT NULL,
    urn INTEGER NOT NULL,
    relationship TEXT,
    lives_with_pupil BOOLEAN,
    open_match BOOLEAN NOT NULL,
    formerly UUID[] NOT NULL,
    CONSTRAINT pk_pupil_parents PRIMARY KEY (pupil_id, parent_id, urn)
);
CREATE TABLE calendars (
    urn INTEGER NOT NULL,
    year TEXT NOT NULL,
    open_days DATE[] NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_calendars PRIMARY KEY (urn, year)
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
CREATE TABLE cases (
    id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    urn INTEGER NOT NULL,
    la_code TEXT NOT NULL,
    status TEXT NOT NULL,
    opened_on DATE NOT NULL,
    run_id UUID NOT NULL,
    policy TEXT NOT NULL,
    threshold TEXT NOT NULL,
    met_on DATE NOT NULL,
    met_session TEXT NOT NULL,
    window_from DATE NOT NULL,
    window_to DATE NOT NULL,
    sessions JSONB NOT NULL,
    counting JSONB NOT NULL,
    counts JSONB NOT NULL,
    holiday BOOLEAN NOT NULL,
    holiday_from DATE,
    holiday_to DATE,
    earliest_time_bar DATE NOT NULL,
    findings JSONB NOT NULL,
    closed_on DATE,
    outcome TEXT,
    set_aside_to DATE,
    CONSTRAINT pk_cases PRIMARY KEY (id)
);
CREATE INDEX ix_cases_pupil_id ON cases (pupil_id);
CREATE INDEX ix_cases_urn_id ON cases (urn, id);
CREATE UNIQUE INDEX uq_cases_one_open ON cases (pupil_id) WHERE status = 'open';
CREATE TABLE runs (
    id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    case_id UUID,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_runs PRIMARY KEY (id),
    CONSTRAINT fk_runs_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE decisions (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    decision TEXT NOT NULL,
    parent_ids UUID[] NOT NULL,
    reason TEXT NOT NULL,
    no_improvement_notice_reason TEXT,
    decided_on DATE NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    decided_by TEXT NOT NULL,
    decided_by_role TEXT NOT NULL,
    decided_by_subject TEXT NOT NULL,
    CONSTRAINT pk_decisions PRIMARY KEY (id),
    CONSTRAINT fk_decisions_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE INDEX ix_decisions_case_id ON decisions (case_id);
CREATE TABLE agreements (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    agreed BOOLEAN NOT NULL,
    recommendation TEXT NOT NULL,
    parent_ids UUID[] NOT NULL,
    reason TEXT NOT NULL,
    agreed_on DATE NOT NULL,
    agreed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    agreed_by TEXT NOT NULL,
    agreed_by_role TEXT NOT NULL,
    agreed_by_subject TEXT NOT NULL,
    CONSTRAINT pk_agreements PRIMARY KEY (id),
    CONSTRAINT fk_agreements_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE INDEX ix_agreements_case_id ON agreements (case_id);
CREATE TABLE court_files (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    parent_id UUID NOT NULL,
    notice_ids UUID[] NOT NULL,
    charged_sessions JSONB NOT NULL,
    status TEXT NOT NULL,
    charged_on DATE,
    ended_on DATE,
    acquitted BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_court_files PRIMARY KEY (id)
);
CREATE INDEX ix_court_files_case_id ON court_files (case_id);
CREATE INDEX ix_court_files_pupil_id ON court_files (pupil_id);
CREATE TABLE holds (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    about UUID NOT NULL,
    about_kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    subject TEXT NOT NULL,
    change JSONB NOT NULL,
    held_on DATE NOT NULL,
    cleared_on DATE,
    cleared_at TIMESTAMP WITH TIME ZONE,
    cleared_by TEXT,
    cleared_by_role TEXT,
    cleared_reason TEXT,
    CONSTRAINT pk_holds PRIMARY KEY (id),
    CONSTRAINT uq_holds_about_subject UNIQUE (about, subject),
    CONSTRAINT fk_holds_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE INDEX ix_holds_case_id ON holds (case_id);
CREATE TABLE improvement_notices (
    id UUID NOT NULL,
    case_id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    parent_id UUID NOT NULL,
    urn INTEGER NOT NULL,
    la_code TEXT NOT NULL,
    calendar_urn INTEGER NOT NULL,
    sessions JSONB NOT NULL,
    support_offered TEXT NOT NULL,
    support_available TEXT NOT NULL,
    contact JSONB NOT NULL,
    expected_improvement TEXT NOT NULL,
    early_grounds TEXT,
    issued_on DATE NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    issued_by TEXT NOT NULL,
    issued_by_role TEXT NOT NULL,
    planned_served_on DATE NOT NULL,
    planned_starts_on DATE NOT NULL,
    planned_ends_on DATE NOT NULL,
    method TEXT,
    posted_on DATE,
    served_on DATE,
    proof_id UUID,
    served_revision INTEGER DEFAULT 0 NOT NULL,
    starts_on DATE,
    ends_on DATE,
    status TEXT NOT NULL,
    held BOOLEAN DEFAULT false NOT NULL,
    ended_on DATE,
    outcome_reason TEXT,
    ended_by TEXT,
    ended_by_role TEXT,
    findings JSONB NOT NULL,
    serving_findings JSONB DEFAULT '[]' NOT NULL,
    CONSTRAINT pk_improvement_notices PRIMARY KEY (id),
    CONSTRAINT fk_improvement_notices_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE INDEX ix_improvement_notices_calendar_urn ON improvement_notices (calendar_urn) WHERE status = 'served';
CREATE INDEX ix_improvement_notices_case_id ON improvement_notices (case_id);
CREATE INDEX ix_improvement_notices_urn_id ON improvement_notices (urn, id);
CREATE UNIQUE INDEX uq_improvement_notices_one_running ON improvement_notices (case_id, parent_id) WHERE status IN ('issued', 'served');
CREATE TABLE penalty_notices (
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    case_id UUID NOT NULL,
    decision_id UUID NOT NULL,
    agreement_id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    parent_id UUID NOT NULL,
    urn INTEGER NOT NULL,
    la_code TEXT NOT NULL,
    offence_from DATE NOT NULL,
    offence_to DATE NOT NULL,
    sessions JSONB NOT NULL,
    main_reason TEXT NOT NULL,
    set_aside_reason TEXT,
    tier TEXT NOT NULL,
    early_pence INTEGER NOT NULL,
    full_pence INTEGER NOT NULL,
    issued_on DATE NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    issued_by TEXT NOT NULL,
    issued_by_role TEXT NOT NULL,
    planned_received_on DATE NOT NULL,
    planned_early_deadline DATE NOT NULL,
    planned_final_deadline DATE NOT NULL,
    method TEXT,
    posted_on DATE,
    received_on DATE,
    proof_id UUID,
    served_revision INTEGER DEFAULT 0 NOT NULL,
    early_deadline DATE,
    final_deadline DATE,
    overdue_from DATE,
    status TEXT NOT NULL,
    held BOOLEAN DEFAULT false NOT NULL,
    paid_pence INTEGER DEFAULT 0 NOT NULL,
    paid_on DATE,
    revision INTEGER DEFAULT 0 NOT NULL,
    concluded_on DATE,
    acquitted BOOLEAN DEFAULT false NOT NULL,
    withdrawn_on DATE,
    withdrawal_ground TEXT,
    withdrawal_reason TEXT,
    withdrawn_by TEXT,
    withdrawn_by_role TEXT,
    restores BOOLEAN DEFAULT false NOT NULL,
    findings JSONB NOT NULL,
    serving_findings JSONB DEFAULT '[]' NOT NULL,
    CONSTRAINT pk_penalty_notices PRIMARY KEY (id),
    CONSTRAINT uq_penalty_notices_reference UNIQUE (reference),
    CONSTRAINT fk_penalty_notices_case_id FOREIGN KEY(case_id) REFERENCES cases (id),
    CONSTRAINT fk_penalty_notices_decision_id FOREIGN KEY(decision_id) REFERENCES decisions (id),
    CONSTRAINT fk_penalty_notices_agreement_id FOREIGN KEY(agreement_id) REFERENCES agreements (id)
);
CREATE INDEX ix_penalty_notices_case_id ON penalty_notices (case_id);
CREATE INDEX ix_penalty_notices_due ON penalty_notices (overdue_from) WHERE status = 'served' AND NOT held;
CREATE INDEX ix_penalty_notices_parent_id_pupil_id ON penalty_notices (parent_id, pupil_id);
CREATE INDEX ix_penalty_notices_pupil_id ON penalty_notices (pupil_id);
CREATE INDEX ix_penalty_notices_urn_id ON penalty_notices (urn, id);
CREATE TABLE payments (
    id UUID NOT NULL,
    notice_id UUID NOT NULL,
    provider_payment_id TEXT,
    amount_pence INTEGER NOT NULL,
    state TEXT NOT NULL,
    next_url TEXT,
    return_url TEXT NOT NULL,
    created_on DATE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    counted_on DATE,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cancel_requested BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT pk_payments PRIMARY KEY (id),
    CONSTRAINT fk_payments_notice_id FOREIGN KEY(notice_id) REFERENCES penalty_notices (id),
    CONSTRAINT uq_payments_provider_payment_id UNIQUE (provider_payment_id)
);
CREATE INDEX ix_payments_due ON payments (next_attempt_at) WHERE state = 'open';
CREATE INDEX ix_payments_notice_id ON payments (notice_id);
CREATE TABLE payment_messages (
    id TEXT NOT NULL,
    provider_payment_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    counted_on DATE NOT NULL,
    raw BYTEA NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    processed_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    amount_pence INTEGER,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payment_messages PRIMARY KEY (id)
);
CREATE INDEX ix_payment_messages_due ON payment_messages (next_attempt_at) WHERE processed_at IS NULL;
CREATE INDEX ix_payment_messages_provider_payment_id ON payment_messages (provider_payment_id);
CREATE INDEX ix_payment_messages_suspense ON payment_messages (id) WHERE outcome IN ('unknown', 'unconfirmed');
CREATE TABLE refunds (
    id UUID NOT NULL,
    notice_id UUID NOT NULL,
    amount_pence INTEGER NOT NULL,
    cause TEXT NOT NULL,
    due_on DATE NOT NULL,
    CONSTRAINT pk_refunds PRIMARY KEY (id),
    CONSTRAINT fk_refunds_notice_id FOREIGN KEY(notice_id) REFERENCES penalty_notices (id)
);
CREATE INDEX ix_refunds_notice_id ON refunds (notice_id)
"""
