"""What a named person may decide, and what the authority may agree to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.cases import available, free_sessions
from services.penalties.case_file.domain.facts import Agreement, CaseFile, Decision, DecisionKind, Recommendation
from services.penalties.case_file.domain.refusals import Refusal, Refusals, liability_refusals, match_refusals, standing_refusals
from services.penalties.case_file.domain.sessions import Session
from services.penalties.improvement.domain import latest_notice, support_refusals

REQUESTS = frozenset({"penalty-notice", "prosecution"})
"""Decisions that ask the authority."""


def decision_refusals(
    case: CaseFile, decision: DecisionKind, parent_ids: Sequence[UUID], no_improvement_notice_reason: str | None
) -> Refusals:
    """Return what is missing for this decision.

    Where no Notice to Improve to a parent was served, a request for a penalty notice or a prosecution gives the reason (Essex: a rationale).
    """
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    if decision == "no-action":
        return tuple(_no_action_refusals(case))
    refusals = []
    if decision != "support" and not parent_ids:
        text = (
            "Of no contact of this pupil is it recorded what makes them a parent."
            if case.parents
            else "No parent of this pupil is known yet."
        )
        refusals.append(Refusal("parents", text))
    if decision in REQUESTS and not no_improvement_notice_reason:
        for parent_id in parent_ids:
            notice = latest_notice(case, parent_id)
            if notice is None or notice.served_on is None or notice.status == "met":
                text = "No Notice to Improve was served on this parent: say why (no_improvement_notice_reason)."
                refusals.append(Refusal("no-improvement-notice-reason", text, parent_id))
    return tuple(refusals)


def _no_action_refusals(case: CaseFile) -> Iterable[Refusal]:
    if any(n.running for n in case.improvement_notices):
        yield Refusal("notice-to-improve-running", "A Notice to Improve is running: record its outcome, or cancel it.")
    if any(n.unsettled for n in case.penalty_notices):
        yield Refusal("penalty-notice-unsettled", "A penalty notice is neither paid nor withdrawn.")
    if any(file.is_open for file in case.court_files):
        yield Refusal("court-file-open", "A court file is open.")


def parents_asked_for(case: CaseFile, decision: str) -> tuple[UUID, ...]:
    """Return the parents whose course is a request of this kind."""
    return tuple(parent.id for parent in case.parents if standing_request(case, parent.id, decision))


def refers(agreed: bool, recommendation: Recommendation) -> bool:
    """Return whether this answer of the authority opens the way to a court file without a penalty notice."""
    return agreed and recommendation == "prosecution"


def agreement_refusals(case: CaseFile, agreed: bool, recommendation: Recommendation) -> Refusals:
    """Return what is missing for the authority's answer. A prosecution without a penalty notice needs a decision and sessions."""
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    if not refers(agreed, recommendation):
        return ()
    refusals = [*standing_refusals(case)]
    asked = parents_asked_for(case, "prosecution")
    if not asked:
        refusals.append(Refusal("decision", "No decision for a prosecution that still holds names a parent."))
    for parent_id in asked:
        request = standing_request(case, parent_id, "prosecution")
        refusals += support_refusals(case, parent_id, request.no_improvement_notice_reason if request else None)
        refusals += liability_refusals(case, (parent_id,))
        refusals += match_refusals(case, parent_id)
    if asked and not referred_sessions(case, asked):
        refusals.append(Refusal("no-sessions", "There is no counting session that is free against these parents."))
    if any(session.code == "N" for session in referred_sessions(case, asked)):
        refusals.append(Refusal("reason-not-established", "A session relied on is still N: its reason has yet to be established."))
    return tuple(refusals)


def refer_to_refusals(agreed: bool, recommendation: Recommendation, refer_to: int | None, schools: Collection[int]) -> Refusals:
    """Return why a case of these schools cannot be referred to the accredited persons of a school."""
    if refer_to is None:
        return ()
    if not agreed or recommendation != "penalty-notice":
        return (Refusal("refer-to", "Only a penalty notice that the authority agrees to is referred to an accredited person."),)
    if refer_to not in schools:
        return (Refusal("refer-to", "The pupil is not at that school: its accredited persons cannot see the case."),)
    return ()


def referred_sessions(case: CaseFile, parent_ids: Iterable[UUID]) -> tuple[Session, ...]:
    """Return the sessions that a direct referral carries, in order: counting, not set aside, and spent against none of the parents."""
    sessions = tuple(session for session in available(case) if not session.set_aside)
    for parent_id in parent_ids:
        sessions = free_sessions(case, parent_id, sessions)
    return sessions


def referral_period(case: CaseFile, today: date) -> tuple[date, date] | None:
    """Return the days that a direct referral rests on: from its earliest session to today. None where there is nothing to refer."""
    if case.status != "open":
        return None
    asked = parents_asked_for(case, "prosecution")
    sessions = referred_sessions(case, asked) if asked else ()
    return (sessions[0].date, max(sessions[-1].date, today)) if sessions else None


COURSES = frozenset({"notice-to-improve", "penalty-notice", "prosecution", "no-action"})
"""Decisions that set a parent's course: the last one holds. Support goes on beside any of them."""


def standing_request(case: CaseFile, parent_id: UUID, decision: str) -> Decision | None:
    """Return the decision that sets this parent's course, if it is of that kind and no standing penalty notice has used it up since."""
    named = [d for d in case.decisions if d.decision in COURSES and parent_id in d.parent_ids]
    used = max((n.issued_at for n in case.penalty_notices if n.parent_id == parent_id and n.stands), default=None)
    if not named or named[-1].decision != decision or (used is not None and named[-1].decided_at <= used):
        return None
    return named[-1]


def agreement_to(case: CaseFile, request: Decision, recommendation: str) -> Agreement | None:
    """Return the authority's agreement to a request: its latest answer in the case, given after the request."""
    last = case.agreements[-1] if case.agreements else None
    if last is None or not last.agreed or last.recommendation != recommendation or last.agreed_at < request.decided_at:
        return None
    return last


def decision_and_agreement(case: CaseFile, parent_id: UUID) -> tuple[Decision, Agreement]:
    """Return the decision and the agreement on which a notice to this parent stands; raise LookupError without both."""
    request = standing_request(case, parent_id, "penalty-notice")
    agreement = agreement_to(case, request, "penalty-notice") if request else None
    if request is None or agreement is None:
        raise LookupError("no decision that was agreed to")
    return request, agreement
