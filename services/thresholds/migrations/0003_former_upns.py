"""Former UPNs find the pupil; a pupil's status cannot be other than the judgement says."""

from alembic import op

from shared.attendance.identities import create_former_upns

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and the constraint."""
    create_former_upns()
    op.execute("ALTER TABLE pupils ADD CONSTRAINT ck_pupils_status CHECK (status = COALESCE(judgement ->> 'status', 'below')) NOT VALID")
    op.execute("ALTER TABLE pupils VALIDATE CONSTRAINT ck_pupils_status")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
