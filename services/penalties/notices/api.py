"""Penalty notices: assessing, issuing, reading, withdrawing."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from services.penalties.case_file.domain.roles import ISSUE, READ
from services.penalties.case_file.repository.visibility import NoticeQuery
from services.penalties.case_file.use_cases.access import only_holidays, own_case, own_notice
from services.penalties.evidence.use_cases import wait_for_evidence
from services.penalties.notices import schemas
from services.penalties.notices.use_cases import assess, family, issue, read, withdraw
from shared import clock
from shared.database.turns import turn
from shared.http import Caller, Db, Page, Paging, Router, Tx, Urn, allow, keep_answer

router = Router(tags=["penalty notices"])


@router.post("/penalty-notices/assessments")
@allow("aco", "acsa", "accredited", "business-support", "manager", "school", "service", transaction=False, stores=False)
async def assess_notice(caller: Caller, body: schemas.AssessmentIn) -> schemas.AssessmentOut:
    """Return which tier and amounts a notice would have, and its dates if it were posted on `posted_on`. Nothing is stored.

    The limits of the caller's authority apply; without one, those of the installation.
    """
    earlier = [notice.as_fact() for notice in body.earlier]
    assessed = assess.assess_notice(
        caller.la_code or "", body.kind, body.proposed_on, body.offence.period(), earlier, body.posted_on, body.served_by
    )
    return schemas.AssessmentOut.of(assessed)


@router.post("/cases/{case_id}/family-assessments")
@allow("school", "aco", "acsa", "business-support", "manager", guard=own_case, stores=False)
async def assess_family(tx: Tx, caller: Caller, case_id: UUID, body: schemas.FamilyAssessmentIn) -> schemas.FamilyAssessmentOut:
    """Return what penalty notices for one absence would cost a family: for each parent and child named, and together. Nothing is stored.

    Earlier notices are those stored about the same parent and child. Children other than the case's are those on a roll that the caller may see.
    """
    proposed_on = body.proposed_on or clock.today()
    found = await family.assess_family(tx, caller, case_id, proposed_on, body.offence.period(), body.pairs)
    return schemas.FamilyAssessmentOut.of(proposed_on, found)


@router.post("/cases/{case_id}/penalty-notices", status_code=201)
@allow(*ISSUE, guard=own_case, rule=only_holidays, transaction=False)
async def issue_penalty_notices(
    request: Request, database: Db, caller: Caller, case_id: UUID, body: schemas.PenaltyNoticesIn
) -> schemas.IssuedPenaltyNotices:
    """Issue a penalty notice to each of these parents, all or none, on every counting session of the offence period that is free."""
    order = body.order()
    view = await wait_for_evidence(database, case_id, order.offence)
    returned_on = await issue.find_return(database, case_id, order, view)
    async with turn(database, case_id), database.begin() as tx:
        issued = await issue.issue_penalty_notices(tx, caller, case_id, order, view, returned_on)
        answer = schemas.IssuedPenaltyNotices(items=[schemas.IssuedPenaltyNotice.model_validate(notice) for notice in issued])
        await keep_answer(tx, request, answer, 201)
    return answer


@router.get("/penalty-notices")
@allow(*READ)
async def list_penalty_notices(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    case_id: Annotated[UUID | None, Query()] = None,
    urn: Annotated[Urn | None, Query()] = None,
    status: Annotated[schemas.PenaltyNoticeStatus | None, Query()] = None,
) -> Page[schemas.PenaltyNoticeSummary]:
    """The penalty notices that are the caller's own, by their last day to pay."""
    found = await read.list_penalty_notices(tx, caller, NoticeQuery(case_id, urn, status), paging)
    return Page[schemas.PenaltyNoticeSummary].of(found, schemas.PenaltyNoticeSummary.model_validate)


@router.get("/penalty-notices/{notice_id}")
@allow(*READ, guard=own_notice)
async def read_penalty_notice(tx: Tx, notice_id: UUID) -> schemas.PenaltyNoticeOut:
    """One penalty notice, with what is due on it today. Its dates are known from posting on, even if receipt lies ahead."""
    return schemas.PenaltyNoticeOut.model_validate(await read.show_penalty_notice(tx, notice_id))


@router.post("/penalty-notices/{notice_id}/withdrawal")
@allow("aco", "manager", guard=own_notice)
async def withdraw_notice(tx: Tx, caller: Caller, notice_id: UUID, body: schemas.WithdrawalIn) -> schemas.WithdrawalOut:
    """Withdraw a notice on one of the four grounds; what was paid is owed back in full."""
    return schemas.WithdrawalOut.model_validate(await withdraw.withdraw_notice(tx, caller, notice_id, body.ground, body.reason))
