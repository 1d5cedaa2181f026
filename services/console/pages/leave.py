"""Leave of absence: the requests of a school or an area, one request, and the actions on it."""

import asyncio
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.forms import REASON, Body, FormAction, FormErrors, date_field, text_field, without_empty
from services.console.pages.leave_weeks import sessions_of_week
from services.console.pages.refusals import sentences
from services.console.pages.schools import PAGE_SIZE, After, District, Urn, clean_district, read_school
from services.console.pages.submission import submit
from services.console.responses.schools import LeaveRequest, People
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.attendance.register_codes import codes_on
from shared.ids import new_id

router = APIRouter()

CODES = ("C", "C1", "C2")
DECIDERS = ("school", "aco", "manager")
RECORDERS = ("school", "aco", "acsa", "business-support", "manager")
Status = Literal["asked", "granted", "refused", "withdrawn", "all"]


def _decision(form: FormData) -> Body:
    chosen, reason = text_field(form, "outcome"), text_field(form, "reason")
    if chosen not in CODES:
        return without_empty(outcome=chosen, reason=reason)
    return without_empty(outcome="granted", code=chosen, reason=reason, sessions_of_week=sessions_of_week(form))


LEAVE_ACTIONS = {
    "decision": FormAction(
        "decision",
        "decide",
        "Decide about leave",
        "Record the decision",
        {"outcome": "Choose whether leave is granted or refused", "reason": REASON},
        _decision,
        lambda leave_id, _form: f"/v1/leave-requests/{leave_id}/decision",
        fields={"code": "outcome"},
    ),
    "withdrawal": FormAction(
        "withdrawal",
        "withdraw",
        "Record that the parent took the request back",
        "Record the withdrawal",
        {"withdrawn_on": "Enter the day on which the parent took it back", "reason": REASON},
        lambda form: without_empty(withdrawn_on=date_field(form, "withdrawn_on"), reason=text_field(form, "reason")),
        lambda leave_id, _form: f"/v1/leave-requests/{leave_id}/withdrawal",
    ),
}
_ROLES = {"decision": DECIDERS, "withdrawal": RECORDERS}
_STATUSES = {"decision": ("asked",), "withdrawal": ("asked", "granted")}


@router.get("/schools/{urn}/leave")
async def list_leave(context: Context, urn: Urn, status: Annotated[Status, Query()] = "asked", after: After = None) -> Response:
    """A school's requests for leave, by default those that await a decision."""
    services, only = context.services, None if status == "all" else status
    school, found = await asyncio.gather(
        read_school(services, urn),
        services.get("registers", "/v1/leave-requests", ListResponse[LeaveRequest], urn=urn, status=only, after=after, limit=PAGE_SIZE),
    )
    return context.render("leave_list.html", recorders=RECORDERS, school=school, district=None, found=found, state=status)


@router.get("/leave")
async def list_leave_of_area(
    context: Context, status: Annotated[Status, Query()] = "asked", after: After = None, district: District = None
) -> Response:
    """Requests for leave at a district's schools, or at all schools that the person may see."""
    only, area = None if status == "all" else status, clean_district(district)
    found = await context.services.get(
        "registers", "/v1/leave-requests", ListResponse[LeaveRequest], district=area, status=only, after=after, limit=PAGE_SIZE
    )
    return context.render("leave_list.html", recorders=RECORDERS, school=None, district=area, found=found, state=status)


@router.get("/leave/{leave_id}")
async def show_leave(context: Context, leave_id: UUID) -> Response:
    """One request: who asked for what and when, what was decided, and requests for siblings on the same days."""
    services = context.services
    leave = await _read(context, leave_id)
    school, people = await asyncio.gather(
        services.optional(read_school(services, leave.urn)),
        services.optional(services.get("registers", f"/v1/people/{leave.pupil_id}", People)),
    )
    parent = next((each for each in people.parents if each.id == leave.parent_id), None) if people else None
    actions = [action for action in LEAVE_ACTIONS.values() if _why_not(context, leave, action.slug) is None]
    return context.render("leave.html", leave=leave, school=school, parent=parent, actions=actions)


@router.get("/leave/{leave_id}/{slug}")
async def show_action(context: Context, leave_id: UUID, slug: str) -> Response:
    """The form of an action, or why it cannot be taken now."""
    return await _page(context, leave_id, _action(slug), FormData(), [], status=200)


@router.post("/leave/{leave_id}/{slug}")
async def take_action(context: Context, leave_id: UUID, slug: str, form: Form) -> Response:
    """Take an action; sent twice, it counts once."""
    action = _action(slug)

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, leave_id, action, form, errors, status=status)

    return await submit(context, "registers", action, leave_id, form, page, f"/leave/{leave_id}", f"leave-{slug}")


def _action(slug: str) -> FormAction:
    if slug not in LEAVE_ACTIONS:
        raise HTTPException(404)
    return LEAVE_ACTIONS[slug]


async def _read(context: PageContext, leave_id: UUID) -> LeaveRequest:
    return await context.services.get("registers", f"/v1/leave-requests/{leave_id}", LeaveRequest)


def _why_not(context: PageContext, leave: LeaveRequest, slug: str) -> str | None:
    if not context.sign_in.person.has(*_ROLES[slug]):
        return "This needs another role."
    if leave.status not in _STATUSES[slug]:
        return f"The request was {leave.status}."
    return None


def granting_codes(first_day: date) -> list[tuple[str, str, str]]:
    """Return the codes under which leave can be granted from a day on, as choices."""
    in_force = codes_on(first_day)
    return [(code, f"Grant it as {code}", in_force[code].meaning) for code in CODES if code in in_force]


async def _page(
    context: PageContext, leave_id: UUID, action: FormAction, form: FormData, errors: FormErrors | Refused, *, status: int
) -> Response:
    leave = await _read(context, leave_id)
    return context.render(
        "leave_action.html",
        status=status,
        action=action,
        leave=leave,
        # After a refusal the form shows its errors; before, an action that would be refused is not offered.
        why_not=None if errors else _why_not(context, leave, action.slug),
        codes=granting_codes(leave.start),
        form=form,
        errors=sentences(errors, fields=action.fields) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
