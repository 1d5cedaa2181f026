"""Lists of notices that await a person."""

from fastapi import APIRouter, Response

from services.console.context import Context
from services.console.pages.people import load_pupils
from services.console.pages.schools import After
from services.console.responses.cases import ImprovementNoticeSummary, PenaltyNoticeSummary
from services.console.responses.values import ListResponse

router = APIRouter()

PAGE_SIZE = 50


@router.get("/penalty-notices")
async def list_overdue_notices(context: Context, after: After = None) -> Response:
    """Penalty notices that are overdue, a page at a time."""
    services = context.services
    found = await services.get(
        "penalties", "/v1/penalty-notices", ListResponse[PenaltyNoticeSummary], status="overdue", after=after, limit=PAGE_SIZE
    )
    names = await load_pupils(services, [notice.pupil_id for notice in found.items])
    return context.render("penalty_notices.html", found=found, pupils=names)


@router.get("/notices-to-improve")
async def list_ended_notices(context: Context, after: After = None) -> Response:
    """Notices to Improve whose time is over and that have no outcome, a page at a time."""
    services = context.services
    found = await services.get(
        "penalties", "/v1/notices-to-improve", ListResponse[ImprovementNoticeSummary], status="ended", after=after, limit=PAGE_SIZE
    )
    names = await load_pupils(services, [notice.pupil_id for notice in found.items])
    return context.render("improvement_notices.html", found=found, pupils=names)
