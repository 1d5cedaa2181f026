"""States of registers, rolls and requests that must never exist. None of the queries reads the marks of years."""

from shared.invariants import Invariant

INVARIANTS = (
    Invariant(
        "a mark awaits its reason and is not N",
        """SELECT concat_ws('/', waiting.urn, waiting.date, waiting.session, waiting.pupil_id) FROM unresolved_marks AS waiting
           LEFT JOIN marks USING (urn, date, session, pupil_id) WHERE marks.code IS DISTINCT FROM 'N'""",
    ),
    Invariant(
        "a reason was published as overdue before its last day was known",
        """SELECT concat_ws('/', urn, date, session, pupil_id) FROM unresolved_marks WHERE published_on IS NOT NULL AND due_on IS NULL""",
    ),
    Invariant(
        "a reason was published as overdue by its last day",
        """SELECT concat_ws('/', urn, date, session, pupil_id) FROM unresolved_marks WHERE published_on <= due_on""",
    ),
    Invariant(
        "a roll names a UPN that nobody has",
        "SELECT roll_spells.upn FROM roll_spells LEFT JOIN upns ON upns.upn = roll_spells.upn WHERE upns.upn IS NULL",
    ),
    Invariant(
        "an import has ended and nobody can see when",
        "SELECT id FROM imports WHERE state IN ('done', 'failed') AND ended_at IS NULL",
    ),
    Invariant("an import failed and nobody can see why", "SELECT id FROM imports WHERE state = 'failed' AND error IS NULL"),
    Invariant("an import has come further than its file goes", "SELECT id FROM imports WHERE position > total"),
    Invariant(
        "leave is decided and nobody is named",
        "SELECT id FROM leave_requests WHERE state IN ('granted', 'refused') AND (decided_by IS NULL OR decided_on IS NULL)",
    ),
    Invariant("a request for leave was recorded by nobody", "SELECT id FROM leave_requests WHERE recorded_by = ''"),
    Invariant("a person is merged into themselves", "SELECT id FROM parents WHERE merged_into = id"),
)
