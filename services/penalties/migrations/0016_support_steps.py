"""What followed an entry of the support log: how far a referral has come, what was done about advice, what became of medical evidence."""

from alembic import op

from shared.database.row_security import conditions

revision = "0016"
down_revision = "0015"

_TABLE = """
    CREATE TABLE support_steps (
        id uuid NOT NULL, entry_id uuid NOT NULL, step text NOT NULL, taken_on date NOT NULL, notes text NOT NULL, recorded_by text NOT NULL,
        recorded_by_role text NOT NULL, recorded_by_subject text NOT NULL, recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_support_steps PRIMARY KEY (id),
        CONSTRAINT fk_support_steps_entry_id_support_entries FOREIGN KEY (entry_id) REFERENCES support_entries (id)
    );
    CREATE INDEX ix_support_steps_entry_id ON support_steps (entry_id);
"""

SEEN = {"support_steps": "EXISTS (SELECT FROM support_entries WHERE support_entries.id = support_steps.entry_id)"}


def upgrade() -> None:
    """Create the table, and bind its rows to who may see the entry."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLE)
    for statement in conditions(SEEN):
        op.execute(statement)
