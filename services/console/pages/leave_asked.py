"""A request for leave of absence is recorded: first the pupil, by a UPN that stands in no address, then who asks for which days and why."""

import asyncio

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.clients import Refused, ServiceDown
from services.console.context import Context, PageContext
from services.console.pages.forms import Body, FormErrors, date_field, text_field, without_empty
from services.console.pages.leave import RECORDERS
from services.console.pages.leave_weeks import sessions_of_week
from services.console.pages.pupils import UPN
from services.console.pages.refusals import errors_of
from services.console.pages.schools import Urn, read_school
from services.console.responses.family import Family, FamilyLeave
from services.console.responses.problems import ProblemResponse
from services.console.responses.schools import LeaveRequest, People, PupilIdentity
from services.console.sign_in import Form
from shared import clock

router = APIRouter()

REQUIRED = {
    "parent_id": "Choose the parent who asks",
    "asked_on": "Enter the day on which the parent asked",
    "from": "Enter the first day of the leave",
    "to": "Enter the last day of the leave",
    "reason": "Give the reason, in the words of the parent",
}
_FIELDS = {"starts_on": "from", "ends_on": "to"}
"""Fields as the service names them, where the form has another name."""


@router.get("/schools/{urn}/leave/new")
async def ask_for_pupil(context: Context, urn: Urn) -> Response:
    """Ask for the UPN of the pupil for whom leave is asked."""
    _need_recorder(context)
    return await _pupil_page(context, urn, "", [], 200)


@router.post("/schools/{urn}/leave/new")
async def record_leave(context: Context, urn: Urn, form: Form) -> Response:
    """Show the form for a pupil, or record the request that it holds; the same one twice is one."""
    _need_recorder(context)
    upn = "".join(str(form.get("upn", "")).split()).upper()
    if not UPN.fullmatch(upn):
        return await _pupil_page(context, urn, upn, [("upn", "Enter a UPN: a letter, eleven digits, and a digit or a letter")], 422)
    if form.get("step") != "request":
        return await _request_page(context, urn, upn, form, [], 200)
    dates = {name: date_field(form, name) for name in ("asked_on", "from", "to")}
    values = {**dates, "parent_id": text_field(form, "parent_id"), "reason": text_field(form, "reason")}
    if errors := [(name, text) for name, text in REQUIRED.items() if not values[name]]:
        return await _request_page(context, urn, upn, form, errors, 422)
    try:
        made, banner = await _record(context, upn, urn, form, without_empty(sessions_of_week=sessions_of_week(form), **values))
    except (Refused, ServiceDown) as failure:
        return await _request_page(context, urn, upn, form, errors_of(failure, _FIELDS), failure.status)
    return context.done(made, banner)


async def _record(context: PageContext, upn: str, urn: int, form: FormData, values: Body) -> tuple[str, str]:
    """Record a request for the pupil, or for all the children that were ticked; return the page that shows it, and its banner."""
    others = [str(each).partition("_") for each in form.getlist("children")]
    if not others:
        body = {"upn": upn, "urn": urn, **values}
        alone = await context.services.post_and_read("registers", "/v1/leave-requests", body, LeaveRequest)
        return f"/leave/{alone.id}", "leave-recorded"
    children: list[JsonValue] = [{"upn": upn, "urn": urn}]
    children += [{"upn": other, "urn": int(school)} for other, _, school in others]
    family = await context.services.post_and_read("registers", "/v1/family-leave-requests", {"children": children, **values}, FamilyLeave)
    return f"/family-leave/{family.id}", "family-leave-recorded"


async def _pupil_page(context: PageContext, urn: int, upn: str, errors: FormErrors, status: int) -> Response:
    school = await context.services.optional(read_school(context.services, urn))
    return context.render(
        "leave_new.html",
        status=status,
        urn=urn,
        school=school,
        upn=upn,
        pupil=None,
        parents=(),
        children=(),
        form=FormData(),
        errors=errors,
    )


async def _request_page(context: PageContext, urn: int, upn: str, form: FormData, errors: FormErrors, status: int) -> Response:
    services = context.services
    try:
        identity = await services.get("registers", f"/v1/pupils/{upn}/upns", PupilIdentity)
        school, people, family = await asyncio.gather(
            services.optional(read_school(services, urn)),
            services.get("registers", f"/v1/people/{identity.pupil_id}", People),
            services.optional(services.get("registers", f"/v1/people/{identity.pupil_id}/family", Family)),
        )
    except Refused as refusal:
        if refusal.status not in {403, 404}:
            raise
        text = "This pupil is not within your reach" if refusal.status == 403 else "No pupil with this UPN is known"
        return await _pupil_page(context, urn, upn, [("upn", text)], refusal.status)
    named = {str(parent.id): parent.name for parent in people.parents if parent.urn in {None, urn}}
    parents = [(parent_id, name, "") for parent_id, name in named.items()]
    return context.render(
        "leave_new.html",
        status=status,
        urn=urn,
        school=school,
        upn=upn,
        pupil=people.pupil,
        parents=parents,
        children=family.others(identity.pupil_id, clock.today(), context.sign_in.person.schools or None) if family else [],
        form=form,
        errors=errors,
    )


def _need_recorder(context: PageContext) -> None:
    if not context.sign_in.person.has(*RECORDERS):
        raise Refused("registers", 403, ProblemResponse(detail="This needs another role."))
