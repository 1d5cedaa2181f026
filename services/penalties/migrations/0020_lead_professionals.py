"""The lead professionals of a case, each from a day on."""

from alembic import op

from shared.database.row_security import conditions

revision = "0020"
down_revision = "0019"

_TABLE = """
    CREATE TABLE case_leads (
        id uuid NOT NULL, case_id uuid NOT NULL, name text NOT NULL, office text NOT NULL, recorded_by text NOT NULL,
        recorded_by_role text NOT NULL, recorded_by_subject text NOT NULL, since date NOT NULL, recorded_at timestamptz NOT NULL,
        CONSTRAINT pk_case_leads PRIMARY KEY (id),
        CONSTRAINT fk_case_leads_case_id_cases FOREIGN KEY (case_id) REFERENCES cases (id)
    );
    CREATE INDEX ix_case_leads_case_id ON case_leads (case_id, since, id);
"""

SEEN = {"case_leads": "EXISTS (SELECT FROM cases WHERE cases.id = case_leads.case_id)"}


def upgrade() -> None:
    """Create the table, and bind its rows to who may see the case."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLE)
    for statement in conditions(SEEN):
        op.execute(statement)
