"""Marks with every version, receipts, quarantine. Partitioned by month: dropping a month, or a year, is instant."""

from alembic import op

revision = "0003"
down_revision = "0002"

_STATEMENTS = """
CREATE TABLE receipts (
    urn integer NOT NULL,
    revision integer NOT NULL,
    date date NOT NULL,
    session text NOT NULL,
    source text NOT NULL CONSTRAINT ck_receipts_source CHECK (source IN ('register', 'amendment', 'release')),
    received_at timestamptz NOT NULL DEFAULT now(),
    caller text NOT NULL,
    by_name text,
    by_title text,
    reason text,
    opened_at timestamptz,
    closed_at timestamptz,
    CONSTRAINT pk_receipts PRIMARY KEY (urn, revision)
);
CREATE INDEX ix_receipts_urn_date ON receipts (urn, date);

CREATE TABLE marks (
    pupil_id uuid NOT NULL,
    date date NOT NULL,
    urn integer NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL DEFAULT 1,
    minutes_late smallint,
    session text NOT NULL,
    code text NOT NULL,
    CONSTRAINT pk_marks PRIMARY KEY (date, session, pupil_id, urn)
) PARTITION BY RANGE (date);

CREATE TABLE mark_versions (
    pupil_id uuid NOT NULL,
    date date NOT NULL,
    urn integer NOT NULL,
    revision integer NOT NULL,
    version integer NOT NULL,
    minutes_late smallint,
    session text NOT NULL,
    code text NOT NULL,
    superseded_revision integer NOT NULL,
    CONSTRAINT pk_mark_versions PRIMARY KEY (date, session, pupil_id, urn, version)
) PARTITION BY RANGE (date);

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_quarantine PRIMARY KEY,
    urn integer NOT NULL,
    date date NOT NULL,
    session text NOT NULL,
    upn text NOT NULL,
    code text NOT NULL,
    minutes_late smallint,
    reason text NOT NULL,
    revision integer NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    released_at timestamptz,
    released_revision integer
);
CREATE INDEX ix_quarantine_waiting ON quarantine (urn, upn) WHERE released_at IS NULL;
"""

_KEEP = """
CREATE FUNCTION keep_mark_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO mark_versions (pupil_id, date, urn, revision, version, minutes_late, session, code, superseded_revision)
    VALUES (OLD.pupil_id, OLD.date, OLD.urn, OLD.revision, OLD.version, OLD.minutes_late, OLD.session, OLD.code, NEW.revision);
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$
"""

# The login role owns no table, so this runs as the owner. The first register of a month makes its partition, whether it is
# today's or six years old; the others of that moment wait a few milliseconds. No default partition: rows in it would block
# making the right one. CREATE TABLE and then ATTACH, because that does not lock out the registers of other months.
_PARTITIONS = """
CREATE FUNCTION make_mark_partitions(day date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', day);
    parent text;
    month text;
BEGIN
    IF day NOT BETWEEN '2006-09-01' AND '2099-12-31' THEN
        RAISE EXCEPTION 'no partition for %', day;
    END IF;
    PERFORM pg_advisory_xact_lock(881002);
    FOREACH parent IN ARRAY ARRAY['marks', 'mark_versions'] LOOP
        month := parent || to_char(first, '"_y"YYYY"m"MM');
        IF to_regclass(month) IS NULL THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', month, parent);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, month, first, (first + interval '1 month')::date);
        END IF;
    END LOOP;
END $$
"""


def upgrade() -> None:
    for statement in _STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)
    op.execute(_KEEP)
    op.execute("CREATE TRIGGER keep_mark_version BEFORE UPDATE ON marks FOR EACH ROW EXECUTE FUNCTION keep_mark_version()")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE DELETE ON marks FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON mark_versions FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE UPDATE OR DELETE ON receipts FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    op.execute("CREATE TRIGGER refuse_deletion BEFORE DELETE ON quarantine FOR EACH ROW EXECUTE FUNCTION refuse_deletion()")
    op.execute(_PARTITIONS)


def downgrade() -> None:
    raise NotImplementedError
