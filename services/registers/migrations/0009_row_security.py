"""A school's marks are seen by those who may, whatever a query says; and a stamp tells whether a school's roll changed."""

from alembic import op

from shared.database.row_security import policies

revision = "0009"
down_revision = "0008"

_RENEW = """
CREATE FUNCTION renew_roll_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE schools SET roll_version = gen_random_uuid() WHERE urn IN (SELECT urn FROM changed);
    RETURN NULL;
END $$
"""
_CHANGES = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}

# A school that continues others has their marks.
_OWN = """
CREATE FUNCTION own_schools() RETURNS integer[] LANGUAGE sql STABLE AS $$
    WITH RECURSIVE own (urn) AS (
        SELECT unnest(CAST(string_to_array(current_setting('app.schools', true), ',') AS integer[]))
        UNION SELECT predecessor FROM successions JOIN own USING (urn)
    )
    SELECT array_agg(urn) FROM own
$$
"""

# As before, and each partition is closed to whoever does not come through its parent, whose policy then decides.
_PARTITIONS = """
CREATE OR REPLACE FUNCTION make_mark_partitions(day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = month AND relnamespace = 'public'::regnamespace) THEN
            EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', month, parent);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', month);
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, month, first, (first + interval '1 month')::date);
        END IF;
    END LOOP;
END $$
"""


def upgrade() -> None:
    # A school has no roll when it is made, so all may begin with one stamp.
    op.execute("ALTER TABLE schools ADD COLUMN roll_version uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'")
    op.execute("UPDATE schools SET roll_version = gen_random_uuid()")
    op.execute(_RENEW)
    for change, rows in _CHANGES.items():
        op.execute(
            f"CREATE TRIGGER renew_roll_version_{change.lower()} AFTER {change} ON roll_spells "
            f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION renew_roll_version()"
        )
    op.execute(_OWN)
    for statement in policies("marks", "mark_versions", "receipts", "quarantine", own="own_schools()"):
        op.execute(statement)
    op.execute(_PARTITIONS)
    op.execute("""
        DO $$
        DECLARE month regclass;
        BEGIN
            FOR month IN SELECT inhrelid FROM pg_inherits WHERE inhparent IN ('marks'::regclass, 'mark_versions'::regclass) LOOP
                EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', month);
            END LOOP;
        END $$
    """)


def downgrade() -> None:
    raise NotImplementedError
