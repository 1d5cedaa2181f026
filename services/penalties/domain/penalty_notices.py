"""Penalty notices: what must be there before one is issued, and on which sessions it relies."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from services.penalties.domain.facts import Agreement, Case, Decision, Session
from services.penalties.domain.improvement import FAILED, RUNNING, latest_notice, match_refusals, standing_refusals
from services.penalties.domain.refusals import Refusal, Refusals
from services.penalties.domain.tariff import OffencePeriod
from services.penalties.domain.transitions import Transitions
from services.penalties.domain.transitions import move as _move
from shared.law import Law
from shared.problems import Invalid

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
UNSETTLED = frozenset({"issued", "served", "overdue"})

TURNS = frozenset({"notice-to-improve", "penalty-notice", "prosecution", "no-action"})
"""Decisions that set a parent's course: the last one holds. Support goes on beside any of them."""


def move(status: str, to: str) -> str:
    """Move a penalty notice to another status."""
    return _move(TRANSITIONS, status, to)


class OffencePeriodInvalid(Invalid):
    """No penalty notice can be issued for this offence period."""


class OffencePeriodAcrossFrameworks(OffencePeriodInvalid):
    """The offence period lies on both sides of 19 August 2024: split it."""


def check_period(law: Law, offence: OffencePeriod, today: date) -> None:
    """Raise where no notice can be issued for such a period, whatever the case.

    Offences before 19 August 2024 stand under the earlier law: they are recorded as history, and none is issued.
    """
    if offence.end < offence.start:
        raise OffencePeriodInvalid("The offence period ends before it begins.")
    if offence.end > today:
        raise OffencePeriodInvalid("The offence period ends in the future.")
    begins, ends = (law.at("counts_to_cap", day).value for day in (offence.start, offence.end))
    if begins != ends:
        raise OffencePeriodAcrossFrameworks("Issue for the absences from 19 August 2024 alone.")
    if not begins:
        raise OffencePeriodInvalid("Offences before 19 August 2024 are recorded as history; no notice is issued for them here.")


def course(case: Case, parent_id: UUID, decision: str) -> Decision | None:
    """Return the decision that sets this parent's course, if it is of that kind and no standing penalty notice has used it up since."""
    named = [d for d in case.decisions if d.decision in TURNS and parent_id in d.parent_ids]
    used = max((n.issued_at for n in case.penalty_notices if n.parent_id == parent_id and n.stands), default=None)
    if not named or named[-1].decision != decision or (used is not None and named[-1].decided_at <= used):
        return None
    return named[-1]


def agreement_to(case: Case, request: Decision, recommendation: str) -> Agreement | None:
    """Return the authority's agreement to a request: its last word in the case, said after the request."""
    last = case.agreements[-1] if case.agreements else None
    if last is None or not last.agreed or last.recommendation != recommendation or last.agreed_at < request.decided_at:
        return None
    return last


def grounds(case: Case, parent_id: UUID) -> tuple[Decision, Agreement]:
    """Return the decision and the agreement on which a notice to this parent stands; raise LookupError without both."""
    request = course(case, parent_id, "penalty-notice")
    agreement = agreement_to(case, request, "penalty-notice") if request else None
    if request is None or agreement is None:
        raise LookupError("no decision that was agreed to")
    return request, agreement


def available(case: Case) -> tuple[Session, ...]:
    """Return the counting sessions that some notice may rely on, in order.

    Those that thresholds count, and those that a standing notice relies on (they are spent for the threshold, but free against the other
    parent); none whose mark was amended since.
    """
    by_slot = {session.slot: session for session in (*case.relied_on, *case.counting)}
    sound = (s for s in by_slot.values() if (s.date, s.session, s.urn) not in case.changed)
    return tuple(sorted(sound, key=lambda session: session.slot))


def free_sessions(case: Case, parent_id: UUID, sessions: Iterable[Session]) -> tuple[Session, ...]:
    """Return those of the sessions that no standing notice or charge has spent against the parent."""
    spent = case.spent.get(parent_id, frozenset())
    return tuple(session for session in sessions if session.slot not in spent)


def sessions_of_offence(case: Case, parent_id: UUID, offence: OffencePeriod) -> tuple[Session, ...]:
    """Return the sessions that a notice to this parent relies on: every counting session in the period that is free against them."""
    return free_sessions(case, parent_id, (s for s in available(case) if offence.start <= s.date <= offence.end))


def issue_refusals(case: Case, parent_ids: Iterable[UUID], offence: OffencePeriod | None, set_aside_reason: str | None) -> Refusals:
    """Return what is missing for a penalty notice to each of these parents (without a period: what can be said before one is fixed)."""
    refusals = [*standing_refusals(case)]
    if offence and any(s.code == "N" for s in available(case) if offence.start <= s.date <= offence.end):
        refusals.append(Refusal("reason-not-established", "The offence period holds an N: its reason has yet to be established."))
    for parent_id in parent_ids:
        refusals += _course_refusals(case, parent_id)
        if offence:
            refusals += _session_refusals(case, parent_id, offence, set_aside_reason)
    return tuple(refusals)


def _course_refusals(case: Case, parent_id: UUID) -> Iterable[Refusal]:
    request = course(case, parent_id, "penalty-notice")
    if request is None:
        yield Refusal("decision", "No decision for a penalty notice that still holds names this parent.", parent_id)
    elif agreement_to(case, request, "penalty-notice") is None:
        yield Refusal("agreement", "The authority has not agreed to the penalty notice since it was decided on.", parent_id)
    if request is not None:
        yield from improvement_refusals(case, parent_id, request.no_improvement_notice_reason)
    yield from match_refusals(case, parent_id)


def improvement_refusals(case: Case, parent_id: UUID, reason: str | None) -> Iterable[Refusal]:
    """Yield what is missing of the support that comes first: a failed Notice to Improve, or the reason why there is none."""
    notice = latest_notice(case, parent_id)
    if notice is not None and notice.status in RUNNING:
        yield Refusal("notice-to-improve-running", "The Notice to Improve to this parent is running.", parent_id)
    elif not reason and (notice is None or notice.status not in FAILED):
        text = "No Notice to Improve to this parent failed, and the decision gives no reason why none was served."
        yield Refusal("notice-to-improve", text, parent_id)


def _session_refusals(case: Case, parent_id: UUID, offence: OffencePeriod, set_aside_reason: str | None) -> Iterable[Refusal]:
    sessions = sessions_of_offence(case, parent_id, offence)
    if not sessions:
        text = "The offence period holds no counting session that is not yet spent against this parent."
        yield Refusal("no-sessions", text, parent_id)
    if not set_aside_reason and any(session.set_aside for session in sessions):
        text = "Sessions that a closed case set aside are relied on only with a reason (set_aside_reason)."
        yield Refusal("set-aside-reason", text, parent_id)
