CREATE TABLE letters (
    id uuid CONSTRAINT pk_letters PRIMARY KEY, kind text NOT NULL, about uuid NOT NULL, parent_id uuid NOT NULL,
    pupil_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL, notice_kind text, occasion jsonb,
    channel text NOT NULL, status text NOT NULL, requested_at timestamptz NOT NULL, next_attempt_at timestamptz,
    attempts integer NOT NULL DEFAULT 0, last_error text, contents jsonb, pdf bytea, made_on date,
    provider_id text, posted_on date, received_on date, returned_on date,
    CONSTRAINT uq_letters_about_kind_parent_id UNIQUE (about, kind, parent_id)
);
CREATE INDEX ix_letters_due ON letters (status, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX ix_letters_urn_id ON letters (urn, id);
CREATE INDEX ix_letters_provider_id ON letters (provider_id);
CREATE TABLE proofs (
    id uuid CONSTRAINT pk_proofs PRIMARY KEY,
    letter_id uuid NOT NULL CONSTRAINT fk_proofs_letter_id REFERENCES letters (id), revision integer NOT NULL,
    method text NOT NULL, posted_on date NOT NULL, received_on date NOT NULL, evidence jsonb NOT NULL,
    findings jsonb NOT NULL, recorded_at timestamptz NOT NULL,
    CONSTRAINT uq_proofs_letter_id_revision UNIQUE (letter_id, revision)
);
CREATE TABLE retries (
    id uuid CONSTRAINT pk_retries PRIMARY KEY,
    letter_id uuid NOT NULL CONSTRAINT fk_retries_letter_id REFERENCES letters (id), reason text NOT NULL,
    asked_by text NOT NULL, asked_by_role text NOT NULL, asked_at timestamptz NOT NULL
);
CREATE INDEX ix_retries_letter_id ON retries (letter_id);
CREATE TABLE school_messages (
    id uuid CONSTRAINT pk_school_messages PRIMARY KEY, kind text NOT NULL, about uuid NOT NULL,
    urn integer NOT NULL, la_code text NOT NULL, pupil_id uuid NOT NULL, facts jsonb NOT NULL,
    sent_at timestamptz NOT NULL,
    CONSTRAINT uq_school_messages_kind_about UNIQUE (kind, about)
);
CREATE INDEX ix_school_messages_urn_id ON school_messages (urn, id);
