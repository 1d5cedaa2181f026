"""A matter for each parent of a case. Those of the cases that are there are made by due work, which judges as everybody does."""

from alembic import op

from shared.database.row_security import conditions

revision = "0025"
down_revision = "0024"

_TABLES = """
    CREATE TABLE matters (
        id uuid NOT NULL, case_id uuid NOT NULL, parent_id uuid NOT NULL, stage text NOT NULL, outcome text,
        provisional boolean DEFAULT false NOT NULL, stage_since date NOT NULL, ended_on date, revision integer DEFAULT 0 NOT NULL,
        CONSTRAINT pk_matters PRIMARY KEY (id), CONSTRAINT fk_matters_case_id_cases FOREIGN KEY (case_id) REFERENCES cases (id)
    );
    CREATE UNIQUE INDEX uq_matters_case_id ON matters (case_id, parent_id);
    CREATE INDEX ix_matters_stage ON matters (stage, case_id);
    CREATE TABLE case_reviews (
        case_id uuid NOT NULL, revision integer NOT NULL, judged_on date, due_on date, first_closed_on date,
        ended_for_all boolean DEFAULT false NOT NULL, CONSTRAINT pk_case_reviews PRIMARY KEY (case_id),
        CONSTRAINT fk_case_reviews_case_id_cases FOREIGN KEY (case_id) REFERENCES cases (id)
    );
    CREATE INDEX ix_case_reviews_due_on ON case_reviews (due_on) WHERE due_on IS NOT NULL;
    CREATE INDEX ix_case_reviews_judged_on ON case_reviews (judged_on);
    INSERT INTO case_reviews (case_id, revision, due_on, first_closed_on, ended_for_all)
    SELECT id, CASE status WHEN 'closed' THEN 2 ELSE 1 END, opened_on, closed_on, status = 'closed' FROM cases;
    ALTER TABLE agreements ADD COLUMN in_force_until date, ADD COLUMN offence_from date, ADD COLUMN offence_to date;
    UPDATE agreements SET in_force_until = agreed_on + 60 WHERE agreed;
    ALTER TABLE court_files ADD COLUMN verdict text, ADD COLUMN appeal_until date, ADD COLUMN agreement_id uuid;
"""
_REFERRED = """
    -- By an answer that is the last word about some parent; one that names nobody, of an earlier version, is about everyone.
    CREATE FUNCTION referred_schools(id_of_case uuid) RETURNS SETOF integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT refer_to FROM agreements AS answer WHERE case_id = id_of_case AND refer_to IS NOT NULL AND EXISTS (
            SELECT FROM unnest(CASE parent_ids WHEN '{}' THEN ARRAY[NULL]::uuid[] ELSE parent_ids END) AS about (parent_id)
            WHERE NOT EXISTS (
                SELECT FROM agreements AS later WHERE later.case_id = id_of_case AND later.id > answer.id
                AND (about.parent_id IS NULL OR later.parent_ids = '{}' OR about.parent_id = ANY (later.parent_ids))
            )
        ) ORDER BY id DESC
    $$;
    CREATE OR REPLACE FUNCTION is_referred(id_of_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT EXISTS (SELECT FROM referred_schools(id_of_case) AS school WHERE school = ANY (own_schools()))
    $$;
"""

SEEN = {table: f"EXISTS (SELECT FROM cases WHERE cases.id = {table}.case_id)" for table in ("matters", "case_reviews")}


def upgrade() -> None:
    """Create the tables, bind their rows to who may see the case, and let every case be judged. A case is referred parent by parent."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(_TABLES)
    op.execute(_REFERRED)
    for statement in conditions(SEEN):
        op.execute(statement)
