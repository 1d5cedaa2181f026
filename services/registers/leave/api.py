"""Requests for leave of absence."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.registers.fields import District
from services.registers.leave import use_cases
from services.registers.leave.domain import State
from services.registers.leave.schemas import LeaveDecisionIn, LeaveIn, LeaveOut, LeaveWithdrawalIn
from shared.http import Caller, Page, Paging, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["leave"])


@router.post("/leave-requests", status_code=201, responses={200: {"description": "The same request was recorded already"}})
@allow("mis", "school", "aco", "acsa", "business-support", "manager")
async def ask_for_leave(tx: Tx, caller: Caller, body: LeaveIn, response: Response) -> LeaveOut:
    """Record that a parent asks for leave of absence: for whom, when, for which dates and why.

    The same again, while it is undecided, is answered with the request that stands; with another reason or day of asking it is refused.
    """
    recorded = await use_cases.ask(tx, body.asked, caller)
    response.status_code = 201 if recorded.new else 200
    return LeaveOut.model_validate(recorded.value)


@router.get("/leave-requests")
@allow(*OFFICERS, "mis", "school", "accredited")
async def list_leave_requests(
    tx: Tx,
    caller: Caller,
    paging: Paging,
    urn: Annotated[Urn | None, Query()] = None,
    status: State | None = None,
    upn: Upn | None = None,
    district: District = None,
) -> Page[LeaveOut]:
    """Requests of a school or district, in a state, or for a pupil, each with overlapping ones of siblings.

    Those that await their decision come in the order in which the leave begins, behind them what has begun already; decided ones the
    latest first; without `status` all in the order in which they were recorded.
    """
    found = await use_cases.read_requests(tx, caller, paging, urn=urn, state=status, upn=upn, district=district)
    return Page[LeaveOut].of(found, LeaveOut.model_validate)


@router.get("/leave-requests/{leave_id}")
@allow(*OFFICERS, "mis", "school", "accredited", "service", guard=use_cases.own_leave)
async def read_leave_request(tx: Tx, leave_id: UUID) -> LeaveOut:
    """One request with its decision, and what was decided for siblings on the same days, at other schools too."""
    return LeaveOut.model_validate(await use_cases.read_leave(tx, leave_id))


@router.post("/leave-requests/{leave_id}/decision", status_code=201)
@allow("school", "aco", "manager", guard=use_cases.own_leave)
async def decide_leave(tx: Tx, caller: Caller, leave_id: UUID, body: LeaveDecisionIn) -> LeaveOut:
    """Grant leave as C, C1 or C2, or refuse it, as a named person. Every parent gets a letter; no mark is written."""
    return LeaveOut.model_validate(await use_cases.decide(tx, leave_id, body.outcome, body.code, body.reason, caller))


@router.post("/leave-requests/{leave_id}/withdrawal", status_code=201)
@allow("mis", "school", "aco", "acsa", "business-support", "manager", guard=use_cases.own_leave)
async def withdraw_leave(tx: Tx, caller: Caller, leave_id: UUID, body: LeaveWithdrawalIn) -> LeaveOut:
    """Record that the parent who asked took the request back before the leave began, undecided or granted.

    No parent gets a letter about it: who withdrew knows, and the letter of a decision that was made stays what was decided.
    """
    return LeaveOut.model_validate(await use_cases.withdraw(tx, leave_id, body.withdrawn_on, body.reason, caller))
