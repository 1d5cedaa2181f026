"""What named people decide on a case, and what the authority answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.penalties.domain import cases as rules
from services.penalties.domain.evidence import as_judged
from services.penalties.domain.facts import Case
from services.penalties.repository import cases
from services.penalties.use_cases.closing import close_case
from services.penalties.use_cases.dossiers import load_case
from services.penalties.use_cases.evidence import Settled
from services.penalties.use_cases.histories import History, history_of
from services.penalties.use_cases.problems import AgreementRefused, DecisionRefused, EvidenceOnItsWay, require
from shared import clock
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import CaseDecided
from shared.database import Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish
from shared.problems import Invalid


class NotAParent(Invalid):
    """Someone named is no parent of this pupil."""


async def decide(
    tx: Transaction,
    caller: CallerInfo,
    case_id: UUID,
    *,
    decision: rules.Decision,
    reason: str,
    parent_ids: Sequence[UUID] | None,
    no_improvement_notice_reason: str | None,
) -> dict[str, Any]:
    """Record what a named person decided, parent by parent (all of them unless named); "no-action" closes the case."""
    person = caller.person()
    case = await load_case(tx, case_id, lock=True)
    parents = named_parents(case, parent_ids)
    require(rules.decision_refusals(case, decision, parents, no_improvement_notice_reason), DecisionRefused)
    today = clock.today()
    stored = {
        "id": new_id(),
        "case_id": case.id,
        "decision": decision,
        "parent_ids": [str(parent_id) for parent_id in parents],
        "reason": reason,
        "no_improvement_notice_reason": no_improvement_notice_reason,
        "decided_on": today,
        "decided_at": clock.now(),
        "decided_by": person,
        "decided_by_role": caller.role,
        "decided_by_subject": caller.subject,
    }
    await cases.insert_decision(tx, stored)
    decided = CaseDecided(
        decision_id=stored["id"],
        case_id=case.id,
        pupil_id=case.pupil_id,
        urn=case.urn,
        la_code=case.la_code,
        stage="decision",
        decision=decision,
        parent_ids=parents,
        decided_on=today,
        decided_by_role=caller.role,
    )
    await publish(tx, decided)
    if decision == "no-action":
        await close_case(tx, case, "no-action")
    return stored


async def agree(
    tx: Transaction,
    caller: CallerInfo,
    case_id: UUID,
    *,
    agreed: bool,
    recommendation: rules.Recommendation,
    reason: str,
    settled: Settled | None,
) -> dict[str, Any]:
    """Record the authority's answer. It speaks to the parents whose request stands; to a prosecution it carries the evidence.

    `settled` is what `settle_referral` found for a prosecution; raise EvidenceOnItsWay where more has come to be relied on since.
    """
    person = caller.person()
    case = await load_case(tx, case_id, lock=True)
    if settled:
        case = as_judged(case, settled.judged)
    require(rules.agreement_refusals(case, agreed, recommendation), AgreementRefused)
    parents = rules.parents_asked_for(case, recommendation)
    today = clock.today()
    stored = {
        "id": new_id(),
        "case_id": case.id,
        "agreed": agreed,
        "recommendation": recommendation,
        "parent_ids": [str(parent_id) for parent_id in parents],
        "reason": reason,
        "agreed_on": today,
        "agreed_at": clock.now(),
        "agreed_by": person,
        "agreed_by_role": caller.role,
        "agreed_by_subject": caller.subject,
    }
    referred = rules.refers(agreed, recommendation)
    relied_on = rules.referred_sessions(case, parents) if referred else ()
    if relied_on and (settled is None or relied_on[0].date < settled.first or relied_on[-1].date > settled.last):
        raise EvidenceOnItsWay
    before = await history_of(tx, case.id, case.pupil_id) if referred else History((), ())
    await cases.insert_agreement(tx, stored)
    row = await cases.case_row(tx, case.id)
    answered = CaseDecided(
        decision_id=stored["id"],
        case_id=case.id,
        pupil_id=case.pupil_id,
        urn=case.urn,
        la_code=case.la_code,
        stage="agreement",
        agreed=agreed,
        recommendation=recommendation,
        parent_ids=parents,
        decided_on=today,
        decided_by_role=caller.role,
        sessions=tuple(RelianceSession.model_validate(session.as_json()) for session in relied_on),
        improvement_notices=before.improvement_notices,
        decisions=before.decisions,
        findings=tuple(row.findings) if referred and row else (),
    )
    await publish(tx, answered)
    return stored


def named_parents(case: Case, parent_ids: Sequence[UUID] | None) -> tuple[UUID, ...]:
    """Return the parents named, each once, or all of them; raise NotAParent where one is none of the pupil's."""
    known = tuple(parent.id for parent in case.parents)
    if parent_ids is None:
        return known
    strangers = [str(parent_id) for parent_id in parent_ids if parent_id not in known]
    if strangers:
        raise NotAParent("Not a parent of this pupil, as its schools know them.", parents=strangers)
    return tuple(dict.fromkeys(parent_ids))
