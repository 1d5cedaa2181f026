"""What makes somebody a parent, and who allowed the absence: as people record it, and as a school's system sent it."""

from alembic import op

from shared.database.row_security import conditions

revision = "0022"
down_revision = "0021"

_TABLE = """
    CREATE TABLE liability_records (
        id uuid NOT NULL, case_id uuid NOT NULL, pupil_id uuid NOT NULL, parent_id uuid NOT NULL, parent_by text, basis text, shown_by text,
        withdrawal_reason text, recorded_on date NOT NULL, recorded_at timestamptz NOT NULL, recorded_by text NOT NULL,
        recorded_by_role text NOT NULL, recorded_by_subject text NOT NULL,
        CONSTRAINT pk_liability_records PRIMARY KEY (id),
        CONSTRAINT fk_liability_records_case_id_cases FOREIGN KEY (case_id) REFERENCES cases (id)
    );
    CREATE INDEX ix_liability_records_case_id ON liability_records (case_id);
    CREATE INDEX ix_liability_records_pupil_id ON liability_records (pupil_id);
    ALTER TABLE pupil_parents ADD COLUMN liability_basis text;
"""

SEEN = {"liability_records": "EXISTS (SELECT FROM cases WHERE cases.id = liability_records.case_id)"}


def upgrade() -> None:
    """Create the table, bind its rows to who may see the case, and add the column."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLE)
    for statement in conditions(SEEN):
        op.execute(statement)
