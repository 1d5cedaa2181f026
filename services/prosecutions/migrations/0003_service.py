"""What came before a file, also one without a notice; how its notice was served last, and whether the letter came back."""

from alembic import op

revision = "0003"
down_revision = "0002"

CHANGES = """
ALTER TABLE files ADD COLUMN improvement_notices jsonb NOT NULL DEFAULT '[]';
UPDATE files SET improvement_notices = notice -> 'improvement_notices' WHERE notice ? 'improvement_notices';
ALTER TABLE notice_states ADD COLUMN served_revision integer NOT NULL DEFAULT 0;
ALTER TABLE notice_states ADD COLUMN received_on date;
ALTER TABLE notice_states ADD COLUMN returned_on date
"""


def upgrade() -> None:
    """Add what is to be known."""
    for statement in CHANGES.split(";"):
        op.execute(statement)
