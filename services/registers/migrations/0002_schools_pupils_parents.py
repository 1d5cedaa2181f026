"""Schools, calendars, pupils with their rolls, parents, and the history of what is replaced in them."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = """
CREATE TABLE schools (
    urn integer NOT NULL CONSTRAINT pk_schools PRIMARY KEY CONSTRAINT ck_schools_urn CHECK (urn BETWEEN 100000 AND 999999),
    name text NOT NULL,
    la_code text NOT NULL,
    establishment_number text NOT NULL,
    phase text NOT NULL,
    district text,
    senior_attendance_champion jsonb,
    revision integer NOT NULL DEFAULT 0,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL
);

CREATE TABLE calendars (
    urn integer NOT NULL CONSTRAINT fk_calendars_urn REFERENCES schools (urn),
    year text NOT NULL,
    terms jsonb NOT NULL,
    closures jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_calendars PRIMARY KEY (urn, year)
);

CREATE TABLE pupils (
    id uuid NOT NULL CONSTRAINT pk_pupils PRIMARY KEY,
    upn text NOT NULL CONSTRAINT uq_pupils_upn UNIQUE,
    date_of_birth date NOT NULL,
    revision integer NOT NULL DEFAULT 0,
    said_rolls jsonb,
    said_parents jsonb,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL
);

CREATE TABLE pupils_at_schools (
    urn integer NOT NULL CONSTRAINT fk_pupils_at_schools_urn REFERENCES schools (urn),
    pupil_id uuid NOT NULL CONSTRAINT fk_pupils_at_schools_pupil_id REFERENCES pupils (id),
    forename text NOT NULL,
    surname text NOT NULL,
    date_of_birth date NOT NULL,
    year_group text,
    spells jsonb NOT NULL,
    parents jsonb NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_pupils_at_schools PRIMARY KEY (urn, pupil_id)
);
CREATE INDEX ix_pupils_at_schools_pupil_id ON pupils_at_schools (pupil_id);

CREATE TABLE roll_spells (
    urn integer NOT NULL CONSTRAINT fk_roll_spells_urn REFERENCES schools (urn),
    upn text NOT NULL,
    admitted_on date NOT NULL,
    left_on date,
    pupil_id uuid NOT NULL CONSTRAINT fk_roll_spells_pupil_id REFERENCES pupils (id),
    shared_from date,
    shared_to date,
    CONSTRAINT pk_roll_spells PRIMARY KEY (urn, upn, admitted_on),
    CONSTRAINT ck_roll_spells_order CHECK (left_on >= admitted_on)
);
CREATE INDEX ix_roll_spells_pupil_id ON roll_spells (pupil_id);

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
    forename text NOT NULL,
    surname text NOT NULL,
    address jsonb,
    email text,
    phone text,
    name_key text NOT NULL,
    postcode_key text,
    email_key text,
    phone_key text,
    stored_at timestamptz NOT NULL DEFAULT now(),
    stored_by text NOT NULL,
    CONSTRAINT pk_contacts PRIMARY KEY (urn, ref)
);
CREATE INDEX ix_contacts_name_key ON contacts (name_key);
CREATE INDEX ix_contacts_parent_id ON contacts (parent_id);

CREATE TABLE pupil_parents (
    pupil_id uuid NOT NULL CONSTRAINT fk_pupil_parents_pupil_id REFERENCES pupils (id),
    urn integer NOT NULL,
    ref text NOT NULL,
    relationship text,
    lives_with_pupil boolean,
    ended_at timestamptz,
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
    decided_at timestamptz,
    decided_by text,
    role text,
    reason text,
    moved jsonb,
    CONSTRAINT uq_parent_matches_one_other UNIQUE (one, other)
);
CREATE INDEX ix_parent_matches_open ON parent_matches (id) WHERE status = 'open';
CREATE INDEX ix_parent_matches_other ON parent_matches (other);

CREATE TABLE superseded (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_superseded PRIMARY KEY,
    kind text NOT NULL,
    was jsonb NOT NULL,
    superseded_at timestamptz NOT NULL DEFAULT now(),
    superseded_by text
);
CREATE INDEX ix_superseded_kind ON superseded (kind, id);
"""

# Nothing is overwritten without its history, whichever statement does it. `UPDATE OF stored_at`: counters and what was
# last said are no facts, and are raised without touching it.
_KEEP = """
CREATE FUNCTION keep_superseded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO superseded (kind, was, superseded_by) VALUES (TG_TABLE_NAME, to_jsonb(OLD), NEW.stored_by);
    RETURN NEW;
END $$
"""
_REFUSE = """
CREATE FUNCTION refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are kept until their retention ends', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
    op.execute(_KEEP)
    op.execute(_REFUSE)
    for table in ("schools", "calendars", "pupils", "pupils_at_schools", "contacts"):
        op.execute(
            f"CREATE TRIGGER keep_superseded BEFORE UPDATE OF stored_at ON {table} FOR EACH ROW EXECUTE FUNCTION keep_superseded()"
        )
        op.execute(f"CREATE TRIGGER refuse_deletion BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON superseded FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")


def downgrade() -> None:
    raise NotImplementedError
