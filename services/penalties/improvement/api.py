"""Notices to Improve: issuing, reading, recording the outcome."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.penalties.case_file.domain.roles import DECIDE, READ
from services.penalties.case_file.repository.visibility import NoticeQuery
from services.penalties.case_file.use_cases.access import own_case, own_notice
from services.penalties.improvement import schemas
from services.penalties.improvement.use_cases import issue, outcome, read
from shared.http import Caller, Page, Paging, Router, Tx, Urn, allow

router = Router(tags=["Notices to Improve"])


@router.post("/cases/{case_id}/notices-to-improve", status_code=201)
@allow(*DECIDE, guard=own_case)
async def issue_improvement_notices(
    tx: Tx, caller: Caller, case_id: UUID, body: schemas.ImprovementNoticesIn
) -> schemas.IssuedImprovementNotices:
    """Issue a Notice to Improve to each of these parents, all or none: six whole school weeks (Essex) from service."""
    issued = await issue.issue_improvement_notices(tx, caller, case_id, body.parents, body.terms())
    return schemas.IssuedImprovementNotices(items=[schemas.IssuedImprovementNotice.model_validate(notice) for notice in issued])


@router.get("/notices-to-improve")
@allow(*READ)
async def list_improvement_notices(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    case_id: Annotated[UUID | None, Query()] = None,
    urn: Annotated[Urn | None, Query()] = None,
    status: Annotated[schemas.ImprovementStatus | None, Query(description="`ended`: the time is over and no outcome is recorded")] = None,
) -> Page[schemas.ImprovementNoticeSummary]:
    """The Notices to Improve that are the caller's own, by their last day; the ended ones are a person's work list."""
    found = await read.list_improvement_notices(tx, caller, NoticeQuery(case_id, urn, status), paging)
    return Page[schemas.ImprovementNoticeSummary].of(found, schemas.ImprovementNoticeSummary.model_validate)


@router.get("/notices-to-improve/{notice_id}")
@allow(*READ, guard=own_notice)
async def read_improvement_notice(tx: Tx, notice_id: UUID) -> schemas.ImprovementNoticeOut:
    """One Notice to Improve. Its dates are known from posting on, even if receipt lies ahead."""
    return schemas.ImprovementNoticeOut.model_validate(await read.show_improvement_notice(tx, notice_id))


@router.post("/notices-to-improve/{notice_id}/outcome")
@allow(*DECIDE, guard=own_notice)
async def end_improvement_notice(tx: Tx, caller: Caller, notice_id: UUID, body: schemas.OutcomeIn) -> schemas.ImprovementNoticeOut:
    """Record how a Notice to Improve ended; when every one of the case was met, the case closes."""
    ended = await outcome.end_improvement_notice(tx, caller, notice_id, outcome=body.outcome, reason=body.reason)
    return schemas.ImprovementNoticeOut.model_validate(ended)
