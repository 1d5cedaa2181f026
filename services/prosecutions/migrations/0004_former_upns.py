"""Former UPNs find the pupil's files."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.execute("CREATE TABLE former_upns (upn text NOT NULL, pupil_id uuid NOT NULL, CONSTRAINT pk_former_upns PRIMARY KEY (upn, pupil_id))")
    op.execute("CREATE INDEX ix_former_upns_pupil_id ON former_upns (pupil_id)")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
