"""What named people decide on a case, and what the authority answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from services.penalties.case_file.domain.courses import REQUESTS
from services.penalties.case_file.domain.facts import Agreement, Case, Decision, DecisionKind, Recommendation
from services.penalties.case_file.domain.liability import LiabilityEntry
from services.penalties.case_file.domain.notices import ImprovementNotice
from services.penalties.case_file.domain.refusals import liability_refusals
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.repository.cases import add_agreement, add_decision
from services.penalties.case_file.use_cases.chronology import Chronology, chronology_of
from services.penalties.case_file.use_cases.load import load_case_file, named_parents
from services.penalties.case_file.use_cases.lock import lock_notice
from services.penalties.case_file.use_cases.matters import judge_matters
from services.penalties.case_file.use_cases.problems import Refused, require
from services.penalties.decisions import domain
from services.penalties.evidence.domain import ThresholdView, with_threshold_view
from services.penalties.evidence.use_cases import EvidenceOnItsWay, wait_for_period
from services.penalties.improvement.use_cases.outcome import store_improvement_outcome
from services.penalties.law import code_findings, law_of
from services.penalties.liability.use_cases import liability_of, record_liability
from services.penalties.projections.repository import present_rolls, undisputed_upn_of
from services.penalties.support.use_cases.evidence import evidence_refusals
from shared import clock
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
    view: ThresholdView


async def wait_for_referral(
    database: Database, caller: CallerInfo, case_id: UUID, parents: Sequence[UUID] | None
) -> ReferralEvidence | None:
    """Return what a direct referral of a case to court rests on, once everything in the register of those days has been judged.

    None where there is nothing to refer: the agreement is refused for its own reasons. Nobody waits who may not agree at all.
    """
    caller.person()
    async with database.begin() as tx:
        case = await load_case_file(tx, case_id)
        period = domain.referral_period(case, parents)
        upn = await undisputed_upn_of(tx, case.pupil_id)
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
    liability: Sequence[LiabilityEntry],
) -> Decision:
    """Record what a named person decided, parent by parent: everyone's whose matter has not ended, unless some are named.

    "no-action" ends their matters, and cancels their running Notices to Improve.
    """
    person = caller.person()
    case = await record_liability(tx, caller, await load_case_file(tx, case_id, lock=True), liability)
    parents = domain.decided_about(case, decision) if parent_ids is None else named_parents(case, parent_ids)
    refusals = domain.decision_refusals(case, decision, parents, no_improvement_notice_reason)
    require((*refusals, *liability_refusals(case, domain.to_be_shown(case, decision, parents))), DecisionRefused)
    decided = Decision(
        id=new_id(),
        case_id=case.id,
        decision=decision,
        parent_ids=parents,
        reason=reason,
        no_improvement_notice_reason=no_improvement_notice_reason,
        decided_on=clock.today(),
        decided_at=clock.now(),
        decided_by=person,
        decided_by_role=caller.role,
        decided_by_subject=caller.subject,
        findings=code_findings(case.la_code, clock.today(), "decided under"),
    )
    if decision in REQUESTS:
        require(await evidence_refusals(tx, case), DecisionRefused)
    await add_decision(tx, decided)
    await publish(tx, decision_taken(case, decided))
    if decision == "no-action":
        for notice in (each for each in case.improvement_notices if each.running and each.parent_id in parents):
            await store_improvement_outcome(tx, caller, await lock_notice(tx, ImprovementNotice, notice.id), "cancelled", reason)
    await judge_matters(tx, case.id)
    return decided


async def agree(
    tx: Transaction,
    caller: CallerInfo,
    case_id: UUID,
    *,
    agreed: bool,
    recommendation: Recommendation,
    reason: str,
    parent_ids: Sequence[UUID] | None,
    offence: OffencePeriod | None,
    refer_to: int | None,
    evidence: ReferralEvidence | None,
) -> Agreement:
    """Record the authority's answer: about all who were asked for, unless it names some. To a prosecution it carries the evidence.

    `refer_to`: the school whose accredited persons may then see the case and issue the notice, until the authority answers anew.
    `evidence` is what `wait_for_referral` found for a prosecution; raise EvidenceOnItsWay where more has come to be relied on since.
    """
    person = caller.person()
    case = await load_case_file(tx, case_id, lock=True)
    if evidence:
        case = with_threshold_view(case, evidence.view)
    schools = {case.urn, *(roll.urn for roll in await present_rolls(tx, case.pupil_id, clock.today()))}
    refusals = domain.refer_to_refusals(agreed, recommendation, refer_to, schools)
    named = None if parent_ids is None else named_parents(case, parent_ids)
    require((*domain.agreement_refusals(case, agreed, recommendation, named, offence), *refusals), AgreementRefused)
    parents = domain.answered_about(case, agreed, recommendation, named)
    referred = domain.refers(agreed, recommendation)
    sessions = domain.referred_sessions(case, parents, offence) if referred else ()
    if sessions and (evidence is None or sessions[0].date < evidence.first or sessions[-1].date > evidence.last):
        raise EvidenceOnItsWay
    if agreed and recommendation in REQUESTS:
        require(await evidence_refusals(tx, case), AgreementRefused)
    answered = Agreement(
        id=new_id(),
        case_id=case.id,
        agreed=agreed,
        recommendation=recommendation,
        parent_ids=parents,
        reason=reason,
        agreed_on=clock.today(),
        agreed_at=clock.now(),
        agreed_by=person,
        agreed_by_role=caller.role,
        agreed_by_subject=caller.subject,
        refer_to=refer_to,
        referred_sessions=sessions,
        findings=code_findings(case.la_code, clock.today(), "answered under"),
        in_force_until=in_force_until(case, clock.today()) if agreed else None,
        offence_from=offence.start if offence else None,
        offence_to=offence.end if offence else None,
    )
    await add_agreement(tx, answered)
    await publish(tx, await agreement_answered(tx, case, answered))
    await judge_matters(tx, case.id)
    return answered


def in_force_until(case: Case, agreed_on: date) -> date:
    """Return the last day on which an agreement of the authority may be acted on."""
    return agreed_on + timedelta(law_of(case.la_code).at("agreement_days", agreed_on).value)


def decision_taken(case: Case, decided: Decision) -> CaseDecided:
    """Return the event of a decision."""
    return CaseDecided.of(decided, decision_id=decided.id, stage="decision", pupil_id=case.pupil_id, urn=case.urn, la_code=case.la_code)


async def agreement_answered(tx: Transaction, case: Case, agreement: Agreement) -> CaseDecided:
    """Return the event of the authority's answer: where it refers to court, with what came before it."""
    referred = domain.refers(agreement.agreed, agreement.recommendation)
    before = await chronology_of(tx, case.id, case.pupil_id, agreement.agreed_at) if referred else Chronology()
    return CaseDecided.of(
        agreement,
        decision_id=agreement.id,
        pupil_id=case.pupil_id,
        urn=case.urn,
        la_code=case.la_code,
        stage="agreement",
        decided_on=agreement.agreed_on,
        decided_by_role=agreement.agreed_by_role,
        sessions=agreement.referred_sessions,
        improvement_notices=before.improvement_notices,
        decisions=before.decisions,
        liability=await liability_of(tx, case.id, agreement.parent_ids) if referred else (),
        findings=(*agreement.findings, *(case.findings if referred else ())),
    )
