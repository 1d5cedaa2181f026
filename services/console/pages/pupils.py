"""A pupil's threshold, looked up by UPN. The UPN is sent in a form: it must stand in no address, history or log."""

import re

from fastapi import APIRouter, Response

from services.console.answers import CaseSummary, Listed, Threshold
from services.console.clients import Refused
from services.console.pages.people import pupils
from services.console.session import Form
from services.console.visit import Visit, VisitInfo

router = APIRouter()

_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]")


@router.get("/pupils")
async def ask_for_upn(visit: Visit) -> Response:
    """Ask for a UPN."""
    return visit.page("pupils.html", upn="", errors=[], threshold=None, cases=[], pupil=None)


@router.post("/pupils")
async def show_threshold(visit: Visit, form: Form) -> Response:
    """Show how a pupil stands against the threshold, and why, with their cases."""
    upn = "".join(str(form.get("upn", "")).split()).upper()
    if not _UPN.fullmatch(upn):
        return _again(visit, upn, "Enter a UPN: a letter, eleven digits, and a digit or a letter", 422)
    services = visit.services
    try:
        threshold = await services.get("thresholds", f"/v1/pupils/{upn}/threshold", Threshold)
    except Refused as refusal:
        if refusal.status not in {403, 404, 422}:
            raise
        said = "This pupil is not within your reach" if refusal.status == 403 else "No pupil with this UPN is known"
        return _again(visit, upn, said, refusal.status)
    found = await services.tried(services.get("penalties", "/v1/cases", Listed[CaseSummary], upn=upn))
    names = await pupils(services, [threshold.pupil_id])
    cases = found.items if found else []
    return visit.page("pupils.html", upn=upn, errors=[], threshold=threshold, cases=cases, pupil=names.get(threshold.pupil_id))


def _again(visit: VisitInfo, upn: str, text: str, status: int) -> Response:
    return visit.page("pupils.html", status=status, upn=upn, errors=[("upn", text)], threshold=None, cases=[], pupil=None)
