"""What the rules recommend to whoever answers for the authority, and the policy that is in force."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.console.clients import Services
from services.console.context import Context
from services.console.responses.advice import Advice, Policy
from services.console.responses.cases import Case

router = APIRouter()


@router.get("/policy")
async def show_policy(context: Context, la_code: Annotated[str, Query(pattern=r"^[0-9]{3}$")]) -> Response:
    """The code of conduct of an authority, and every dated value that decisions about its cases use today."""
    policy = await context.services.get("penalties", "/v1/policy", Policy, la_code=la_code)
    return context.render("policy.html", policy=policy)


async def load_advice(services: Services, case: Case) -> list[Advice]:
    """Return what the rules recommend about each person who is shown to be a parent; nothing where penalties does not respond."""
    asked = [
        services.optional(services.get("penalties", f"/v1/cases/{case.id}/recommendation", Advice, parent_id=each.id))
        for each in case.parents
        if each.parent_by
    ]
    return [each for each in await asyncio.gather(*asked) if each]
