"""Cases that nobody has considered in time."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.console.context import Context
from services.console.pages.people import load_pupils
from services.console.pages.schools import PAGE_SIZE, After
from services.console.responses.reports import UndecidedCase
from services.console.responses.values import ListResponse

router = APIRouter()


@router.get("/undecided")
async def list_undecided(context: Context, after: After = None, urn: Annotated[int | None, Query(ge=100000, le=999999)] = None) -> Response:
    """Open cases without a decision after the days that a school has, the oldest first; of one school where it is named."""
    services = context.services
    found = await services.get("penalties", "/v1/undecided-cases", ListResponse[UndecidedCase], after=after, urn=urn, limit=PAGE_SIZE)
    pupils = await load_pupils(services, [each.pupil_id for each in found.items])
    return context.render("undecided.html", found=found, pupils=pupils, urn=urn)
