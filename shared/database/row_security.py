"""Row security: a request sees only the rows that its caller may see, even where a query has no condition for that.

The setting `app.sees` of every connection holds what it sees: a worker's everything, an API's nothing until the request's transaction widens it: everything, or
certain schools, or the schools of one authority. Policies bind the login role, which owns no table.
"""

from collections.abc import Iterator, Mapping

EVERYTHING = "(SELECT current_setting('app.sees', true)) = 'everything'"
"""SQL for a transaction that sees every row."""
OWN_AREA = "(SELECT current_setting('app.la', true))"
"""SQL for the authority whose rows a transaction sees; empty or null where it sees no authority's."""


def policies(*tables: str, own: str) -> Iterator[str]:
    """Give the statements that bind tables with a column `urn` to what a transaction sees.

    `own`: SQL for the array of schools that `app.schools` stands for. The table `schools` has each school's authority. Every setting is asked for
    in a sub-select, which PostgreSQL runs once per statement and not once per row.
    """
    for table in tables:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"""
            CREATE POLICY reach ON {table} USING (
                (SELECT current_setting('app.sees', true)) = 'everything'
                OR urn = ANY ((SELECT {own})::integer[])
                OR urn IN (SELECT urn FROM schools WHERE la_code = (SELECT current_setting('app.la', true)))
            )
        """  # noqa: S608 -- every part stands in a migration


def conditions(seen: Mapping[str, str]) -> Iterator[str]:
    """Give the statements that bind tables, each to the rows for which its own condition holds, unless a transaction sees everything.

    Where a condition reads another table, that one's policy binds too.
    """
    for table, condition in seen.items():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"CREATE POLICY reach ON {table} USING ({EVERYTHING} OR {condition})"
