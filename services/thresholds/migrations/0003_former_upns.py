"""Former UPNs find the pupil; a pupil's status is read from the judgement and cannot be other than it says."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table, and the column anew."""
    for statement in STATEMENTS.split(";"):
        if statement.strip():
            op.execute(statement)


STATEMENTS = """
CREATE TABLE former_upns (
    upn TEXT NOT NULL,
    pupil_id UUID NOT NULL,
    CONSTRAINT pk_former_upns PRIMARY KEY (upn, pupil_id)
);
CREATE INDEX ix_former_upns_pupil_id ON former_upns (pupil_id);
ALTER TABLE pupils DROP COLUMN status;
ALTER TABLE pupils ADD COLUMN status TEXT NOT NULL GENERATED ALWAYS AS (COALESCE(judgement ->> 'status', 'below')) STORED;
CREATE INDEX ix_pupils_alert ON pupils (status, id) WHERE status <> 'below'
"""


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
