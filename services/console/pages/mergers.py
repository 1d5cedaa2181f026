"""Records of two authorities that may be of one child: who is asked, the answer, and what became of it."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.differences import DECIDERS
from services.console.pages.forms import REASON, Body, FormAction, FormErrors, text_field, without_empty
from services.console.pages.refusals import sentences
from services.console.pages.schools import PAGE_SIZE, After
from services.console.pages.submission import submit
from services.console.responses.same_child import MergerProposal
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()


def _answer(form: FormData) -> Body:
    same = text_field(form, "same") == "yes"
    birth: JsonValue = {"upn": text_field(form, "wrong_upn"), "reason": text_field(form, "wrong_reason")} if _names_a_birth(form) else None
    return without_empty(same=same, reason=text_field(form, "reason"), wrong_birth_date=birth)


def _names_a_birth(form: FormData) -> bool:
    return text_field(form, "same") == "yes" and text_field(form, "wrong_upn") is not None


ANSWER = FormAction(
    "answer",
    "answer",
    "Answer",
    "Record the answer",
    {"same": "Choose whether the two records are of one child", "reason": REASON},
    _answer,
    lambda proposal_id, _form: f"/v1/merger-proposals/{proposal_id}",
    lambda form: {"wrong_reason": "Say how the right date of birth is known"} if _names_a_birth(form) else {},
    {"wrong_birth_date.upn": "wrong_upn", "wrong_birth_date": "wrong_reason"},
)


@router.get("/mergers")
async def list_proposals(context: Context, after: After = None, status: Literal["open", "confirmed", "refused"] = "open") -> Response:
    """What an authority asked or is asked, the oldest first."""
    found = await context.services.get(
        "registers", "/v1/merger-proposals", ListResponse[MergerProposal], after=after, status=status, limit=PAGE_SIZE
    )
    return context.render("mergers.html", found=found, state=status)


@router.get("/mergers/{proposal_id}")
async def show_proposal(context: Context, proposal_id: UUID) -> Response:
    """One proposal with the children as this person may see them, and the form of the answer or the answer."""
    return await _page(context, proposal_id, FormData(), [], status=200)


@router.post("/mergers/{proposal_id}")
async def answer_proposal(context: Context, proposal_id: UUID, form: Form) -> Response:
    """Record the answer; sent twice, it counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, proposal_id, form, errors, status=status)

    return await submit(context, "registers", ANSWER, proposal_id, form, page, f"/mergers/{proposal_id}", "merger")


async def _page(context: PageContext, proposal_id: UUID, form: FormData, errors: FormErrors | Refused, *, status: int) -> Response:
    return context.render(
        "merger.html",
        status=status,
        proposal=await context.services.get("registers", f"/v1/merger-proposals/{proposal_id}", MergerProposal),
        may_decide=context.sign_in.person.has(*DECIDERS),
        form=form,
        errors=sentences(errors, fields=ANSWER.fields) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
