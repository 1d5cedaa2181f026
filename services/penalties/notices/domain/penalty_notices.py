"""Penalty notices: what must be there before one is issued, and on which sessions it relies."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.cases import available, free_sessions
from services.penalties.case_file.domain.courses import agreement_to, standing_request
from services.penalties.case_file.domain.facts import CaseFile
from services.penalties.case_file.domain.matters import ended_refusals
from services.penalties.case_file.domain.refusals import Refusal, Refusals, liability_refusals, match_refusals, standing_refusals
from services.penalties.case_file.domain.sessions import OffencePeriod, Session
from services.penalties.case_file.domain.transitions import Transitions, transition
from services.penalties.improvement.domain import support_refusals

Ground = Literal["outside-code", "wrong-person", "material-error", "no-proceedings"]
"""Why a notice is withdrawn."""
TRANSITIONS: Transitions = {
    ("issued", "served"): "notice-served",
    ("issued", "paid"): "payment-received",
    ("served", "paid"): "payment-received",
    ("served", "overdue"): "payment-overdue",
    ("overdue", "served"): "notice-served",
    ("overdue", "paid"): "payment-received",
    ("issued", "withdrawn"): "notice-withdrawn",
    ("served", "withdrawn"): "notice-withdrawn",
    ("overdue", "withdrawn"): "notice-withdrawn",
    ("paid", "withdrawn"): "notice-withdrawn",
}


def move_penalty_notice(status: str, to: str) -> str:
    """Move a penalty notice to another status."""
    return transition(TRANSITIONS, status, to)


def sessions_of_offence(case: CaseFile, parent_id: UUID, offence: OffencePeriod) -> tuple[Session, ...]:
    """Return the sessions that a notice to this parent relies on: every counting session in the period that is free against them."""
    return free_sessions(case, parent_id, (s for s in available(case) if offence.start <= s.date <= offence.end))


def penalty_notice_refusals(
    case: CaseFile, parent_ids: Iterable[UUID], offence: OffencePeriod | None, set_aside_reason: str | None
) -> Refusals:
    """Return what is missing for a penalty notice to each of these parents (without a period: what is missing before one is fixed)."""
    refusals = [*standing_refusals(case)]
    if offence and any(s.code == "N" for s in available(case) if offence.start <= s.date <= offence.end):
        refusals.append(Refusal("reason-not-established", "The offence period holds an N: its reason has yet to be established."))
    for parent_id in parent_ids:
        refusals += _course_refusals(case, parent_id)
        if offence:
            refusals += _session_refusals(case, parent_id, offence, set_aside_reason)
    return tuple(refusals)


def _course_refusals(case: CaseFile, parent_id: UUID) -> Iterable[Refusal]:
    if ended := tuple(ended_refusals(case, parent_id)):
        yield from ended
        return
    request = standing_request(case, parent_id, "penalty-notice")
    if request is None:
        yield Refusal("decision", "No decision for a penalty notice that still holds names this parent.", parent_id)
    elif agreement_to(case, parent_id, request, "penalty-notice") is None:
        yield Refusal(
            "agreement",
            "No agreement of the authority to the penalty notice is in force: it has not agreed since the decision, or the agreement has run out.",
            parent_id,
        )
    if request is not None:
        yield from support_refusals(case, parent_id, request.no_improvement_notice_reason)
    yield from liability_refusals(case, (parent_id,))
    yield from match_refusals(case, parent_id)


def _session_refusals(case: CaseFile, parent_id: UUID, offence: OffencePeriod, set_aside_reason: str | None) -> Iterable[Refusal]:
    sessions = sessions_of_offence(case, parent_id, offence)
    request = standing_request(case, parent_id, "penalty-notice")
    agreement = agreement_to(case, parent_id, request, "penalty-notice") if request else None
    if agreement and agreement.offence_from and agreement.offence_to:
        if offence.start < agreement.offence_from or offence.end > agreement.offence_to:
            text = f"The authority agreed to a penalty notice for {agreement.offence_from} to {agreement.offence_to} alone."
            yield Refusal("agreed-period", text, parent_id)
    elif agreement and any(session.date > agreement.agreed_on for session in sessions):
        text = f"The authority agreed on {agreement.agreed_on}: a session after that day is in the offence period. It has to answer anew."
        yield Refusal("agreed-period", text, parent_id)
    if not sessions:
        text = "The offence period holds no counting session that is not yet spent against this parent."
        yield Refusal("no-sessions", text, parent_id)
    if not set_aside_reason and any(session.set_aside for session in sessions):
        text = "Sessions that a closed case set aside are relied on only with a reason (set_aside_reason)."
        yield Refusal("set-aside-reason", text, parent_id)
