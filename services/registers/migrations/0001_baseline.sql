-- Schools.
CREATE TABLE schools (
    urn integer NOT NULL CONSTRAINT pk_schools PRIMARY KEY CONSTRAINT ck_schools_urn CHECK (urn BETWEEN 100000 AND 999999),
    name text NOT NULL, la_code text NOT NULL, establishment_number text NOT NULL, phase text NOT NULL,
    district text, senior_attendance_champion jsonb, revision integer NOT NULL DEFAULT 0,
    -- A school has no roll when it is made, so all may begin with one version.
    roll_version uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL
);
CREATE TABLE calendars (
    urn integer NOT NULL CONSTRAINT fk_calendars_urn REFERENCES schools (urn),
    year text NOT NULL, terms jsonb NOT NULL, closures jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_calendars PRIMARY KEY (urn, year)
);
CREATE TABLE successions (
    urn integer NOT NULL CONSTRAINT fk_successions_urn REFERENCES schools (urn),
    predecessor integer NOT NULL CONSTRAINT fk_successions_predecessor REFERENCES schools (urn),
    since date NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_successions PRIMARY KEY (urn, predecessor),
    CONSTRAINT ck_successions_two_schools CHECK (urn <> predecessor)
);
CREATE INDEX ix_successions_predecessor ON successions (predecessor);
CREATE TABLE attendance_policies (
    urn integer NOT NULL CONSTRAINT fk_attendance_policies_urn REFERENCES schools (urn),
    since date NOT NULL, senior_attendance_champion jsonb NOT NULL, day_to_day_contact jsonb NOT NULL,
    legal_consequences_wording text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_attendance_policies PRIMARY KEY (urn, since)
);

-- Pupils, their rolls and UPNs, and the records that are of one child.
CREATE TABLE pupils (
    id uuid NOT NULL CONSTRAINT pk_pupils PRIMARY KEY,
    upn text NOT NULL CONSTRAINT uq_pupils_upn UNIQUE,
    date_of_birth date NOT NULL, revision integer NOT NULL DEFAULT 0, published_rolls jsonb,
    published_parents jsonb,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL
);
CREATE TABLE pupils_at_schools (
    urn integer NOT NULL CONSTRAINT fk_pupils_at_schools_urn REFERENCES schools (urn),
    pupil_id uuid NOT NULL CONSTRAINT fk_pupils_at_schools_pupil_id REFERENCES pupils (id),
    forename text NOT NULL, surname text NOT NULL, date_of_birth date NOT NULL, year_group text,
    spells jsonb NOT NULL, parents jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_pupils_at_schools PRIMARY KEY (urn, pupil_id)
);
CREATE INDEX ix_pupils_at_schools_pupil_id ON pupils_at_schools (pupil_id);
CREATE TABLE roll_spells (
    urn integer NOT NULL CONSTRAINT fk_roll_spells_urn REFERENCES schools (urn),
    upn text NOT NULL, admitted_on date NOT NULL, left_on date,
    pupil_id uuid NOT NULL CONSTRAINT fk_roll_spells_pupil_id REFERENCES pupils (id),
    shared_from date, shared_to date,
    CONSTRAINT pk_roll_spells PRIMARY KEY (urn, upn, admitted_on),
    CONSTRAINT ck_roll_spells_order CHECK (left_on >= admitted_on)
);
CREATE INDEX ix_roll_spells_pupil_id ON roll_spells (pupil_id);
CREATE TABLE upns (
    upn text NOT NULL CONSTRAINT pk_upns PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_upns_pupil_id REFERENCES pupils (id)
);
CREATE INDEX ix_upns_pupil_id ON upns (pupil_id);
CREATE TABLE upn_changes (
    id uuid NOT NULL CONSTRAINT pk_upn_changes PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_upn_changes_pupil_id REFERENCES pupils (id),
    was text NOT NULL, became text NOT NULL, reason text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    role text NOT NULL
);
CREATE INDEX ix_upn_changes_pupil_id ON upn_changes (pupil_id);
CREATE TABLE pupil_mergers (
    id uuid NOT NULL CONSTRAINT pk_pupil_mergers PRIMARY KEY,
    survivor uuid NOT NULL CONSTRAINT fk_pupil_mergers_survivor REFERENCES pupils (id),
    absorbed uuid NOT NULL CONSTRAINT fk_pupil_mergers_absorbed REFERENCES pupils (id),
    reason text NOT NULL, decided_at timestamptz NOT NULL, decided_by text NOT NULL, role text NOT NULL,
    undone_at timestamptz, undone_by text, undone_role text, undoing_reason text, wrong_birth uuid,
    wrong_birth_reason text,
    CONSTRAINT ck_pupil_mergers_two_records CHECK (survivor <> absorbed),
    CONSTRAINT ck_pupil_mergers_wrong_birth CHECK (
        (wrong_birth IS NULL) = (wrong_birth_reason IS NULL) AND coalesce(wrong_birth IN (survivor, absorbed), true)
    )
);
CREATE UNIQUE INDEX uq_pupil_mergers_standing ON pupil_mergers (absorbed) WHERE undone_at IS NULL;
CREATE INDEX ix_pupil_mergers_survivor ON pupil_mergers (survivor) WHERE undone_at IS NULL;

-- Parents.
CREATE TABLE parents (
    id uuid NOT NULL CONSTRAINT pk_parents PRIMARY KEY,
    merged_into uuid CONSTRAINT fk_parents_merged_into REFERENCES parents (id),
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ix_parents_merged_into ON parents (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE contacts (
    urn integer NOT NULL CONSTRAINT fk_contacts_urn REFERENCES schools (urn),
    ref text NOT NULL,
    parent_id uuid NOT NULL CONSTRAINT fk_contacts_parent_id REFERENCES parents (id),
    forename text NOT NULL, surname text NOT NULL, address jsonb, email text, phone text, name_key text NOT NULL,
    postcode_key text, email_key text, phone_key text,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_contacts PRIMARY KEY (urn, ref)
);
CREATE INDEX ix_contacts_name_key ON contacts (name_key);
CREATE INDEX ix_contacts_parent_id ON contacts (parent_id);
CREATE TABLE pupil_parents (
    pupil_id uuid NOT NULL CONSTRAINT fk_pupil_parents_pupil_id REFERENCES pupils (id),
    urn integer NOT NULL, ref text NOT NULL, relationship text, lives_with_pupil boolean, ended_at timestamptz,
    liability_basis text
        CONSTRAINT ck_pupil_parents_liability_basis CHECK (liability_basis IN ('natural-parent', 'parental-responsibility', 'care')),
    CONSTRAINT pk_pupil_parents PRIMARY KEY (pupil_id, urn, ref)
);
CREATE INDEX ix_pupil_parents_urn_ref ON pupil_parents (urn, ref);
CREATE TABLE parent_matches (
    id uuid NOT NULL CONSTRAINT pk_parent_matches PRIMARY KEY,
    one uuid NOT NULL CONSTRAINT fk_parent_matches_one REFERENCES parents (id),
    other uuid NOT NULL CONSTRAINT fk_parent_matches_other REFERENCES parents (id),
    reasons jsonb NOT NULL,
    status text NOT NULL DEFAULT 'open' CONSTRAINT ck_parent_matches_status CHECK (status IN ('open', 'same', 'different')),
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz, decided_by text, role text, reason text, moved jsonb, absorbed uuid,
    absorbed_with jsonb,
    CONSTRAINT uq_parent_matches_one_other UNIQUE (one, other)
);
CREATE INDEX ix_parent_matches_open ON parent_matches (id) WHERE status = 'open';
CREATE INDEX ix_parent_matches_other ON parent_matches (other);
CREATE TABLE match_undoings (
    id uuid NOT NULL CONSTRAINT pk_match_undoings PRIMARY KEY,
    match_id uuid NOT NULL CONSTRAINT fk_match_undoings_match_id REFERENCES parent_matches (id),
    was jsonb NOT NULL, reason text NOT NULL,
    undone_at timestamptz NOT NULL DEFAULT now(),
    undone_by text NOT NULL,
    role text NOT NULL
);
CREATE INDEX ix_match_undoings_match_id ON match_undoings (match_id);

-- Marks. Partitioned by month: dropping a month, or a year, is instant.
CREATE TABLE receipts (
    urn integer NOT NULL, revision integer NOT NULL, date date NOT NULL, session text NOT NULL,
    source text NOT NULL CONSTRAINT ck_receipts_source CHECK (source IN ('register', 'amendment', 'release', 'import')),
    received_at timestamptz NOT NULL DEFAULT now(),
    caller text NOT NULL, by_name text, by_title text, reason text, opened_at timestamptz, closed_at timestamptz,
    CONSTRAINT pk_receipts PRIMARY KEY (urn, revision)
);
CREATE INDEX ix_receipts_urn_date ON receipts (urn, date);
CREATE TABLE marks (
    pupil_id uuid NOT NULL, date date NOT NULL, urn integer NOT NULL, revision integer NOT NULL,
    version integer NOT NULL DEFAULT 1, minutes_late smallint, session text NOT NULL, code text NOT NULL,
    CONSTRAINT pk_marks PRIMARY KEY (date, session, pupil_id, urn)
) PARTITION BY RANGE (date);
CREATE TABLE mark_versions (
    pupil_id uuid NOT NULL, date date NOT NULL, urn integer NOT NULL, revision integer NOT NULL,
    version integer NOT NULL, minutes_late smallint, session text NOT NULL, code text NOT NULL,
    superseded_revision integer NOT NULL,
    CONSTRAINT pk_mark_versions PRIMARY KEY (date, session, pupil_id, urn, version)
) PARTITION BY RANGE (date);
CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_quarantine PRIMARY KEY,
    urn integer NOT NULL, date date NOT NULL, session text NOT NULL, upn text NOT NULL, code text NOT NULL,
    minutes_late smallint, reason text NOT NULL, revision integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    released_at timestamptz,
    released_revision integer
);
CREATE INDEX ix_quarantine_waiting ON quarantine (urn, upn) WHERE released_at IS NULL;
CREATE TABLE unresolved_marks (
    urn integer NOT NULL, date date NOT NULL, session text NOT NULL, pupil_id uuid NOT NULL,
    version integer NOT NULL, due_on date, computed_on date, published_on date,
    CONSTRAINT pk_unresolved_marks PRIMARY KEY (urn, date, session, pupil_id)
);
CREATE INDEX ix_unresolved_marks_undated ON unresolved_marks (computed_on) WHERE due_on IS NULL;
CREATE INDEX ix_unresolved_marks_due_on ON unresolved_marks (due_on) WHERE published_on IS NULL;

-- Leave.
CREATE TABLE leave_requests (
    id uuid NOT NULL CONSTRAINT pk_leave_requests PRIMARY KEY,
    pupil_id uuid NOT NULL CONSTRAINT fk_leave_requests_pupil_id REFERENCES pupils (id),
    urn integer NOT NULL CONSTRAINT fk_leave_requests_urn REFERENCES schools (urn),
    parent_id uuid NOT NULL CONSTRAINT fk_leave_requests_parent_id REFERENCES parents (id),
    lives_with_pupil boolean, asked_on date NOT NULL, starts_on date NOT NULL, ends_on date NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL, recorded_role text NOT NULL,
    state text NOT NULL DEFAULT 'asked' CONSTRAINT ck_leave_requests_state CHECK (state IN ('asked', 'granted', 'refused', 'withdrawn')),
    code text, decision_reason text, decided_on date, decided_at timestamptz, decided_by text, decided_role text,
    late boolean, findings jsonb, withdrawn_on date, withdrawn_at timestamptz, withdrawn_by text,
    withdrawn_role text, withdrawal_reason text,
    CONSTRAINT ck_leave_requests_order CHECK (ends_on >= starts_on),
    CONSTRAINT ck_leave_requests_code CHECK (
        CASE state WHEN 'granted' THEN code IS NOT NULL WHEN 'withdrawn' THEN (code IS NULL) = (decided_at IS NULL) ELSE code IS NULL END
    ),
    CONSTRAINT ck_leave_requests_decided CHECK (state = 'withdrawn' OR (state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT ck_leave_requests_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL)),
    CONSTRAINT ck_leave_requests_before CHECK (withdrawn_on < starts_on)
);
CREATE INDEX ix_leave_requests_pupil_id ON leave_requests (pupil_id);
CREATE INDEX ix_leave_requests_urn_id ON leave_requests (urn, id);
CREATE INDEX ix_leave_requests_over ON leave_requests (GREATEST(ends_on, decided_on));

-- Imports.
CREATE TABLE imports (
    id uuid CONSTRAINT pk_imports PRIMARY KEY,
    state text NOT NULL DEFAULT 'received' CONSTRAINT ck_imports_state CHECK (state IN ('received', 'running', 'done', 'failed')),
    format text NOT NULL CONSTRAINT ck_imports_format CHECK (format IN ('ctf', 'csv', 'xlsx', 'wonde')),
    name text, mapping text, urn integer, schools integer[], la_code text, size bigint NOT NULL,
    sha256 bytea NOT NULL,
    caller text NOT NULL, made_by text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz, ended_at timestamptz, total bigint, position bigint NOT NULL DEFAULT 0,
    recorded bigint NOT NULL DEFAULT 0, amended bigint NOT NULL DEFAULT 0, unchanged bigint NOT NULL DEFAULT 0,
    ignored bigint NOT NULL DEFAULT 0, rejected bigint NOT NULL DEFAULT 0, error text, file_deleted_on date,
    report_deleted_on date
);
CREATE INDEX ix_imports_open ON imports (id) WHERE state IN ('received', 'running');
CREATE INDEX ix_imports_with_file ON imports (ended_at) WHERE ended_at IS NOT NULL AND file_deleted_on IS NULL;
CREATE INDEX ix_imports_with_report ON imports (ended_at) WHERE ended_at IS NOT NULL AND report_deleted_on IS NULL;
CREATE TABLE import_pieces (
    import_id uuid NOT NULL CONSTRAINT fk_import_pieces_import_id REFERENCES imports (id),
    number integer NOT NULL, content bytea NOT NULL,
    CONSTRAINT pk_import_pieces PRIMARY KEY (import_id, number)
);
CREATE TABLE import_refusals (
    import_id uuid NOT NULL CONSTRAINT fk_import_refusals_import_id REFERENCES imports (id),
    number bigint NOT NULL, line integer NOT NULL, school text NOT NULL, upn text NOT NULL, date text NOT NULL,
    session text NOT NULL, code text NOT NULL, reason text NOT NULL, quarantined boolean NOT NULL,
    CONSTRAINT pk_import_refusals PRIMARY KEY (import_id, number)
);

-- A register's event is ids of pupils for the most part, and compressing them costs more than it saves.
ALTER TABLE outbox ALTER body SET STORAGE EXTERNAL;
