"""Cases: what a named person may decide, what the authority may agree to, and how a case ends."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from services.penalties.domain import improvement, penalty_notices
from services.penalties.domain.facts import Case, Session
from services.penalties.domain.refusals import Refusal, Refusals
from services.penalties.domain.transitions import Transitions
from services.penalties.domain.transitions import move as _move

Decision = Literal["support", "notice-to-improve", "penalty-notice", "prosecution", "no-action"]
Recommendation = Literal["penalty-notice", "prosecution", "neither"]
Outcome = Literal["no-action", "improved", "paid", "withdrawn", "court"]

TRANSITIONS: Transitions = {("open", "closed"): "case-closed"}
REQUESTS = frozenset({"penalty-notice", "prosecution"})
"""Decisions that ask the authority."""
SETS_ASIDE = frozenset({"no-action", "improved"})
"""Outcomes without a penalty notice or a charge: counting sessions up to the closing day raise no alert."""


def move(status: str, to: str) -> str:
    """Move a case to another status."""
    return _move(TRANSITIONS, status, to)


def decision_refusals(case: Case, decision: Decision, parent_ids: Sequence[UUID], no_improvement_notice_reason: str | None) -> Refusals:
    """Return what is missing for this decision.

    Where no Notice to Improve to a parent was served, a request for a penalty notice or a prosecution says why (Essex: a rationale).
    """
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    if decision == "no-action":
        return tuple(_no_action_refusals(case))
    refusals = []
    if decision != "support" and not parent_ids:
        refusals.append(Refusal("parents", "No parent of this pupil is known yet."))
    if decision in REQUESTS and not no_improvement_notice_reason:
        for parent_id in parent_ids:
            notice = improvement.latest_notice(case, parent_id)
            if notice is None or notice.served_on is None or notice.status == "met":
                text = "No Notice to Improve was served on this parent: say why (no_improvement_notice_reason)."
                refusals.append(Refusal("no-improvement-notice-reason", text, parent_id))
    return tuple(refusals)


def _no_action_refusals(case: Case) -> Iterable[Refusal]:
    if any(n.status in improvement.RUNNING for n in case.improvement_notices):
        yield Refusal("notice-to-improve-running", "A Notice to Improve is running: record its outcome, or cancel it.")
    if any(n.status in penalty_notices.UNSETTLED and not n.concluded for n in case.penalty_notices):
        yield Refusal("penalty-notice-unsettled", "A penalty notice is neither paid nor withdrawn.")
    if any(file.status in {"opened", "charged"} for file in case.court_files):
        yield Refusal("court-file-open", "A court file is open.")


def parents_asked_for(case: Case, decision: str) -> tuple[UUID, ...]:
    """Return the parents whose course is a request of this kind."""
    return tuple(parent.id for parent in case.parents if penalty_notices.course(case, parent.id, decision))


def refers(agreed: bool, recommendation: Recommendation) -> bool:
    """Tell whether this answer of the authority opens the way to a court file without a penalty notice."""
    return agreed and recommendation == "prosecution"


def agreement_refusals(case: Case, agreed: bool, recommendation: Recommendation) -> Refusals:
    """Return what is missing for the authority's answer. A prosecution without a penalty notice needs a decision and sessions."""
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    if not refers(agreed, recommendation):
        return ()
    refusals = [*improvement.standing_refusals(case)]
    asked = parents_asked_for(case, "prosecution")
    if not asked:
        refusals.append(Refusal("decision", "No decision for a prosecution that still holds names a parent."))
    for parent_id in asked:
        request = penalty_notices.course(case, parent_id, "prosecution")
        refusals += penalty_notices.improvement_refusals(case, parent_id, request.no_improvement_notice_reason if request else None)
        refusals += improvement.match_refusals(case, parent_id)
    if asked and not referred_sessions(case, asked):
        refusals.append(Refusal("no-sessions", "There is no counting session that is free against these parents."))
    if any(session.code == "N" for session in referred_sessions(case, asked)):
        refusals.append(Refusal("reason-not-established", "A session relied on is still N: its reason has yet to be established."))
    return tuple(refusals)


def referred_sessions(case: Case, parent_ids: Iterable[UUID]) -> tuple[Session, ...]:
    """Return the sessions that a direct referral carries, in order: counting, not set aside, and spent against none of the parents."""
    sessions = tuple(session for session in penalty_notices.available(case) if not session.set_aside)
    for parent_id in parent_ids:
        sessions = penalty_notices.free_sessions(case, parent_id, sessions)
    return sessions


def referral_period(case: Case, today: date) -> tuple[date, date] | None:
    """Return the days that a direct referral rests on: from its earliest session to today. None where there is nothing to refer."""
    if case.status != "open":
        return None
    asked = parents_asked_for(case, "prosecution")
    sessions = referred_sessions(case, asked) if asked else ()
    return (sessions[0].date, max(sessions[-1].date, today)) if sessions else None


def referred_parents(case: Case) -> frozenset[UUID]:
    """Return the parents whom the authority agreed to prosecute without a penalty notice."""
    return frozenset(
        parent_id
        for agreement in case.agreements
        if agreement.agreed and agreement.recommendation == "prosecution"
        for parent_id in agreement.parent_ids
    )


def ending(case: Case) -> Outcome | None:
    """Return how the case ends now, null while something is still to come.

    Every penalty notice paid, withdrawn or judged, every file at its end, no Notice to Improve running; or every Notice to Improve met.
    """
    notices, files = case.penalty_notices, case.court_files
    concluded = {file.parent_id for file in files if file.status in {"concluded", "withdrawn"}}
    if (
        case.status != "open"
        or any(n.status in improvement.RUNNING for n in case.improvement_notices)
        or any(n.status in penalty_notices.UNSETTLED and not n.concluded for n in notices)
        or any(file.status in {"opened", "charged"} for file in files)
        or not referred_parents(case) <= concluded
    ):
        return None
    if any(file.status == "concluded" for file in files):
        return "court"
    if notices:
        return "paid" if any(n.status == "paid" for n in notices) else "withdrawn"
    finished = [n.status for n in case.improvement_notices if n.status != "cancelled"]
    return "improved" if finished and all(status == "met" for status in finished) else None
