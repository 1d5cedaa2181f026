"""The pages of the actions in a case: a form, and its submission."""

from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.advice import load_advice
from services.console.pages.case_forms import CASE_ACTIONS
from services.console.pages.cases import read_case
from services.console.pages.checks import awaits_check, load_check
from services.console.pages.forms import FormAction, FormErrors
from services.console.pages.refusals import sentences
from services.console.pages.steps import obstacles
from services.console.pages.submission import submit
from services.console.responses.reports import ReusedReasons
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

ANSWERERS = ("aco", "manager", "business-support")
_BY_SLUG = {action.slug: action for action in CASE_ACTIONS}


@router.get("/cases/{case_id}/{slug}")
async def show_action(context: Context, case_id: UUID, slug: str) -> Response:
    """The form of an action, or why it cannot be taken now."""
    return await _page(context, case_id, _action(slug), FormData(), [], status=200)


@router.post("/cases/{case_id}/{slug}")
async def take_action(context: Context, case_id: UUID, slug: str, form: Form) -> Response:
    """Take an action, a legal act once it has been checked; sent twice, the form counts once."""
    action = _action(slug)
    if form.get("change"):
        return await _page(context, case_id, action, form, [], status=200)
    if awaits_check(slug, form) and not action.missing(form) and (shown := await _check_page(context, case_id, action, form)):
        return shown

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, case_id, action, form, errors, status=status)

    return await submit(context, "penalties", action, case_id, form, page, f"/cases/{case_id}", action.slug)


async def _check_page(context: PageContext, case_id: UUID, action: FormAction, form: FormData) -> Response | None:
    """Return the page that shows what would be sent; None where the form is to be refused by the service instead."""
    case, pupil = await read_case(context.services, case_id)
    permission = case.permissions.get(action.name)
    check = await load_check(context.services, case, action.slug, form) if permission and permission.allowed else None
    if check is None:
        return None
    return context.render("case_check.html", action=action, case=case, pupil=pupil, form=form, check=check)


def _action(slug: str) -> FormAction:
    if slug not in _BY_SLUG:
        raise HTTPException(404)
    return _BY_SLUG[slug]


async def _page(
    context: PageContext, case_id: UUID, action: FormAction, form: FormData, errors: FormErrors | Refused, *, status: int
) -> Response:
    services = context.services
    case, pupil = await read_case(services, case_id)
    permission = case.permissions.get(action.name)
    return context.render(
        "case_action.html",
        status=status,
        action=action,
        case=case,
        pupil=pupil,
        reused=await _reused_reasons(context, case_id) if action.slug == "agreement" else None,
        obstacles=obstacles(case, action.name),
        permission=permission,
        advice=await load_advice(services, case) if action.slug == "agreement" and permission and permission.allowed else [],
        form=form,
        errors=sentences(errors, case.names, action.fields) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )


async def _reused_reasons(context: PageContext, case_id: UUID) -> ReusedReasons | None:
    """Return how often the school gave the reasons of its requests, for whoever answers for the authority."""
    if not context.sign_in.person.has(*ANSWERERS):
        return None
    services = context.services
    return await services.optional(services.get("penalties", f"/v1/cases/{case_id}/reused-reasons", ReusedReasons))
