"""UPNs that a school records for a pupil while another pupil, out of its reach, has them."""

from alembic import op

from shared.database.row_security import EVERYTHING

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Create the table, bind it as `upns` is, and let two pupils be shown with one UPN until officers decide."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE asserted_upns (
            upn text NOT NULL CONSTRAINT fk_asserted_upns_upn_upns REFERENCES upns (upn),
            pupil_id uuid NOT NULL CONSTRAINT fk_asserted_upns_pupil_id_pupils REFERENCES pupils (id),
            CONSTRAINT pk_asserted_upns PRIMARY KEY (upn, pupil_id)
        )
    """)
    op.execute("CREATE INDEX ix_asserted_upns_pupil_id ON asserted_upns (pupil_id)")
    op.execute("ALTER TABLE asserted_upns ENABLE ROW LEVEL SECURITY")
    op.execute(f"""
        CREATE POLICY reach ON asserted_upns USING (
            {EVERYTHING} OR EXISTS (SELECT FROM pupils_at_schools AS here WHERE here.pupil_id = asserted_upns.pupil_id)
        )
    """)
    op.execute("CREATE INDEX ix_pupils_upn ON pupils (upn)")
    # Whose a number is stands in `upns`, where it is unique; what a pupil is shown with may be asserted for another one as well.
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE pupils DROP CONSTRAINT uq_pupils_upn")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
