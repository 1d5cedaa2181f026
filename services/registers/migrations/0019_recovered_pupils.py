"""Pupils whom events name and no school has sent since the database went back to an old copy."""

from alembic import op

from shared.database.row_security import conditions

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the table; requests reach it only where a roll is stored, which sees everything."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("""
        CREATE TABLE recovered_pupils (
            pupil_id uuid NOT NULL CONSTRAINT pk_recovered_pupils PRIMARY KEY,
            upn text NOT NULL CONSTRAINT uq_recovered_pupils_upn UNIQUE,
            revision integer NOT NULL, published_rolls jsonb NOT NULL, published_parents jsonb
        )
    """)
    for statement in conditions({"recovered_pupils": "false"}):
        op.execute(statement)
