"""A judgement is kept with the step of the run that said it, once."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Drop the copy. No installation runs yet whose workers would miss it; once there is one, a column is dropped a release later."""
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE pupils DROP CONSTRAINT ck_pupils_status")
    op.execute("-- squawk-ignore ban-drop-column\nALTER TABLE pupils DROP COLUMN judgement")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
