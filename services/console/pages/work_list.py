"""The work list: what waits for a person, the nearest deadline first."""

import asyncio

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from services.console.answers import CaseSummary, FileSummary, ImprovementNoticeSummary, Listed, PenaltyNoticeSummary
from services.console.clients import Services
from services.console.pages.people import pupils
from services.console.rendering import FILE_READERS
from services.console.visit import Visit
from shared import clock

router = APIRouter()

SHOWN = 50
"""Rows of each list; the rest is a page further."""


@router.get("/")
async def work_list(visit: Visit) -> Response:
    """Court files, overdue notices, ended Notices to Improve and open cases. A service that is down takes only its own lists with it."""
    if visit.session.person.roles == {"operations"}:
        return RedirectResponse("/operations", 303)
    services = visit.services
    with_files = visit.session.person.has(*FILE_READERS)
    files, overdue, ended, cases = await asyncio.gather(
        _draft_files(services) if with_files else asyncio.sleep(0),
        services.tried(services.get("penalties", "/v1/penalty-notices", Listed[PenaltyNoticeSummary], status="overdue", limit=SHOWN)),
        services.tried(services.get("penalties", "/v1/notices-to-improve", Listed[ImprovementNoticeSummary], status="ended", limit=SHOWN)),
        services.tried(services.get("penalties", "/v1/cases", Listed[CaseSummary], status="open", limit=SHOWN)),
    )
    shown = [each for found in (files, overdue, ended, cases) if found for each in found.items]
    return visit.page(
        "work_list.html",
        with_files=with_files,
        files=files and sorted(files.items, key=lambda file: file.safe_limit),
        overdue=overdue and sorted(overdue.items, key=lambda notice: notice.final_deadline or notice.issued_on),
        ended=ended and sorted(ended.items, key=lambda notice: notice.ends_on or notice.issued_on),
        cases=cases and sorted(cases.items, key=lambda case: (case.earliest_time_bar < clock.today(), case.earliest_time_bar)),
        more={name for name, found in (("files", files), ("overdue", overdue), ("ended", ended), ("cases", cases)) if found and found.next},
        pupils=await pupils(services, [each.pupil_id for each in shown]),
    )


async def _draft_files(services: Services) -> Listed[FileSummary] | None:
    return await services.tried(services.get("prosecutions", "/v1/files", Listed[FileSummary], status="draft", limit=SHOWN))
