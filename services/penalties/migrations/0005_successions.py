"""Which school continues which: what was a predecessor's is the successor's own."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table."""
    op.execute("""
        CREATE TABLE successions (
            urn integer NOT NULL, predecessors integer[] NOT NULL, revision integer NOT NULL, CONSTRAINT pk_successions PRIMARY KEY (urn)
        )
    """)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
