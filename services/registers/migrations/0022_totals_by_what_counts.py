"""Totals of months are counted anew where officers decide whose a roll entry is, or which of two dates of birth of one child is wrong."""

from alembic import op

revision = "0022"
down_revision = "0021"

# In the order of the schools, as whoever counts them.
_RECOUNT = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM urn FROM counted_schools WHERE urn IN ({which}) ORDER BY urn FOR UPDATE;
    UPDATE counted_schools SET revision = -1 WHERE urn IN ({which});
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Add the triggers, and the index by which a right date of birth is found; what was counted before is counted anew."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "CREATE INDEX ix_pupil_mergers_wrong_birth ON pupil_mergers (wrong_birth) WHERE undone_at IS NULL AND wrong_birth IS NOT NULL"
    )
    op.execute(_RECOUNT.format(name="recount_claims", which="NEW.urn"))
    op.execute("""
        CREATE TRIGGER recount_claims AFTER UPDATE ON pupils_at_schools FOR EACH ROW WHEN (OLD.claim <> NEW.claim)
        EXECUTE FUNCTION recount_claims()
    """)
    op.execute(_RECOUNT.format(name="recount_mergers", which="SELECT urn FROM roll_spells WHERE pupil_id IN (NEW.survivor, NEW.absorbed)"))
    op.execute("""
        CREATE TRIGGER recount_mergers AFTER INSERT OR UPDATE ON pupil_mergers FOR EACH ROW WHEN (NEW.wrong_birth IS NOT NULL)
        EXECUTE FUNCTION recount_mergers()
    """)
    op.execute("""
        UPDATE counted_schools SET revision = -1 WHERE urn IN (
            SELECT urn FROM pupils_at_schools WHERE claim IN ('waiting', 'refused')
            UNION SELECT spell.urn FROM pupil_mergers AS merger JOIN roll_spells AS spell ON spell.pupil_id = merger.wrong_birth
            WHERE merger.undone_at IS NULL
        )
    """)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
