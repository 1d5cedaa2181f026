"""Leave of absence: a school's requests, one of them, and what a person does about it."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from services.console.answers import LeaveRequest, Listed, People
from services.console.clients import Refused, ServiceDown
from services.console.pages.refusals import sentences
from services.console.pages.schools import SHOWN, After, District, Urn, named, read_school
from services.console.pages.steps import REASON, Errors, Step, a_date, given, said
from services.console.session import Form
from services.console.visit import Visit, VisitInfo
from shared.attendance.register_codes import codes_on
from shared.ids import new_id

router = APIRouter()

CODES = ("C", "C1", "C2")
DECIDERS = ("school", "aco", "manager")
RECORDERS = ("school", "aco", "acsa", "business-support", "manager")
Status = Literal["asked", "granted", "refused", "withdrawn", "all"]


def _decision(form: FormData) -> dict[str, Any]:
    chosen = said(form, "outcome")
    return given(outcome="granted" if chosen in CODES else chosen, code=chosen if chosen in CODES else None, reason=said(form, "reason"))


STEPS = {
    "decision": Step(
        "decision",
        "decide",
        "Decide about leave",
        "Record the decision",
        {"outcome": "Choose whether leave is granted or refused", "reason": REASON},
        _decision,
        lambda leave_id, _form: f"/v1/leave-requests/{leave_id}/decision",
    ),
    "withdrawal": Step(
        "withdrawal",
        "withdraw",
        "Record that the parent took the request back",
        "Record the withdrawal",
        {"withdrawn_on": "Enter the day on which the parent took it back", "reason": REASON},
        lambda form: given(withdrawn_on=a_date(form, "withdrawn_on"), reason=said(form, "reason")),
        lambda leave_id, _form: f"/v1/leave-requests/{leave_id}/withdrawal",
    ),
}
_WHO = {"decision": DECIDERS, "withdrawal": RECORDERS}
_WHEN = {"decision": ("asked",), "withdrawal": ("asked", "granted")}


@router.get("/schools/{urn}/leave")
async def list_leave(visit: Visit, urn: Urn, status: Annotated[Status, Query()] = "asked", after: After = None) -> Response:
    """A school's requests for leave, those that await a decision first of all."""
    services, only = visit.services, None if status == "all" else status
    school, found = await asyncio.gather(
        read_school(services, urn),
        services.get("registers", "/v1/leave-requests", Listed[LeaveRequest], urn=urn, status=only, after=after, limit=SHOWN),
    )
    return visit.page("leave_list.html", school=school, district=None, requests=found.items, next=found.next, state=status)


@router.get("/leave")
async def list_leave_of_area(
    visit: Visit, status: Annotated[Status, Query()] = "asked", after: After = None, district: District = None
) -> Response:
    """Requests for leave at a district's schools, or at all within the person's reach."""
    only, area = None if status == "all" else status, named(district)
    query = {"district": area, "status": only, "after": after, "limit": SHOWN}
    found = await visit.services.get("registers", "/v1/leave-requests", Listed[LeaveRequest], **query)
    return visit.page("leave_list.html", school=None, district=area, requests=found.items, next=found.next, state=status)


@router.get("/leave/{leave_id}")
async def show_leave(visit: Visit, leave_id: UUID) -> Response:
    """One request: who asked for what and when, what was decided, and the same days of sisters and brothers."""
    services = visit.services
    leave = await _read(visit, leave_id)
    school, people = await asyncio.gather(
        services.tried(read_school(services, leave.urn)), services.tried(services.get("registers", f"/v1/people/{leave.pupil_id}", People))
    )
    parent = next((each for each in people.parents if each.id == leave.parent_id), None) if people else None
    steps = [step for step in STEPS.values() if _why_not(visit, leave, step.slug) is None]
    return visit.page("leave.html", leave=leave, school=school, parent=parent, steps=steps)


@router.get("/leave/{leave_id}/{slug}")
async def show_step(visit: Visit, leave_id: UUID, slug: str) -> Response:
    """The form of a step, or why it cannot be taken now."""
    return await _page(visit, leave_id, _step(slug), FormData(), [], status=200)


@router.post("/leave/{leave_id}/{slug}")
async def take_step(visit: Visit, leave_id: UUID, slug: str, form: Form) -> Response:
    """Take a step; sent twice, it counts once."""
    step = _step(slug)
    if errors := step.missing(form):
        return await _page(visit, leave_id, step, form, errors, status=422)
    try:
        await visit.services.post("registers", step.target(leave_id, form), step.read(form), str(form.get("idempotency_key", "")) or None)
    except Refused as refusal:
        if refusal.status not in {409, 422}:
            raise
        return await _page(visit, leave_id, step, form, sentences(refusal), status=refusal.status)
    except ServiceDown as trouble:
        return visit.page("send_again.html", status=502, step=step, service=trouble.service, form=form, back=f"/leave/{leave_id}")
    return RedirectResponse(f"/leave/{leave_id}?done=leave-{slug}", 303)


def _step(slug: str) -> Step:
    if slug not in STEPS:
        raise HTTPException(404)
    return STEPS[slug]


async def _read(visit: VisitInfo, leave_id: UUID) -> LeaveRequest:
    return await visit.services.get("registers", f"/v1/leave-requests/{leave_id}", LeaveRequest)


def _why_not(visit: VisitInfo, leave: LeaveRequest, slug: str) -> str | None:
    if not visit.session.person.has(*_WHO[slug]):
        return "This needs another role."
    if leave.status not in _WHEN[slug]:
        return f"The request was {leave.status}."
    return None


async def _page(visit: VisitInfo, leave_id: UUID, step: Step, form: FormData, errors: Errors, *, status: int) -> Response:
    leave = await _read(visit, leave_id)
    known = codes_on(leave.start)
    return visit.page(
        "leave_step.html",
        status=status,
        step=step,
        leave=leave,
        # What was refused is told; a form that could only be refused again is not offered.
        why_not=None if errors else _why_not(visit, leave, step.slug),
        codes=[(code, f"Grant it as {code}", known[code].meaning) for code in CODES if code in known],
        form=form,
        errors=errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
