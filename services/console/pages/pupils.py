"""A pupil's threshold, looked up by UPN. The UPN is sent in a form: it must stand in no address, history or log."""

import asyncio
import re

from fastapi import APIRouter, Response

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.people import load_pupils
from services.console.responses.cases import CaseSummary, Threshold
from services.console.responses.engagement import Engagement
from services.console.responses.values import ListResponse
from services.console.sign_in import Form

router = APIRouter()

UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")


@router.get("/pupils")
async def ask_for_upn(context: Context) -> Response:
    """Ask for a UPN."""
    return context.render("pupils.html", upn="", errors=[], threshold=None, cases=[], pupil=None)


@router.post("/pupils")
async def show_threshold(context: Context, form: Form) -> Response:
    """Show a pupil's threshold with the reasons, and the pupil's cases."""
    upn = "".join(str(form.get("upn", "")).split()).upper()
    if not UPN.fullmatch(upn):
        return _form_again(context, upn, "Enter a UPN: a letter, eleven digits, and a digit or a letter", 422)
    services = context.services
    try:
        threshold, found, engagement = await asyncio.gather(
            services.get("thresholds", f"/v1/pupils/{upn}/threshold", Threshold),
            services.optional(services.get("penalties", "/v1/cases", ListResponse[CaseSummary], upn=upn)),
            services.optional(services.get("registers", f"/v1/pupils/{upn}/engagement", Engagement)),
        )
    except Refused as refusal:
        if refusal.status not in {403, 404, 422}:
            raise
        text = "This pupil is not within your reach" if refusal.status == 403 else "No pupil with this UPN is known"
        return _form_again(context, upn, text, refusal.status)
    names = await load_pupils(services, [threshold.pupil_id])
    cases = found.items if found else []
    pupil = names.get(threshold.pupil_id)
    return context.render("pupils.html", upn=upn, errors=[], threshold=threshold, cases=cases, pupil=pupil, engagement=engagement)


def _form_again(context: PageContext, upn: str, text: str, status: int) -> Response:
    return context.render("pupils.html", status=status, upn=upn, errors=[("upn", text)], threshold=None, cases=[], pupil=None)
