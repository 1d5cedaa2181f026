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


_JUDGED = "matters AS matter JOIN case_reviews AS review ON review.case_id = matter.case_id AND review.judged_on IS NOT NULL"
"""Matters that were judged since the case was stored, or brought back."""


def _mine(fact: str) -> str:
    """Return the condition that a notice or a court file is of a matter: of its case and its parent, under the id that they have now."""
    return f"""{fact}.case_id = matter.case_id AND matter.parent_id = coalesce(
        (SELECT min(CAST(parent_id AS text))::uuid FROM pupil_parents
         WHERE pupil_id IN (SELECT records_of({fact}.pupil_id)) AND {fact}.parent_id = ANY(formerly)), {fact}.parent_id)"""  # noqa: S608 -- a name of this module


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
    Invariant(
        "a court file is open and the parent's matter is not at its prosecution",
        f"""SELECT file.id FROM court_files AS file JOIN {_JUDGED} ON {_mine("file")} WHERE file.status IN ('opened', 'charged')
            AND matter.stage <> 'prosecution'""",  # noqa: S608 -- parts of this module
    ),
    Invariant(
        "a penalty notice is neither paid nor withdrawn and the parent's matter has not come as far, or has ended",
        f"""SELECT notice.id FROM penalty_notices AS notice JOIN {_JUDGED} ON {_mine("notice")}
            WHERE notice.status IN ('issued', 'served', 'overdue') AND notice.concluded_on IS NULL
            AND matter.stage NOT IN ('penalty-notice', 'prosecution')""",  # noqa: S608 -- parts of this module
    ),
    Invariant(
        "a matter is at its penalty notice and there is none to be paid",
        f"""SELECT matter.id FROM {_JUDGED} WHERE matter.stage = 'penalty-notice' AND NOT EXISTS (
            SELECT FROM penalty_notices AS notice WHERE {_mine("notice")}
            AND notice.status IN ('issued', 'served', 'overdue') AND notice.concluded_on IS NULL)""",  # noqa: S608 -- parts of this module
    ),
    Invariant(
        "a matter is at its prosecution and no court file is open",
        f"""SELECT matter.id FROM {_JUDGED} WHERE matter.stage = 'prosecution' AND NOT EXISTS (
            SELECT FROM court_files AS file WHERE {_mine("file")} AND file.status IN ('opened', 'charged'))""",  # noqa: S608 -- parts of this module
    ),
    Invariant(
        "a matter has ended without an outcome or a day, or has an outcome and goes on",
        "SELECT id FROM matters WHERE (stage = 'ended') <> (outcome IS NOT NULL) OR (stage = 'ended') <> (ended_on IS NOT NULL)",
    ),
    Invariant(
        "a case is closed while a matter of it goes on",
        f"SELECT matter.id FROM {_JUDGED} JOIN cases ON cases.id = matter.case_id WHERE cases.status = 'closed' AND matter.stage <> 'ended'",  # noqa: S608 -- parts of this module
    ),
    Invariant(
        "a case is open and every matter of it has ended",
        f"""SELECT matter.case_id FROM {_JUDGED} JOIN cases ON cases.id = matter.case_id WHERE cases.status = 'open'
            GROUP BY matter.case_id HAVING bool_and(matter.stage = 'ended')""",  # noqa: S608 -- parts of this module
    ),
    Invariant(
        "one person has two matters in one case",
        """SELECT matter.id FROM matters AS matter JOIN cases ON cases.id = matter.case_id
           JOIN pupil_parents AS person ON person.pupil_id = cases.pupil_id AND matter.parent_id = ANY(person.formerly)
           JOIN matters AS other ON other.case_id = matter.case_id AND other.parent_id = person.parent_id
           WHERE matter.outcome IS DISTINCT FROM 'merged'""",
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
