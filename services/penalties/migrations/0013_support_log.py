"""The support log: entries of a child, each with all its versions. Who was at the school on that day sees an entry, too."""

from alembic import op

from shared.database.row_security import OWN_AREA, conditions

revision = "0013"
down_revision = "0012"

_TABLES = """
    CREATE TABLE support_entries (
        id uuid NOT NULL, pupil_id uuid NOT NULL, urn integer NOT NULL, la_code text NOT NULL, written_for text NOT NULL,
        version integer NOT NULL, made_on date NOT NULL, CONSTRAINT pk_support_entries PRIMARY KEY (id)
    );
    CREATE INDEX ix_support_entries_log ON support_entries (pupil_id, made_on, id);
    CREATE TABLE support_versions (
        entry_id uuid NOT NULL, version integer NOT NULL, content jsonb NOT NULL, correction_reason text, written_by text NOT NULL,
        written_by_role text NOT NULL, written_by_subject text NOT NULL, written_for text NOT NULL, written_at timestamptz NOT NULL,
        CONSTRAINT pk_support_versions PRIMARY KEY (entry_id, version),
        CONSTRAINT fk_support_versions_entry_id_support_entries FOREIGN KEY (entry_id) REFERENCES support_entries (id)
    );
    CREATE FUNCTION was_on_own_roll(pupil uuid, day date) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT EXISTS (
            SELECT FROM rolls WHERE pupil_id IN (SELECT records_of(pupil))
            AND (urn = ANY (own_schools()) OR la_code = current_setting('app.la', true))
            AND admitted_on <= day AND (left_on IS NULL OR left_on >= day)
        )
    $$;
"""

SEEN = {
    # has_own_case is, for an accredited person, a case that was referred to them.
    "support_entries": f"""
        CASE WHEN (SELECT current_setting('app.role', true)) = 'accredited' THEN has_own_case(pupil_id)
        ELSE urn = ANY ((SELECT own_schools())::integer[]) OR la_code = {OWN_AREA} OR is_present(pupil_id) OR was_on_own_roll(pupil_id, made_on)
        END
    """,
    "support_versions": "EXISTS (SELECT FROM support_entries WHERE support_entries.id = support_versions.entry_id)",
}


def upgrade() -> None:
    """Create the tables, and bind their rows to who may see them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLES)
    for statement in conditions(SEEN):
        op.execute(statement)
