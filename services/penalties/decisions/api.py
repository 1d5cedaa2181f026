"""Deciding on a case, and agreeing to a decision."""

from uuid import UUID

from fastapi import Request

from services.penalties.case_file.domain.roles import AGREE, DECIDE
from services.penalties.case_file.use_cases.access import only_holidays, own_case
from services.penalties.decisions import use_cases
from services.penalties.decisions.domain import refers
from services.penalties.decisions.schemas import AgreementIn, AgreementOut, DecisionIn, DecisionOut
from shared.database.turns import turn
from shared.http import Caller, Db, Router, Tx, allow, keep_answer

router = Router(tags=["cases"])


@router.post("/cases/{case_id}/decisions", status_code=201)
@allow(*DECIDE, guard=own_case)
async def decide(tx: Tx, caller: Caller, case_id: UUID, body: DecisionIn) -> DecisionOut:
    """Record a named person's decision. "penalty-notice" and "prosecution" are requests to the authority; "no-action" ends a matter."""
    decided = await use_cases.decide(
        tx,
        caller,
        case_id,
        decision=body.decision,
        reason=body.reason,
        parent_ids=body.parents,
        no_improvement_notice_reason=body.no_improvement_notice_reason,
        liability=[each.entry() for each in body.liability],
    )
    return DecisionOut.model_validate(decided)


@router.post("/cases/{case_id}/agreement", status_code=201)
@allow(*AGREE, guard=own_case, rule=only_holidays, transaction=False)
async def agree(request: Request, database: Db, caller: Caller, case_id: UUID, body: AgreementIn) -> AgreementOut:
    """Record the authority's answer to the requests that stand. To a prosecution without a penalty notice it opens the way to a court file."""
    referred = refers(body.agreed, body.recommendation)
    evidence = await use_cases.wait_for_referral(database, caller, case_id, body.parents) if referred else None
    async with turn(database, case_id), database.begin() as tx:
        answered = await use_cases.agree(
            tx,
            caller,
            case_id,
            agreed=body.agreed,
            recommendation=body.recommendation,
            reason=body.reason,
            parent_ids=body.parents,
            offence=body.offence.period() if body.offence else None,
            refer_to=body.refer_to,
            evidence=evidence,
        )
        answer = AgreementOut.model_validate(answered)
        await keep_answer(tx, request, answer, 201)
    return answer
