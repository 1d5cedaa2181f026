"""Requests for leave of absence."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.registers.fields import District
from services.registers.leave.domain import State
from services.registers.leave.schemas import FamilyLeaveIn, FamilyLeaveOut, LeaveDecisionIn, LeaveIn, LeaveOut, LeaveWithdrawalIn
from services.registers.leave.use_cases import families, requests
from shared.http import Caller, Page, Paging, Router, Tx, Upn, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["leave"])


@router.post("/leave-requests", status_code=201, responses={200: {"description": "The same request was recorded already"}})
@allow("mis", "school", "aco", "acsa", "business-support", "manager")
async def ask_for_leave(tx: Tx, caller: Caller, body: LeaveIn, response: Response) -> LeaveOut:
    """Record that a parent asks for leave of absence: for whom, when, for which dates or sessions of every week between them, and why.

    The same again, while it is undecided, is answered with the request that stands; with another reason, other sessions or another day of asking it is refused.
    """
    recorded = await requests.ask(tx, body.asked, caller)
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
    found = await requests.read_requests(tx, caller, paging, urn=urn, state=status, upn=upn, district=district)
    return Page[LeaveOut].of(found, LeaveOut.model_validate)


@router.get("/leave-requests/{leave_id}")
@allow(*OFFICERS, "mis", "school", "accredited", "service", guard=requests.own_leave)
async def read_leave_request(tx: Tx, leave_id: UUID) -> LeaveOut:
    """One request with its decision, and what was decided for siblings on the same days, at other schools too."""
    return LeaveOut.model_validate(await requests.read_leave(tx, leave_id))


@router.post("/leave-requests/{leave_id}/decision", status_code=201)
@allow("school", "aco", "manager", guard=requests.own_leave)
async def decide_leave(tx: Tx, caller: Caller, leave_id: UUID, body: LeaveDecisionIn) -> LeaveOut:
    """Grant leave as C, C1 or C2, or refuse it, as a named person. Every parent gets a letter; no mark is written.

    `sessions_of_week` takes the place of what was asked for: the sessions of every week that were agreed.
    """
    return LeaveOut.model_validate(await requests.decide(tx, leave_id, body.decision, caller))


@router.post("/leave-requests/{leave_id}/withdrawal", status_code=201)
@allow("mis", "school", "aco", "acsa", "business-support", "manager", guard=requests.own_leave)
async def withdraw_leave(tx: Tx, caller: Caller, leave_id: UUID, body: LeaveWithdrawalIn) -> LeaveOut:
    """Record that the parent who asked took the request back before the leave began, undecided or granted.

    No parent gets a letter about it: who withdrew knows, and the letter of a decision that was made stays what was decided.
    """
    return LeaveOut.model_validate(await requests.withdraw(tx, leave_id, body.withdrawn_on, body.reason, caller))


@router.post("/family-leave-requests", status_code=201, responses={200: {"description": "The same requests were recorded already"}})
@allow("school", "aco", "acsa", "business-support", "manager")
async def ask_for_leave_of_family(tx: Tx, caller: Caller, body: FamilyLeaveIn, response: Response) -> FamilyLeaveOut:
    """Record that a parent asks for leave for several children at once, for all of them or for none: a request for each.

    Each child's own school decides about its own. The same again, while it is undecided, is answered with the requests that stand.
    """
    recorded = await families.ask_for_family(tx, body.asked, caller)
    response.status_code = 201 if recorded.new else 200
    return FamilyLeaveOut.model_validate(recorded.value)


@router.get("/family-leave-requests/{family_id}")
@allow(*OFFICERS, "school", guard=families.own_family_leave)
async def read_leave_of_family(tx: Tx, caller: Caller, family_id: UUID) -> FamilyLeaveOut:
    """Requests for several children that a parent asked for together: those of the caller's schools or authority."""
    return FamilyLeaveOut.model_validate(await families.read_family_leave(tx, family_id, caller))


@router.post("/family-leave-requests/{family_id}/decision", status_code=201)
@allow("school", "aco", "manager", guard=families.own_family_leave)
async def decide_leave_of_family(tx: Tx, caller: Caller, family_id: UUID, body: LeaveDecisionIn) -> FamilyLeaveOut:
    """Decide alike, as a named person, about all of a family's requests that await a decision and are the caller's own; or about each alone.

    Every parent gets a letter for each child. What another school or authority decides about is left to them.
    """
    return FamilyLeaveOut.model_validate(await families.decide_for_family(tx, family_id, body.decision, caller))
