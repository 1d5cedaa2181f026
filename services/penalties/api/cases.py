"""Cases: reading, deciding, agreeing, clearing."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from services.penalties.domain.actions import AGREE, CLEAR, DECIDE, READ
from services.penalties.domain.cases import refers
from services.penalties.schemas.cases import (
    AgreementIn,
    AgreementOut,
    CaseOut,
    CaseStatus,
    CaseSummary,
    ClearanceIn,
    ClearanceOut,
    DecisionIn,
    DecisionOut,
)
from services.penalties.use_cases import cases, decisions, holds
from services.penalties.use_cases.access import after_id, may_agree, may_reach_case
from services.penalties.use_cases.evidence import settle_referral
from shared.http import Caller, Db, Page, Paging, Router, Tx, Upn, Urn, allow, keep_answer

router = Router(tags=["cases"])


@router.get("/cases")
@allow(*READ)
async def list_cases(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    upn: Annotated[Upn | None, Query()] = None,
    urn: Annotated[Urn | None, Query(description="The case's school, or the pupil's present one")] = None,
    status: Annotated[CaseStatus | None, Query()] = None,
) -> Page[CaseSummary]:
    """The cases that are the caller's own, in the order in which they were opened."""
    found = await cases.list_cases(tx, caller, upn=upn, urn=urn, status=status, after=after_id(paging.after), limit=paging.limit + 1)
    return Page[CaseSummary].of([CaseSummary.model_validate(case) for case in found], paging.limit, key=lambda case: case.id)


@router.get("/cases/{case_id}")
@allow(*READ, guard=may_reach_case, transaction=False)
async def read_case(database: Db, caller: Caller, case_id: UUID) -> CaseOut:
    """One case with all that was said and done in it, the parents by name, and the steps possible now or why not."""
    return CaseOut.model_validate(await cases.read_case(database, caller, case_id))


@router.post("/cases/{case_id}/decisions", status_code=201)
@allow(*DECIDE, guard=may_reach_case)
async def decide(tx: Tx, caller: Caller, case_id: UUID, body: DecisionIn) -> DecisionOut:
    """Record a named person's decision. "penalty-notice" and "prosecution" are requests to the authority; "no-action" closes the case."""
    decided = await decisions.decide(
        tx,
        caller,
        case_id,
        decision=body.decision,
        reason=body.reason,
        parent_ids=body.parents,
        no_improvement_notice_reason=body.no_improvement_notice_reason,
    )
    return DecisionOut.model_validate(decided)


@router.post("/cases/{case_id}/agreement", status_code=201)
@allow(*AGREE, guard=may_agree, transaction=False)
async def agree(request: Request, database: Db, caller: Caller, case_id: UUID, body: AgreementIn) -> AgreementOut:
    """Record the authority's answer to the requests that stand. To a prosecution without a penalty notice it opens the way to a court file."""
    settled = await settle_referral(database, caller, case_id) if refers(body.agreed, body.recommendation) else None
    async with database.begin() as tx:
        answered = await decisions.agree(
            tx, caller, case_id, agreed=body.agreed, recommendation=body.recommendation, reason=body.reason, settled=settled
        )
        answer = AgreementOut.model_validate(answered)
        await keep_answer(tx, request, answer, 201)
    return answer


@router.post("/cases/{case_id}/clearances")
@allow(*CLEAR, guard=may_reach_case)
async def clear(tx: Tx, caller: Caller, case_id: UUID, body: ClearanceIn) -> ClearanceOut:
    """Let a notice go on that a changed mark or a returned letter has stopped; with the case's own id, every notice of the case."""
    return ClearanceOut.model_validate(await holds.clear(tx, caller, case_id, about=body.about, reason=body.reason))
