"""Letters that were sent with a day on them that lay ahead, and what a person decided about them."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column, its indexes and the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE letters ADD COLUMN misdated_on date")
    op.execute("CREATE INDEX ix_letters_made_on ON letters (made_on)")
    op.execute("CREATE INDEX ix_letters_misdated ON letters (requested_at, id) WHERE misdated_on IS NOT NULL")
    op.execute("""
        CREATE TABLE date_decisions (
            letter_id uuid NOT NULL CONSTRAINT pk_date_decisions PRIMARY KEY
                CONSTRAINT fk_date_decisions_letter_id_letters REFERENCES letters (id),
            corrects boolean NOT NULL, reason text NOT NULL, decided_by text NOT NULL, decided_by_role text NOT NULL,
            decided_at timestamptz NOT NULL
        )
    """)
