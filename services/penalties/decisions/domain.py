"""What a named person may decide, and what the authority may agree to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from services.penalties.case_file.domain.cases import available, free_sessions
from services.penalties.case_file.domain.courses import REQUESTS, agreement_to, latest_notice, standing_request
from services.penalties.case_file.domain.facts import Agreement, CaseFile, Decision, DecisionKind, Recommendation
from services.penalties.case_file.domain.matters import ended_refusals, matter_of, people_of
from services.penalties.case_file.domain.refusals import Refusal, Refusals, liability_refusals, match_refusals, standing_refusals
from services.penalties.case_file.domain.sessions import OffencePeriod, Session
from services.penalties.improvement.domain import support_refusals


def decision_refusals(
    case: CaseFile, decision: DecisionKind, parent_ids: Sequence[UUID], no_improvement_notice_reason: str | None
) -> Refusals:
    """Return what is missing for this decision.

    Where no Notice to Improve to a parent was served, a request for a penalty notice or a prosecution gives the reason (Essex: a rationale).
    """
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    refusals = [refusal for parent_id in parent_ids for refusal in ended_refusals(case, parent_id)]
    if decision == "no-action":
        return (*refusals, *(refusal for parent_id in parent_ids for refusal in _no_action_refusals(case, parent_id)))
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


def _no_action_refusals(case: CaseFile, parent_id: UUID) -> Iterable[Refusal]:
    """Yield what forbids no action about one parent; their running Notice to Improve does not: it is cancelled."""
    if any(n.unsettled for n in case.penalty_notices if n.parent_id == parent_id):
        yield Refusal("penalty-notice-unsettled", "A penalty notice to this parent is neither paid nor withdrawn.", parent_id)
    if any(file.is_open for file in case.court_files if file.parent_id == parent_id):
        yield Refusal("court-file-open", "A court file against this parent is open.", parent_id)
    request = standing_request(case, parent_id, "prosecution")
    if request and agreement_to(case, parent_id, request, "prosecution"):
        text = "The authority has agreed to prosecute this parent: it answers anew first, or the file is opened and given up."
        yield Refusal("prosecution-agreed", text, parent_id)


def decided_about(case: CaseFile, decision: DecisionKind) -> tuple[UUID, ...]:
    """Return whom a decision is about that names nobody: every parent whose matter has not ended.

    No action is also about those who are no parents any more and have a matter still.
    """
    people = people_of(case) if decision == "no-action" else tuple(parent.id for parent in case.parents if parent.parent_by)
    return tuple(each for each in people if matter_of(case, each).stage != "ended")


def to_be_shown(case: CaseFile, decision: DecisionKind, parent_ids: Sequence[UUID]) -> tuple[UUID, ...]:
    """Return those of whom it has to be shown that they are parents: not who has a matter that no action is to end."""
    exempt = people_of(case) if decision == "no-action" else ()
    return tuple(each for each in parent_ids if each not in exempt)


def parents_asked_for(case: CaseFile, decision: str | None = None) -> tuple[UUID, ...]:
    """Return the parents whose course is a request (of this kind), and whose matter has not ended."""
    asked = [each for each in people_of(case) if standing_request(case, each, decision)]
    return tuple(each for each in asked if matter_of(case, each).stage != "ended")


def answered_about(case: CaseFile, agreed: bool, recommendation: Recommendation, named: Sequence[UUID] | None) -> tuple[UUID, ...]:
    """Return whom the authority's answer is about: all who were asked for, unless it names some.

    An agreement is about those of whom just that was asked; any other answer is about everyone of whom anything was asked.
    """
    asked = parents_asked_for(case, recommendation if agreed and recommendation != "neither" else None)
    return asked if named is None else tuple(dict.fromkeys(named))


def refers(agreed: bool, recommendation: Recommendation) -> bool:
    """Return whether this answer of the authority opens the way to a court file without a penalty notice."""
    return agreed and recommendation == "prosecution"


def agreement_refusals(
    case: CaseFile,
    agreed: bool,
    recommendation: Recommendation,
    named: Sequence[UUID] | None = None,
    offence: OffencePeriod | None = None,
) -> Refusals:
    """Return what is missing for the authority's answer. A prosecution without a penalty notice needs a decision and sessions."""
    if case.status != "open":
        return (Refusal("case-closed", "The case is closed."),)
    about = answered_about(case, agreed, recommendation, named)
    course = recommendation if agreed and recommendation != "neither" else None
    refusals = [
        Refusal("decision", "No decision that still holds asks for this about this parent.", parent_id)
        for parent_id in about
        if not standing_request(case, parent_id, course)
    ]
    refusals += [refusal for parent_id in about for refusal in ended_refusals(case, parent_id)]
    if not refers(agreed, recommendation):
        return tuple(refusals)
    refusals += standing_refusals(case)
    if not about:
        refusals.append(Refusal("decision", "No decision for a prosecution that still holds names a parent."))
    for parent_id in about:
        request = standing_request(case, parent_id, "prosecution")
        refusals += support_refusals(case, parent_id, request.no_improvement_notice_reason if request else None)
        refusals += liability_refusals(case, (parent_id,))
        refusals += match_refusals(case, parent_id)
    if about and not referred_sessions(case, about, offence):
        refusals.append(Refusal("no-sessions", "There is no counting session that is free against these parents."))
    if any(session.code == "N" for session in referred_sessions(case, about, offence)):
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


def referred_sessions(case: CaseFile, parent_ids: Iterable[UUID], offence: OffencePeriod | None = None) -> tuple[Session, ...]:
    """Return the sessions that a direct referral carries, in order: counting, not set aside, and spent against none of the parents.

    Those of the period of the offence, where the answer names one.
    """
    sessions = tuple(s for s in available(case) if not s.set_aside and (offence is None or offence.start <= s.date <= offence.end))
    for parent_id in parent_ids:
        sessions = free_sessions(case, parent_id, sessions)
    return sessions


def referral_period(case: CaseFile, named: Sequence[UUID] | None = None) -> tuple[date, date] | None:
    """Return the days that a direct referral rests on: from its earliest session to today. None where there is nothing to refer."""
    if case.status != "open":
        return None
    about = answered_about(case, agreed=True, recommendation="prosecution", named=named)
    sessions = referred_sessions(case, about) if about else ()
    return (sessions[0].date, max(sessions[-1].date, case.as_of)) if sessions else None


def decision_and_agreement(case: CaseFile, parent_id: UUID) -> tuple[Decision, Agreement]:
    """Return the decision and the agreement on which a notice to this parent stands; raise LookupError without both."""
    request = standing_request(case, parent_id, "penalty-notice")
    agreement = agreement_to(case, parent_id, request, "penalty-notice") if request else None
    if request is None or agreement is None:
        raise LookupError("no decision that was agreed to")
    return request, agreement
