"""States of court files that must never exist."""

from shared.invariants import Invariant

INVARIANTS = (
    Invariant(
        "a draft rests on a notice that is paid in full or withdrawn",
        """SELECT files.id FROM files JOIN notice_states AS notice USING (notice_id)
           WHERE files.status = 'draft' AND (notice.discharged OR notice.withdrawn_on IS NOT NULL)""",
    ),
    Invariant(
        "a charge rests on a notice that is paid in full or withdrawn, and nothing ever held the file for it",
        """SELECT files.id FROM files JOIN notice_states AS notice USING (notice_id)
           WHERE files.status = 'charged' AND (notice.discharged OR notice.withdrawn_on IS NOT NULL)
             AND NOT EXISTS (SELECT FROM holds WHERE holds.file_id = files.id)""",
    ),
    Invariant(
        "a file is charged without a day or without sessions",
        """SELECT id FROM files WHERE status IN ('charged', 'concluded')
           AND (charged_on IS NULL OR coalesce(jsonb_array_length(charged_sessions), 0) = 0)""",
    ),
    Invariant("a charge was brought after the last day for any of its sessions", "SELECT id FROM files WHERE charged_on > outer_limit"),
    Invariant("a charge was brought before its file was opened", "SELECT id FROM files WHERE charged_on < opened_on"),
    Invariant(
        "a charge was brought while the notice could be paid",
        "SELECT id FROM files WHERE charged_on < CAST(notice ->> 'overdue_from' AS date) AND NOT held AND status = 'charged'",
    ),
    Invariant(
        "a file has ended without a day or an outcome",
        "SELECT id FROM files WHERE status IN ('concluded', 'withdrawn', 'stopped') AND (ended_on IS NULL OR outcome IS NULL)",
    ),
    Invariant("a file's time limits are out of order", "SELECT id FROM files WHERE safe_limit > outer_limit"),
    Invariant(
        "a file is held and nothing holds it",
        """SELECT id FROM files WHERE held
           AND NOT EXISTS (SELECT FROM holds WHERE holds.file_id = files.id AND holds.cleared_on IS NULL)""",
    ),
    Invariant(
        "something holds a file that is not held",
        """SELECT DISTINCT files.id FROM files JOIN holds ON holds.file_id = files.id WHERE holds.cleared_on IS NULL AND NOT files.held""",
    ),
    Invariant(
        "a file was opened neither on a notice nor on a decision", "SELECT id FROM files WHERE notice_id IS NULL AND decision_id IS NULL"
    ),
)
