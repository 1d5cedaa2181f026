"""The pages of the actions in a case: a form, and its submission."""

from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from services.console.clients import Refused, ServiceDown
from services.console.context import Context, PageContext
from services.console.pages.case_forms import CASE_ACTIONS
from services.console.pages.cases import read_case
from services.console.pages.forms import FormAction, FormErrors, idempotency_key
from services.console.pages.refusals import sentences
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

_BY_SLUG = {action.slug: action for action in CASE_ACTIONS}


@router.get("/cases/{case_id}/{slug}")
async def show_action(context: Context, case_id: UUID, slug: str) -> Response:
    """The form of an action, or why it cannot be taken now."""
    return await _page(context, case_id, _action(slug), FormData(), [], status=200)


@router.post("/cases/{case_id}/{slug}")
async def take_action(context: Context, case_id: UUID, slug: str, form: Form) -> Response:
    """Take an action. The form carries an Idempotency-Key of its own: sent twice, it counts once."""
    action = _action(slug)
    if errors := action.missing(form):
        return await _page(context, case_id, action, form, errors, status=422)
    try:
        await context.services.post("penalties", action.path(case_id, form), action.body(form), idempotency_key(form))
    except Refused as refusal:
        if refusal.status not in {404, 409, 422}:
            raise
        return await _page(context, case_id, action, form, refusal, status=refusal.status)
    except ServiceDown as error:
        return context.render("send_again.html", status=502, action=action, service=error.service, form=form, back=f"/cases/{case_id}")
    return RedirectResponse(f"/cases/{case_id}?done={action.slug}", 303)


def _action(slug: str) -> FormAction:
    if slug not in _BY_SLUG:
        raise HTTPException(404)
    return _BY_SLUG[slug]


async def _page(
    context: PageContext, case_id: UUID, action: FormAction, form: FormData, errors: FormErrors | Refused, *, status: int
) -> Response:
    case, pupil = await read_case(context.services, case_id)
    return context.render(
        "case_action.html",
        status=status,
        action=action,
        case=case,
        pupil=pupil,
        permission=case.permissions.get(action.name),
        form=form,
        errors=sentences(errors, case.names) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
