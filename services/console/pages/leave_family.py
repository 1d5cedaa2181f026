"""Leave that a parent asked for several children together: the requests, and one decision about all that await one."""

from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.forms import FormAction, FormErrors
from services.console.pages.leave import DECIDERS, LEAVE_ACTIONS, granting_codes
from services.console.pages.refusals import sentences
from services.console.pages.submission import submit
from services.console.responses.family import FamilyLeave
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

DECIDE = FormAction(
    "decision",
    "decide",
    "Decide about leave for all of them",
    "Record the decision",
    LEAVE_ACTIONS["decision"].required,
    LEAVE_ACTIONS["decision"].body,
    lambda family_id, _form: f"/v1/family-leave-requests/{family_id}/decision",
)


@router.get("/family-leave/{family_id}")
async def show_family_leave(context: Context, family_id: UUID) -> Response:
    """The requests of a family that the person may see, each with its state."""
    family = await _read(context, family_id)
    may_decide = bool(family.awaiting) and context.sign_in.person.has(*DECIDERS)
    return context.render("leave_family.html", family=family, may_decide=may_decide)


@router.get("/family-leave/{family_id}/decision")
async def show_decision(context: Context, family_id: UUID) -> Response:
    """The form of one decision about all requests that await one, or why it cannot be made now."""
    return await _page(context, family_id, FormData(), [], status=200)


@router.post("/family-leave/{family_id}/decision")
async def decide(context: Context, family_id: UUID, form: Form) -> Response:
    """Decide about all requests that await a decision; sent twice, it counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, family_id, form, errors, status=status)

    return await submit(context, "registers", DECIDE, family_id, form, page, f"/family-leave/{family_id}", "leave-decision")


async def _read(context: PageContext, family_id: UUID) -> FamilyLeave:
    return await context.services.get("registers", f"/v1/family-leave-requests/{family_id}", FamilyLeave)


async def _page(context: PageContext, family_id: UUID, form: FormData, errors: FormErrors | Refused, *, status: int) -> Response:
    family = await _read(context, family_id)
    why_not = None if family.awaiting else "None of these requests awaits a decision."
    if not context.sign_in.person.has(*DECIDERS):
        why_not = "This needs another role."
    return context.render(
        "leave_family_decision.html",
        status=status,
        action=DECIDE,
        family=family,
        why_not=None if errors else why_not,
        codes=granting_codes(family.items[0].start),
        form=form,
        errors=sentences(errors) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
