"""What an officer of one authority decided about a pupil of several, until an officer of each other one decides alike."""

from alembic import op

from shared.database.row_security import EVERYTHING

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Create the table, and bind it as the differences are."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE difference_confirmations (
            difference_id uuid NOT NULL CONSTRAINT fk_difference_confirmations_difference_id_pupil_differences
                REFERENCES pupil_differences (id),
            la_code text NOT NULL,
            urn integer NOT NULL,
            claims jsonb NOT NULL,
            reason text NOT NULL,
            confirmed_at timestamptz NOT NULL,
            confirmed_by text NOT NULL,
            role text NOT NULL,
            CONSTRAINT pk_difference_confirmations PRIMARY KEY (difference_id, la_code)
        )
    """)
    op.execute("ALTER TABLE difference_confirmations ENABLE ROW LEVEL SECURITY")
    op.execute(f"""
        CREATE POLICY reach ON difference_confirmations USING (
            {EVERYTHING} OR EXISTS (SELECT FROM pupil_differences WHERE pupil_differences.id = difference_confirmations.difference_id)
        )
    """)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
