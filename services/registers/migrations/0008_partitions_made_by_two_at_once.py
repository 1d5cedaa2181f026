"""Two registers of a new month at once: whoever waited for the other sees the month that the other made."""

from alembic import op

revision = "0008"
down_revision = "0007"

# `to_regclass` answers from the session's cache, which may still hold that there is no such table after the wait for the lock;
# a statement on the catalogue sees what was committed before it began.
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
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                           parent, month, first, (first + interval '1 month')::date);
        END IF;
    END LOOP;
END $$
"""


def upgrade() -> None:
    op.execute(_PARTITIONS)


def downgrade() -> None:
    raise NotImplementedError
