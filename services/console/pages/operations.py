"""Operations: which services respond, which events and which due work failed, and their replay."""

import asyncio
from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter, Response

from services.console.clients import PURPOSE, REPLAY_SECONDS, Refused
from services.console.context import Context, PageContext
from services.console.pages.schools import After
from services.console.responses.problems import ProblemResponse
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.http.dead_letters import Replayed
from shared.http.pauses import MOST_COUNTED, DueWorkState
from shared.messaging.backlog import Backlog
from shared.messaging.dead_letters import DeadLetter
from shared.messaging.readers import TopicReader
from shared.problems import Forbidden

router = APIRouter()

PAGE_SIZE = 25
"""Failures of each service that a page shows: each has its forms."""
ServiceName = Literal["registers", "thresholds", "penalties", "prosecutions", "notifications"]


@router.get("/operations")
async def operations(context: Context, service: ServiceName | None = None, after: After = None) -> Response:
    """The health of each service, and what failed or waits behind what failed: the first page of each service, or the one asked for."""
    return await _page(context, [], 200, service, after)


@router.post("/operations/{service}/{letter_id}/replay")
async def replay(context: Context, service: ServiceName, letter_id: int, _form: Form) -> Response:
    """Handle a failed event again, and what waits behind it; or do failed work now."""
    return await _post(context, service, f"/v1/dead-letters/{letter_id}/replay", {}, "replayed")


@router.post("/operations/{service}/{letter_id}/dismissal")
async def dismiss(context: Context, service: ServiceName, letter_id: int, form: Form) -> Response:
    """Give a failed event or failed work up, for a reason."""
    reason = str(form.get("reason", "")).strip()
    if len(reason) < 3:
        return await _page(context, [(f"reason-{service}-{letter_id}", "Say why the event is dismissed")], 422)
    return await _post(context, service, f"/v1/dead-letters/{letter_id}/dismissal", {"reason": reason}, "dismissed")


@router.post("/operations/{service}/due-work")
async def confirm_due_work(context: Context, service: ServiceName, form: Form) -> Response:
    """Let the due work of a service go on that waits for the clock or for a person."""
    reason = str(form.get("reason", "")).strip()
    if len(reason) < 3:
        return await _page(context, [(f"due-work-{service}", "Say why the due work may go on")], 422)
    try:
        await context.services.post_and_read(service, "/v1/due-work/confirmation", {"reason": reason}, DueWorkState)
    except Refused as refusal:
        if refusal.status not in {409, 422}:
            raise
        return await _page(context, [("", f"{refusal.title}. {refusal.detail}".strip())], refusal.status)
    return context.done("/operations", "confirmed")


async def _post(context: PageContext, service: ServiceName, path: str, body: dict[str, str], done: str) -> Response:
    try:
        replayed = await context.services.post_and_read(service, path, body, Replayed, REPLAY_SECONDS)
    except Refused as refusal:
        if refusal.status not in {404, 409, 422}:
            raise
        return await _page(context, [("", f"{refusal.title}. {refusal.detail}".strip())], refusal.status)
    return context.done("/operations", done if replayed.next is None else f"{done}-next-failed")


async def _page(
    context: PageContext, errors: list[tuple[str, str]], status: int, service: ServiceName | None = None, after: str | None = None
) -> Response:
    if not context.sign_in.person.has("operations", "manager"):
        raise Refused("console", Forbidden.status, ProblemResponse(detail="This page is for operations."))
    services = context.services
    ready = await asyncio.gather(*(services.ready(name) for name in PURPOSE))
    health = dict(zip(PURPOSE, ready, strict=True))
    up = [name for name, is_ready in health.items() if is_ready]
    refusing = {name: await services.why_not_ready(name) for name, is_ready in health.items() if not is_ready}
    up += [name for name, why in refusing.items() if why]
    failed, backlogs = await asyncio.gather(
        asyncio.gather(*(_dead_letters(context, name, after if name == service else None) for name in up)),
        asyncio.gather(*(services.optional(services.get(name, "/v1/backlog", Backlog)) for name in up)),
    )
    found = {name: backlog for name, backlog in zip(up, backlogs, strict=True) if backlog}
    paused = [name for name, backlog in found.items() if backlog.paused]
    states = await asyncio.gather(*(services.optional(services.get(name, "/v1/due-work", DueWorkState)) for name in paused))
    return context.render(
        "operations.html",
        status=status,
        errors=errors,
        health=health,
        refusing=refusing,
        purposes=PURPOSE,
        failed={name: page for name, page in zip(up, failed, strict=True) if page and page.items},
        readers=_latest(backlog for backlog in backlogs if backlog),
        backlogs=found,
        paused={name: state for name, state in zip(paused, states, strict=True) if state},
        most_counted=MOST_COUNTED,
        may_act=context.sign_in.person.has("operations"),
    )


def _latest(backlogs: Iterable[Backlog]) -> list[TopicReader]:
    """Return each reader of each topic once, as the service saw it that looked last: both the reader and the publisher look."""
    found: dict[tuple[str, str], TopicReader] = {}
    for each in (each for backlog in backlogs for each in backlog.readers):
        other = found.setdefault((each.reader, each.topic), each)
        if each.seen_seconds < other.seen_seconds:
            found[each.reader, each.topic] = each
    return [found[key] for key in sorted(found)]


async def _dead_letters(context: PageContext, service: str, after: str | None) -> ListResponse[DeadLetter] | None:
    services = context.services
    return await services.optional(services.get(service, "/v1/dead-letters", ListResponse[DeadLetter], after=after, limit=PAGE_SIZE))
