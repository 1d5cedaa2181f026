"""Former UPNs find the pupil; a pupil's status cannot be other than the judgement says."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table and the constraint."""
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
ALTER TABLE pupils ADD CONSTRAINT ck_pupils_status CHECK (status = COALESCE(judgement ->> 'status', 'below')) NOT VALID;
ALTER TABLE pupils VALIDATE CONSTRAINT ck_pupils_status
"""


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
