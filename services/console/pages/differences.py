"""Pupils whom schools record with different names or birth dates: the list, and the decision of an officer."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.forms import REASON, Body, FormAction, FormErrors, text_field, without_empty
from services.console.pages.refusals import sentences
from services.console.pages.schools import PAGE_SIZE, After
from services.console.pages.submission import submit
from services.console.responses.differences import Difference
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

DECIDERS = ("aco", "manager")


def _decision(form: FormData) -> Body:
    answers: list[JsonValue] = [
        {"urn": name.removeprefix("claim-"), "same_child": value == "yes"}
        for name, value in form.multi_items()
        if name.startswith("claim-")
    ]
    return without_empty(counts=text_field(form, "counts"), claims=answers, reason=text_field(form, "reason"))


DECISION = FormAction(
    "decision",
    "decide",
    "Decide",
    "Record the decision",
    {"counts": "Choose whose names and date of birth count", "reason": REASON},
    _decision,
    lambda difference_id, _form: f"/v1/pupil-differences/{difference_id}",
)


@router.get("/differences")
async def list_differences(context: Context, after: After = None) -> Response:
    """Pupils who await an officer's decision, the oldest first."""
    found = await context.services.get("registers", "/v1/pupil-differences", ListResponse[Difference], after=after, limit=PAGE_SIZE)
    return context.render("differences.html", found=found)


@router.get("/differences/{difference_id}")
async def show_difference(context: Context, difference_id: UUID) -> Response:
    """One pupil as each school records them, with the form of the decision."""
    return await _page(context, difference_id, FormData(), [], status=200)


@router.post("/differences/{difference_id}")
async def decide_difference(context: Context, difference_id: UUID, form: Form) -> Response:
    """Record the decision; sent twice, it counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, difference_id, form, errors, status=status)

    return await submit(context, "registers", DECISION, difference_id, form, page, f"/differences/{difference_id}", "difference")


async def _page(context: PageContext, difference_id: UUID, form: FormData, errors: FormErrors | Refused, *, status: int) -> Response:
    return context.render(
        "difference.html",
        status=status,
        difference=await context.services.get("registers", f"/v1/pupil-differences/{difference_id}", Difference),
        may_decide=context.sign_in.person.has(*DECIDERS),
        form=form,
        errors=sentences(errors) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
