"""States of cases, notices and payments that must never exist."""

from shared.attendance.law import NATIONAL
from shared.invariants import Invariant


def _too_many() -> str:
    """Return the query for parents with more counted notices about one child than the law allows at any time."""
    cap, years = (NATIONAL.history[name][-1].value for name in ("cap_notices", "cap_years"))
    return f"""
        SELECT notice.id FROM penalty_notices AS notice
        JOIN penalty_notices AS earlier ON earlier.parent_id = notice.parent_id AND earlier.pupil_id = notice.pupil_id
         AND earlier.issued_on > notice.issued_on - interval '{years} years' AND (earlier.issued_on, earlier.id) <= (notice.issued_on, notice.id)
        WHERE notice.kind = 'penalty-notice' AND earlier.kind = 'penalty-notice' AND notice.status <> 'withdrawn' AND earlier.status <> 'withdrawn'
          AND NOT notice.acquitted AND NOT earlier.acquitted AND notice.tier <> 'flat' AND earlier.tier <> 'flat'
        GROUP BY notice.id HAVING count(*) > {cap}
    """  # noqa: S608 -- two numbers of the law


INVARIANTS = (
    Invariant("a parent was issued a counted notice too many", _too_many()),
    Invariant(
        "a notice is overdue while a payment of it is open",
        """SELECT notice.id FROM penalty_notices AS notice JOIN payments ON payments.notice_id = notice.id
           WHERE notice.status = 'overdue' AND payments.state = 'open'""",
    ),
    Invariant(
        "a notice is served or overdue and has no proof or no dates",
        """SELECT id FROM penalty_notices WHERE status IN ('served', 'overdue')
           AND (proof_id IS NULL OR posted_on IS NULL OR received_on IS NULL OR final_deadline IS NULL OR overdue_from IS NULL)""",
    ),
    Invariant(
        "the dates of a notice are out of order",
        """SELECT id FROM penalty_notices WHERE received_on > early_deadline OR early_deadline > final_deadline OR final_deadline >= overdue_from""",
    ),
    Invariant("a notice is paid without money", "SELECT id FROM penalty_notices WHERE status = 'paid' AND paid_pence <= 0"),
    Invariant(
        "a notice is withdrawn and nobody is named",
        """SELECT id FROM penalty_notices WHERE status = 'withdrawn'
           AND (withdrawn_by IS NULL OR withdrawn_on IS NULL OR withdrawal_ground IS NULL)""",
    ),
    Invariant(
        "a notice rests on an answer of the authority that does not agree",
        """SELECT notice.id FROM penalty_notices AS notice JOIN agreements ON agreements.id = notice.agreement_id WHERE NOT agreements.agreed""",
    ),
    Invariant(
        "a charge rests on a notice that was paid in full before it",
        """SELECT file.id FROM court_files AS file JOIN penalty_notices AS notice ON notice.id = ANY(file.notice_ids)
           WHERE file.status = 'charged' AND notice.status = 'paid' AND notice.paid_on < file.charged_on""",
    ),
    Invariant(
        "a notice is held and nothing holds it",
        """SELECT id FROM penalty_notices AS notice WHERE held
           AND NOT EXISTS (SELECT FROM holds WHERE holds.about = notice.id AND holds.cleared_on IS NULL)""",
    ),
    Invariant(
        "a case is closed while a notice of it can be paid",
        """SELECT cases.id FROM cases JOIN penalty_notices AS notice ON notice.case_id = cases.id
           WHERE cases.status = 'closed' AND notice.status IN ('issued', 'served') AND notice.concluded_on IS NULL""",
    ),
    Invariant(
        "a case is closed without a day or an outcome",
        "SELECT id FROM cases WHERE status = 'closed' AND (closed_on IS NULL OR outcome IS NULL)",
    ),
    Invariant(
        "a case is of a run that belongs to another case",
        "SELECT cases.id FROM cases JOIN runs ON runs.id = cases.run_id WHERE runs.case_id IS DISTINCT FROM cases.id",
    ),
    Invariant("a payment succeeded and counts on no day", "SELECT id FROM payments WHERE state = 'success' AND counted_on IS NULL"),
    Invariant(
        "a Notice to Improve has ended and nobody is named",
        """SELECT id FROM improvement_notices WHERE status IN ('met', 'failed', 'failed-early') AND (ended_by IS NULL OR ended_on IS NULL)""",
    ),
    Invariant(
        "a file of the support log is not all there",
        """SELECT attached.entry_id FROM support_attachments AS attached LEFT JOIN LATERAL (
               SELECT sum(octet_length(content)) AS stored FROM support_pieces AS piece
               WHERE piece.entry_id = attached.entry_id AND piece.number = attached.number
           ) AS piece ON true WHERE piece.stored IS DISTINCT FROM attached.size""",
    ),
)
