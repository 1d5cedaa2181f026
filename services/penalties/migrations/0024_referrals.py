"""The school's form of referral to the authority."""

from alembic import op

from shared.database.row_security import conditions

revision = "0024"
down_revision = "0023"

_TABLE = """
    CREATE TABLE referrals (
        id uuid NOT NULL, case_id uuid NOT NULL, parent_ids uuid[] NOT NULL, course text NOT NULL, statement text NOT NULL,
        declarations jsonb NOT NULL, support_gaps jsonb NOT NULL, findings jsonb NOT NULL, referred_on date NOT NULL,
        referred_at timestamptz NOT NULL, referred_by text NOT NULL, referred_by_role text NOT NULL, referred_by_subject text NOT NULL,
        CONSTRAINT pk_referrals PRIMARY KEY (id),
        CONSTRAINT fk_referrals_case_id_cases FOREIGN KEY (case_id) REFERENCES cases (id)
    );
    CREATE INDEX ix_referrals_case_id ON referrals (case_id);
"""

SEEN = {"referrals": "EXISTS (SELECT FROM cases WHERE cases.id = referrals.case_id)"}


def upgrade() -> None:
    """Create the table, and bind its rows to who may see the case."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLE)
    for statement in conditions(SEEN):
        op.execute(statement)
