"""Every table of registers, what keeps its history, and who sees which rows."""

from pathlib import Path

from alembic import op

from shared.database.platform import create_platform_tables
from shared.database.row_security import policies

revision = "0001"
down_revision = None

OF_SCHOOLS = (
    "marks",
    "mark_versions",
    "receipts",
    "quarantine",
    "unresolved_marks",
    "pupils_at_schools",
    "roll_spells",
    "contacts",
    "pupil_parents",
    "leave_requests",
    "attendance_policies",
)
"""Seen by those who may see the school, whatever a query asks for.

Not bound, and why:
* schools, calendars, successions: the public register of schools and days; nobody's personal data but the published name of a school's
  Senior Attendance Champion. Every policy looks schools up, officers are refused another area's by name, and each register locks its school's
  row: the hot path would pay for what it does not hide.
* outbox, inbox, consumer_offsets, dead_letters: the relay's and the consumers', who see everything. Their events name pupils by id alone.
* idempotency_keys: an answer is found by its caller and path alone, and kept for a day.
"""

SEEN_THROUGH = {
    "pupils": "EXISTS (SELECT FROM pupils_at_schools AS here WHERE here.pupil_id = pupils.id)",
    "upns": "EXISTS (SELECT FROM pupils_at_schools AS here WHERE here.pupil_id = upns.pupil_id)",
    "upn_changes": "EXISTS (SELECT FROM pupils_at_schools AS here WHERE here.pupil_id = upn_changes.pupil_id)",
    "pupil_mergers": "EXISTS (SELECT FROM pupils_at_schools AS here WHERE here.pupil_id IN (pupil_mergers.survivor, pupil_mergers.absorbed))",
    # A person who was merged into another one has no contacts any more.
    "parents": "EXISTS (SELECT FROM contacts WHERE contacts.parent_id IN (parents.id, parents.merged_into))",
    "parent_matches": """EXISTS (
        SELECT FROM parents AS person JOIN contacts ON contacts.parent_id IN (person.id, person.merged_into)
        WHERE person.id IN (parent_matches.one, parent_matches.other)
    )""",
    "match_undoings": "EXISTS (SELECT FROM parent_matches WHERE parent_matches.id = match_undoings.match_id)",
    # What its sender's token reached. An import by an officer without an area is seen by such officers alone.
    "imports": """
        (schools <> '{}' AND schools <@ (SELECT own_schools()))
        OR la_code = (SELECT current_setting('app.la', true))
        OR (schools <> '{}' AND schools <@ (SELECT array_agg(urn) FROM schools WHERE schools.la_code = (SELECT current_setting('app.la', true))))
    """,
    "import_pieces": "EXISTS (SELECT FROM imports WHERE imports.id = import_pieces.import_id)",
    "import_refusals": "EXISTS (SELECT FROM imports WHERE imports.id = import_refusals.import_id)",
    # Rows as they were, of many tables. No request reads them.
    "superseded": "false",
}
"""Tables without a school of their own are seen through what has one. The policy of a table named within binds too."""

REPLACED = ("schools", "calendars", "successions", "attendance_policies", "pupils", "pupils_at_schools", "contacts")
"""What is replaced in these is first copied to `superseded`."""

NEVER_DELETED = (*REPLACED, "marks", "quarantine")
NEVER_CHANGED = ("mark_versions", "receipts", "superseded", "upns", "upn_changes", "match_undoings")
_ON_EACH = "CREATE TRIGGER {function} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"


def upgrade() -> None:
    """Create the tables, the triggers and functions, and bind every table that holds data of persons."""
    create_platform_tables()
    folder = Path(__file__).parent
    op.execute((folder / "0001_baseline.sql").read_text(encoding="utf-8"))
    op.execute((folder / "0001_history.sql").read_text(encoding="utf-8"))
    for event, tables, function in (
        ("UPDATE OF stored_at", REPLACED, "keep_superseded"),
        ("DELETE", NEVER_DELETED, "refuse_deletion"),
        ("UPDATE OR DELETE", NEVER_CHANGED, "refuse_deletion"),
    ):
        for table in tables:
            op.execute(_ON_EACH.format(function=function, event=event, table=table))
    for statement in policies(*OF_SCHOOLS, own="own_schools()"):
        op.execute(statement)
    for table, seen in SEEN_THROUGH.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON {table} USING ((SELECT current_setting('app.sees', true)) = 'everything' OR {seen})")


def downgrade() -> None:
    """Not offered: a migration is never taken back."""
    raise NotImplementedError
