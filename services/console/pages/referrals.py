"""The form of referral, and the thread of referrals of a case."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.cases import read_case
from services.console.pages.forms import Body, FormAction, FormErrors, list_field, text_field, text_fields, without_empty
from services.console.pages.refusals import sentences
from services.console.pages.submission import submit
from services.console.responses.referrals import ReferralForm, Thread
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

WRITERS = ("school", "aco", "manager")
"""Who refers."""
DECLARE, DECLARE_WHY, SUPPORT_WHY = "declare-", "declare_why-", "support_why-"
"""The fields of the form, each with an item's name behind."""


def _named(form: FormData, prefix: str) -> dict[str, str]:
    """Return what was filled in under a prefix, by item."""
    names = (name for name in form if name.startswith(prefix))
    return {name.removeprefix(prefix): value for name in names if (value := text_field(form, name))}


def _body(form: FormData) -> Body:
    made, reasons = _named(form, DECLARE), _named(form, DECLARE_WHY)
    declarations: list[JsonValue] = [
        without_empty(item=item, declared=item in made, why_not=None if item in made else reasons.get(item))
        for item in dict.fromkeys([*made, *reasons])
    ]
    gaps: list[JsonValue] = [{"item": item, "why_not": why} for item, why in _named(form, SUPPORT_WHY).items()]
    return {
        "parents": list_field(form, "parents"),
        **text_fields(form, "course", "statement"),
        "declarations": declarations,
        "support_gaps": gaps,
    }


REFER = FormAction(
    "referral",
    "refer",
    "Refer to the authority",
    "Send the referral",
    {
        "parents": "Choose at least one parent",
        "course": "Choose what is asked for",
        "statement": "Say why this course is likely to effect change",
    },
    _body,
    lambda case_id, _form: f"/v1/cases/{case_id}/referrals",
)


@router.get("/cases/{case_id}/referral")
async def show_referral(context: Context, case_id: UUID) -> Response:
    """The form of the next referral, filled in, above the referrals that were sent."""
    return await _page(context, case_id, FormData(), [], status=200)


@router.post("/cases/{case_id}/referral")
async def send_referral(context: Context, case_id: UUID, form: Form) -> Response:
    """Send a referral; sent twice, the form counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, case_id, form, errors, status=status)

    return await submit(context, "penalties", REFER, case_id, form, page, f"/cases/{case_id}/referral", REFER.slug)


def _fields(proposed: ReferralForm | None) -> dict[str, str]:
    """Return the field for each code with which a referral is refused."""
    declarations = proposed.declarations if proposed else []
    support = proposed.support if proposed else []
    return {
        "parent_id": "parents",
        **{f"declaration-{each.item}": f"{DECLARE_WHY}{each.item}" for each in declarations},
        **{f"support-{each.item}": f"{SUPPORT_WHY}{each.item}" for each in support},
    }


async def _page(context: PageContext, case_id: UUID, form: FormData, errors: FormErrors | Refused, *, status: int) -> Response:
    services = context.services
    writes = context.sign_in.person.has(*WRITERS)
    (case, pupil), thread = await asyncio.gather(
        read_case(services, case_id), services.get("penalties", f"/v1/cases/{case_id}/referrals", Thread)
    )
    proposed = await services.get("penalties", f"/v1/cases/{case_id}/referral-form", ReferralForm) if writes else None
    return context.render(
        "referral.html",
        status=status,
        case=case,
        pupil=pupil,
        thread=thread.items,
        proposed=proposed if case.status == "open" else None,
        action=REFER,
        form=form,
        errors=sentences(errors, case.names, _fields(proposed)) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
