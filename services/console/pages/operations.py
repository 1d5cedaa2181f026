"""Operations: which service answers, what failed, and doing it again."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from services.console.answers import DeadLetter, Listed
from services.console.clients import PURPOSE, Refused
from services.console.session import Form
from services.console.visit import Visit, VisitInfo
from shared.problems import Forbidden

router = APIRouter()

Name = Literal["registers", "thresholds", "penalties", "prosecutions", "notifications"]


@router.get("/operations")
async def operations(visit: Visit) -> Response:
    """The health of each service, and the events that failed or wait behind one that did."""
    return await _page(visit, [], 200)


@router.post("/operations/{service}/{letter_id}/replay")
async def replay(visit: Visit, service: Name, letter_id: int, _form: Form) -> Response:
    """Handle a failed event again, and what waits behind it."""
    return await _ask(visit, service, f"/v1/dead-letters/{letter_id}/replay", {}, "replayed")


@router.post("/operations/{service}/{letter_id}/dismissal")
async def dismiss(visit: Visit, service: Name, letter_id: int, form: Form) -> Response:
    """Give a failed event up, for a reason."""
    reason = str(form.get("reason", "")).strip()
    if len(reason) < 3:
        return await _page(visit, [(f"reason-{service}-{letter_id}", "Say why the event is dismissed")], 422)
    return await _ask(visit, service, f"/v1/dead-letters/{letter_id}/dismissal", {"reason": reason}, "dismissed")


async def _ask(visit: VisitInfo, service: Name, path: str, body: dict[str, str], done: str) -> Response:
    try:
        await visit.services.post(service, path, body)
    except Refused as refusal:
        if refusal.status not in {404, 409, 422}:
            raise
        return await _page(visit, [("", f"{refusal.title}. {refusal.detail}".strip())], refusal.status)
    return RedirectResponse(f"/operations?done={done}", 303)


async def _page(visit: VisitInfo, errors: list[tuple[str, str]], status: int) -> Response:
    if not visit.session.person.has("operations", "manager"):
        raise Refused("console", Forbidden.status, {"detail": "This page is for operations."})
    services = visit.services
    answers = await asyncio.gather(*(services.ready(name) for name in PURPOSE))
    health = dict(zip(PURPOSE, answers, strict=True))
    failed = await asyncio.gather(*(_dead_letters(visit, name) for name, ready in health.items() if ready))
    return visit.page(
        "operations.html",
        status=status,
        errors=errors,
        health=health,
        purposes=PURPOSE,
        failed=[each for found in failed for each in found],
        may_act=visit.session.person.has("operations"),
    )


async def _dead_letters(visit: VisitInfo, service: str) -> list[tuple[str, DeadLetter]]:
    found = await visit.services.tried(visit.services.get(service, "/v1/dead-letters", Listed[DeadLetter], limit=100))
    return [(service, each) for each in found.items] if found else []
