"""Who sees which rows: cases and notices of their schools or authority, of pupils who are there today, or that were referred to them."""

from alembic import op

from shared.database.row_security import OWN_AREA, conditions

revision = "0006"
down_revision = "0005"

_FUNCTIONS = """
    CREATE FUNCTION own_schools() RETURNS integer[] LANGUAGE sql STABLE AS $$
        WITH RECURSIVE own (urn) AS (
            SELECT unnest(CAST(string_to_array(current_setting('app.schools', true), ',') AS integer[]))
            UNION SELECT unnest(predecessors) FROM successions JOIN own USING (urn)
        )
        SELECT coalesce(array_agg(urn), '{}') FROM own
    $$;
    -- These three read as the owner of the tables: whether a case is seen depends on rolls and agreements, which are seen through cases.
    CREATE FUNCTION is_present(pupil uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT EXISTS (
            SELECT FROM rolls WHERE pupil_id IN (SELECT records_of(pupil))
            AND (urn = ANY (own_schools()) OR la_code = current_setting('app.la', true))
            AND admitted_on <= CAST(nullif(current_setting('app.today', true), '') AS date)
            AND (left_on IS NULL OR left_on >= CAST(nullif(current_setting('app.today', true), '') AS date))
        )
    $$;
    CREATE FUNCTION is_referred(id_of_case uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT coalesce(
            (SELECT refer_to = ANY (own_schools()) FROM agreements WHERE case_id = id_of_case ORDER BY id DESC LIMIT 1), false
        )
    $$;
    CREATE FUNCTION has_own_case(pupil uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT EXISTS (
            SELECT FROM cases WHERE pupil_id IN (SELECT records_of(pupil)) AND CASE current_setting('app.role', true)
                WHEN 'accredited' THEN is_referred(id)
                ELSE urn = ANY (own_schools()) OR la_code = current_setting('app.la', true)
            END
        )
    $$;
    CREATE FUNCTION is_of_no_notice(provider_id text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
        SELECT NOT EXISTS (SELECT FROM payments WHERE provider_payment_id = provider_id)
    $$;
"""

_ACCREDITED = "(SELECT current_setting('app.role', true)) = 'accredited'"
_OWN_SCHOOL = "urn = ANY ((SELECT own_schools())::integer[])"


def _own(id_of_case: str) -> str:
    """Return the condition that a case or notice is within reach; what is looked up comes last."""
    return (
        f"CASE WHEN {_ACCREDITED} THEN is_referred({id_of_case}) ELSE {_OWN_SCHOOL} OR la_code = {OWN_AREA} OR is_present(pupil_id) END"
    )


def _through(table: str, column: str, other: str, key: str = "id") -> str:
    return f"EXISTS (SELECT FROM {other} WHERE {other}.{key} = {table}.{column})"


SEEN = {
    "cases": _own("id"),
    "improvement_notices": _own("case_id"),
    "penalty_notices": _own("case_id"),
    **{table: _through(table, "case_id", "cases") for table in ("decisions", "agreements", "holds", "court_files")},
    "runs": f"{_through('runs', 'case_id', 'cases')} OR (case_id IS NULL AND {_through('runs', 'pupil_id', 'pupils')})",
    **{table: _through(table, "notice_id", "penalty_notices") for table in ("payments", "refunds")},
    # A payment that is none of ours names nobody: the officers of every authority look into it.
    "payment_messages": f"""
        {_through("payment_messages", "provider_payment_id", "payments", "provider_payment_id")}
        OR ((SELECT current_setting('app.sees', true)) = 'area' AND is_of_no_notice(provider_payment_id))
    """,
    # Pupils who are or were on an own roll, on whichever record of the child, and those of an own case.
    "rolls": f"{_OWN_SCHOOL} OR la_code = {OWN_AREA} OR has_own_case(pupil_id)",
    "pupils": "EXISTS (SELECT FROM rolls WHERE rolls.pupil_id IN (SELECT records_of(pupils.id))) OR has_own_case(id)",
    **{table: _through(table, "pupil_id", "pupils") for table in ("former_upns", "pupil_parents", "marks")},
}
"""Not bound, and why:

* calendars, successions: days and schools; nobody's personal data.
* the platform's tables: the relay's and the consumers', who see everything; an answer is found by its caller and path alone.
"""


def upgrade() -> None:
    """Bind every table that holds data of persons. `records_of` reads as its owner: which records are one child's does not depend on who asks."""
    op.execute("ALTER FUNCTION records_of(uuid) SECURITY DEFINER SET search_path = public")
    op.execute(_FUNCTIONS)
    for statement in conditions(SEEN):
        op.execute(statement)


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
