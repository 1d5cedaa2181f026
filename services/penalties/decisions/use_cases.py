"""What named people decide on a case, and what the authority answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.penalties.case_file.repository.cases import case_row
from services.penalties.case_file.use_cases.chronology import Chronology, chronology_of
from services.penalties.case_file.use_cases.close import close_case
from services.penalties.case_file.use_cases.load import load_case
from services.penalties.case_file.use_cases.parents import named_parents
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.decisions.domain import (
    DecisionKind,
    Recommendation,
    agreement_refusals,
    decision_refusals,
    parents_asked_for,
    referral_period,
    referred_sessions,
    refers,
)
from services.penalties.decisions.repository import insert_agreement, insert_decision
from services.penalties.evidence.domain import ThresholdView, with_threshold_view
from services.penalties.evidence.use_cases import EvidenceOnItsWay, wait_for_period
from services.penalties.projections.repository import upn_of
from shared import clock
from shared.contracts.event import RelianceSession
from shared.contracts.penalties import CaseDecided
from shared.database import Database, Transaction
from shared.http import CallerInfo
from shared.ids import new_id
from shared.messaging import publish


class DecisionRefused(Refused):
    """This decision is not possible now."""


class AgreementRefused(Refused):
    """This agreement is not possible now."""


@dataclass(frozen=True, slots=True)
class ReferralEvidence:
    """The days that a direct referral rests on, and what has been judged of them."""

    first: date
    last: date
    judged: ThresholdView


async def wait_for_referral(database: Database, caller: CallerInfo, case_id: UUID) -> ReferralEvidence | None:
    """Return what a direct referral of a case to court rests on, once what the register holds of them is settled in the same way.

    None where there is nothing to refer: the agreement is refused for its own reasons. Nobody waits who may not agree at all.
    """
    caller.person()
    async with database.begin() as tx:
        case = await load_case(tx, case_id)
        period = referral_period(case, clock.today())
        upn = await upn_of(tx, case.pupil_id)
    return ReferralEvidence(*period, await wait_for_period(database, upn, *period)) if period is not None else None


async def decide(
    tx: Transaction,
    caller: CallerInfo,
    case_id: UUID,
    *,
    decision: DecisionKind,
    reason: str,
    parent_ids: Sequence[UUID] | None,
    no_improvement_notice_reason: str | None,
) -> dict[str, Any]:
    """Record what a named person decided, parent by parent (all of them unless named); "no-action" closes the case."""
    person = caller.person()
    case = await load_case(tx, case_id, lock=True)
    parents = named_parents(case, parent_ids)
    require(decision_refusals(case, decision, parents, no_improvement_notice_reason), DecisionRefused)
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
    await insert_decision(tx, stored)
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
    recommendation: Recommendation,
    reason: str,
    settled: ReferralEvidence | None,
) -> dict[str, Any]:
    """Record the authority's answer. It speaks to the parents whose request stands; to a prosecution it carries the evidence.

    `settled` is what `settle_referral` found for a prosecution; raise EvidenceOnItsWay where more has come to be relied on since.
    """
    person = caller.person()
    case = await load_case(tx, case_id, lock=True)
    if settled:
        case = with_threshold_view(case, settled.judged)
    require(agreement_refusals(case, agreed, recommendation), AgreementRefused)
    parents = parents_asked_for(case, recommendation)
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
    referred = refers(agreed, recommendation)
    relied_on = referred_sessions(case, parents) if referred else ()
    if relied_on and (settled is None or relied_on[0].date < settled.first or relied_on[-1].date > settled.last):
        raise EvidenceOnItsWay
    before = await chronology_of(tx, case.id, case.pupil_id) if referred else Chronology((), ())
    await insert_agreement(tx, stored)
    row = await case_row(tx, case.id)
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
