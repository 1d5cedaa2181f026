"""Parents who may be one person: the list, the answer of an officer, and taking it back."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.differences import DECIDERS
from services.console.pages.forms import REASON, Body, FormAction, FormErrors, text_field, text_fields, without_empty
from services.console.pages.refusals import sentences
from services.console.pages.schools import PAGE_SIZE, After
from services.console.pages.submission import submit
from services.console.responses.matches import ParentMatch
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()


def _answer(form: FormData) -> Body:
    return without_empty(same=text_field(form, "same") == "yes", reason=text_field(form, "reason"))


ANSWER = FormAction(
    "answer",
    "answer",
    "Answer",
    "Record the answer",
    {"same": "Choose whether the two are one person", "reason": REASON},
    _answer,
    lambda match_id, _form: f"/v1/parent-matches/{match_id}",
)
UNDOING = FormAction(
    "undoing",
    "undo",
    "Take the answer back",
    "Take the answer back",
    {"reason": REASON},
    lambda form: text_fields(form, "reason"),
    lambda match_id, _form: f"/v1/parent-matches/{match_id}/undo",
)


@router.get("/matches")
async def list_matches(context: Context, after: After = None, status: Literal["open", "same", "different"] = "open") -> Response:
    """Parents who may be one person, the oldest first."""
    found = await context.services.get(
        "registers", "/v1/parent-matches", ListResponse[ParentMatch], after=after, status=status, limit=PAGE_SIZE
    )
    return context.render("matches.html", found=found, state=status)


@router.get("/matches/{match_id}")
async def show_match(context: Context, match_id: UUID) -> Response:
    """The two as schools know them, and the form of the answer or of taking it back."""
    return await _page(context, match_id, FormData(), [], status=200)


@router.post("/matches/{match_id}")
async def answer_match(context: Context, match_id: UUID, form: Form) -> Response:
    """Record the answer; sent twice, it counts once."""
    return await _submit(context, ANSWER, match_id, form, "match")


@router.post("/matches/{match_id}/undo")
async def undo_match(context: Context, match_id: UUID, form: Form) -> Response:
    """Take the answer back; sent twice, it counts once."""
    return await _submit(context, UNDOING, match_id, form, "match-undone")


async def _submit(context: PageContext, action: FormAction, match_id: UUID, form: FormData, done: str) -> Response:
    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, match_id, form, errors, status=status)

    return await submit(context, "registers", action, match_id, form, page, f"/matches/{match_id}", done)


async def _page(context: PageContext, match_id: UUID, form: FormData, errors: FormErrors | Refused, *, status: int) -> Response:
    return context.render(
        "match.html",
        status=status,
        match=await context.services.get("registers", f"/v1/parent-matches/{match_id}", ParentMatch),
        may_decide=context.sign_in.person.has(*DECIDERS),
        form=form,
        errors=sentences(errors) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
