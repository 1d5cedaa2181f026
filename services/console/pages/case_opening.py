"""A case is opened by hand: the pupil by a UPN that stands in no address, the school, and why."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.datastructures import FormData

from services.console.clients import Refused, ServiceDown
from services.console.context import Context, PageContext
from services.console.pages.forms import FormErrors, idempotency_key, text_field, without_empty
from services.console.pages.pupils import UPN
from services.console.pages.refusals import sentences
from services.console.responses.cases import OpenedCase
from services.console.responses.problems import ProblemResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

OPENERS = ("school", "aco", "manager")
REQUIRED = {
    "upn": "Enter a UPN: a letter, eleven digits, and a digit or a letter",
    "urn": "Enter the six-digit URN of the school that has the pupil on its roll",
    "reason": "Give the reason",
}


@router.get("/cases/new")
async def ask_for_case(context: Context, urn: Annotated[int | None, Query()] = None) -> Response:
    """Ask about whom a case is to be opened, at which school, and why."""
    _need_opener(context)
    return _page(context, FormData({"urn": str(urn)} if urn else {}), [], 200)


@router.post("/cases/new")
async def open_case(context: Context, form: Form) -> Response:
    """Open the case; sent twice, the form opens one."""
    _need_opener(context)
    upn = "".join(str(form.get("upn", "")).split()).upper()
    values = {"upn": upn if UPN.fullmatch(upn) else None, "urn": _number(form), "reason": text_field(form, "reason")}
    if errors := [(name, text) for name, text in REQUIRED.items() if not values[name]]:
        return _page(context, form, errors, 422)
    body = without_empty(**values, kind="attendance")
    try:
        opened = await context.services.post_and_read("penalties", "/v1/cases", body, OpenedCase, key=idempotency_key(form))
    except Refused as refusal:
        if refusal.status not in {403, 404, 409, 422}:
            raise
        reach = [("upn", "This pupil is not on the roll of that school, or not within your reach")]
        return _page(context, form, reach if refusal.status in {403, 404} else sentences(refusal), refusal.status)
    except ServiceDown as down:
        return _page(context, form, [("", "The service for cases does not answer. Wait a minute and send it again")], down.status)
    return context.done(f"/cases/{opened.id}", "case-opened")


def _number(form: FormData) -> int | None:
    typed = text_field(form, "urn") or ""
    return int(typed) if typed.isdecimal() and len(typed) == 6 else None


def _page(context: PageContext, form: FormData, errors: FormErrors, status: int) -> Response:
    key = form.get("idempotency_key") or str(new_id())
    return context.render("case_new.html", status=status, form=form, errors=errors, key=key)


def _need_opener(context: PageContext) -> None:
    if not context.sign_in.person.has(*OPENERS):
        raise Refused("penalties", 403, ProblemResponse(detail="This needs another role."))
