"""What every school's marks of a month come to, so that statistics of an authority read totals and not tens of millions of marks."""

from alembic import op

from shared.database.row_security import policies

revision = "0009"
down_revision = "0008"

# A corrected date of birth or another calendar changes what is counted without a mark. In the order of the schools, as whoever counts them.
_RECOUNT = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM urn FROM counted_schools WHERE urn IN ({which}) ORDER BY urn FOR UPDATE;
    UPDATE counted_schools SET revision = -1 WHERE urn IN ({which});
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Create both tables, empty: the worker fills them, and whoever asks for figures fills what is missing in them."""
    op.execute("""
        CREATE TABLE monthly_totals (
            urn integer NOT NULL, month date NOT NULL, stale boolean NOT NULL DEFAULT true,
            days smallint[] NOT NULL DEFAULT '{}', codes text[] NOT NULL DEFAULT '{}', sessions integer[] NOT NULL DEFAULT '{}',
            pupils uuid[] NOT NULL DEFAULT '{}', possible bigint[] NOT NULL DEFAULT '{}', absent bigint[] NOT NULL DEFAULT '{}',
            CONSTRAINT pk_monthly_totals PRIMARY KEY (urn, month)
        )
    """)
    op.execute("CREATE INDEX ix_monthly_totals_stale ON monthly_totals (urn) WHERE stale")
    op.execute("""
        CREATE TABLE counted_schools (
            urn integer NOT NULL CONSTRAINT pk_counted_schools PRIMARY KEY, revision integer NOT NULL, roll_version uuid NOT NULL
        )
    """)
    for statement in policies("monthly_totals", "counted_schools", own="own_schools()"):
        op.execute(statement)
    op.execute(_RECOUNT.format(name="recount_births", which="SELECT urn FROM roll_spells WHERE pupil_id = NEW.id"))
    op.execute(_RECOUNT.format(name="recount_calendars", which="NEW.urn"))
    op.execute("""
        CREATE TRIGGER recount_births AFTER UPDATE ON pupils FOR EACH ROW WHEN (OLD.date_of_birth <> NEW.date_of_birth)
        EXECUTE FUNCTION recount_births()
    """)
    op.execute("CREATE TRIGGER recount_calendars AFTER INSERT OR UPDATE ON calendars FOR EACH ROW EXECUTE FUNCTION recount_calendars()")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
