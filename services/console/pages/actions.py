"""The pages of the steps: a form, and what comes of sending it."""

from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from services.console.clients import Refused, ServiceDown
from services.console.pages.cases import read_case
from services.console.pages.refusals import sentences
from services.console.pages.steps import STEPS, Errors, Step
from services.console.session import Form
from services.console.visit import Visit, VisitInfo
from shared.ids import new_id

router = APIRouter()

_BY_SLUG = {step.slug: step for step in STEPS}


@router.get("/cases/{case_id}/{slug}")
async def show_step(visit: Visit, case_id: UUID, slug: str) -> Response:
    """The form of a step, or why it cannot be taken now."""
    return await _page(visit, case_id, _step(slug), FormData(), [], status=200)


@router.post("/cases/{case_id}/{slug}")
async def take_step(visit: Visit, case_id: UUID, slug: str, form: Form) -> Response:
    """Take a step. The form carries an Idempotency-Key of its own: sent twice, it counts once."""
    step = _step(slug)
    if errors := step.missing(form):
        return await _page(visit, case_id, step, form, errors, status=422)
    try:
        await visit.services.post("penalties", step.target(case_id, form), step.read(form), str(form.get("idempotency_key", "")) or None)
    except Refused as refusal:
        if refusal.status not in {404, 409, 422}:
            raise
        return await _page(visit, case_id, step, form, refusal, status=refusal.status)
    except ServiceDown as trouble:
        return visit.page("send_again.html", status=502, step=step, service=trouble.service, form=form, back=f"/cases/{case_id}")
    return RedirectResponse(f"/cases/{case_id}?done={step.slug}", 303)


def _step(slug: str) -> Step:
    if slug not in _BY_SLUG:
        raise HTTPException(404)
    return _BY_SLUG[slug]


async def _page(visit: VisitInfo, case_id: UUID, step: Step, form: FormData, trouble: Errors | Refused, *, status: int) -> Response:
    case, pupil = await read_case(visit.services, case_id)
    return visit.page(
        "step.html",
        status=status,
        step=step,
        case=case,
        pupil=pupil,
        action=case.by_action.get(step.action),
        form=form,
        errors=sentences(trouble, case.names) if isinstance(trouble, Refused) else trouble,
        key=form.get("idempotency_key") or str(new_id()),
    )
