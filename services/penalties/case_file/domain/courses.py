"""The course that people set for one parent, and what the authority answered about them. Nothing about one parent follows from another's."""

from uuid import UUID

from services.penalties.case_file.domain.facts import Agreement, CaseFile, Decision
from services.penalties.case_file.domain.notices import ImprovementNotice

REQUESTS = ("penalty-notice", "prosecution")
"""Decisions that ask the authority."""
COURSES = frozenset({"notice-to-improve", "no-action", *REQUESTS})
"""Decisions that set a parent's course: the last one holds. Support goes on beside any of them."""


def course_of(case: CaseFile, parent_id: UUID) -> Decision | None:
    """Return the decision that sets this parent's course, the last one; None before any."""
    return next((each for each in reversed(case.decisions) if each.decision in COURSES and parent_id in each.parent_ids), None)


def standing_request(case: CaseFile, parent_id: UUID, decision: str | None = None) -> Decision | None:
    """Return the decision that sets this parent's course, if it asks the authority (for this) and no standing penalty notice has used it up."""
    course = course_of(case, parent_id)
    used = max((n.issued_at for n in case.penalty_notices if n.parent_id == parent_id and n.stands), default=None)
    if course is None or course.decision not in ((decision,) if decision else REQUESTS) or (used is not None and course.decided_at <= used):
        return None
    return course


def last_answer(case: CaseFile, parent_id: UUID, request: Decision) -> Agreement | None:
    """Return the authority's last word about this parent, if it was given after the request."""
    last = next((each for each in reversed(case.agreements) if each.is_about(parent_id)), None)
    return last if last and last.agreed_at >= request.decided_at else None


def agreement_to(case: CaseFile, parent_id: UUID, request: Decision, recommendation: str) -> Agreement | None:
    """Return the authority's agreement to a request, while it is in force: it has not run out, and no court file has used it up."""
    last = last_answer(case, parent_id, request)
    if last is None or not last.agreed or last.recommendation != recommendation or last.has_run_out(case.as_of):
        return None
    return None if recommendation == "prosecution" and is_filed(case, parent_id, last) else last


def is_filed(case: CaseFile, parent_id: UUID, agreement: Agreement) -> bool:
    """Return whether a court file against this parent has been opened on an agreement; of older files it is not stored on which."""
    files = (each for each in case.court_files if each.parent_id == parent_id and not each.notice_ids)
    return any(each.agreement_id in {agreement.id, None} for each in files)


def latest_notice(case: CaseFile, parent_id: UUID) -> ImprovementNotice | None:
    """Return the parent's last Notice to Improve that was not cancelled and that no penalty notice has used up since."""
    used = max((n.issued_at for n in case.penalty_notices if n.parent_id == parent_id and n.stands), default=None)
    own = [
        n for n in case.improvement_notices if n.parent_id == parent_id and n.status != "cancelled" and (used is None or n.issued_at > used)
    ]
    return own[-1] if own else None
