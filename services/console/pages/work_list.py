"""The work list: what waits for a person, the nearest deadline first."""

import asyncio
from typing import TypeVar

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from services.console.clients import Services
from services.console.context import Context
from services.console.pages.people import load_pupils
from services.console.rendering import FILE_READERS
from services.console.responses.cases import CaseSummary, FileSummary, ImprovementNoticeSummary, PenaltyNoticeSummary
from services.console.responses.values import ListResponse
from shared import clock

router = APIRouter()
T = TypeVar("T")

PAGE_SIZE = 50
"""Rows of each list; the rest is a page further."""


@router.get("/")
async def work_list(context: Context) -> Response:
    """Court files, overdue notices, ended Notices to Improve and open cases. A service that is down takes only its own lists with it."""
    if context.sign_in.person.roles == {"operations"}:
        return RedirectResponse("/operations", 303)
    services = context.services
    with_files = context.sign_in.person.has(*FILE_READERS)
    files, overdue, ended, cases = await asyncio.gather(
        _first_page(services, "prosecutions", "/v1/files", ListResponse[FileSummary], "draft") if with_files else asyncio.sleep(0),
        _first_page(services, "penalties", "/v1/penalty-notices", ListResponse[PenaltyNoticeSummary], "overdue"),
        _first_page(services, "penalties", "/v1/notices-to-improve", ListResponse[ImprovementNoticeSummary], "ended"),
        _first_page(services, "penalties", "/v1/cases", ListResponse[CaseSummary], "open"),
    )
    shown = [each for found in (files, overdue, ended, cases) if found for each in found.items]
    return context.render(
        "work_list.html",
        with_files=with_files,
        files=files and sorted(files.items, key=lambda file: file.safe_limit),
        overdue=overdue and sorted(overdue.items, key=lambda notice: notice.final_deadline or notice.issued_on),
        ended=ended and sorted(ended.items, key=lambda notice: notice.ends_on or notice.issued_on),
        cases=cases and sorted(cases.items, key=lambda case: (case.earliest_time_bar < clock.today(), case.earliest_time_bar)),
        more={name for name, found in (("files", files), ("overdue", overdue), ("ended", ended), ("cases", cases)) if found and found.next},
        pupils=await load_pupils(services, [each.pupil_id for each in shown]),
    )


async def _first_page(services: Services, service: str, path: str, model: type[T], status: str) -> T | None:
    return await services.optional(services.get(service, path, model, status=status, limit=PAGE_SIZE))
