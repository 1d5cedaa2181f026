"""The work list: what waits for a person, the nearest deadline first."""

import asyncio
from typing import TypeVar

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from services.console.clients import QueryValue, Services
from services.console.context import Context
from services.console.pages.people import load_pupils
from services.console.rendering import FILE_READERS
from services.console.responses.cases import CaseSummary, FileSummary, ImprovementNoticeSummary, PenaltyNoticeSummary
from services.console.responses.matches import ParentMatch
from services.console.responses.same_child import MergerProposal
from services.console.responses.values import ListResponse
from shared.http.access import OFFICERS

router = APIRouter()
T = TypeVar("T")

PAGE_SIZE = 25
"""Rows of each list; the whole list is a page of its own."""


@router.get("/")
async def work_list(context: Context) -> Response:
    """Court files, overdue notices, ended Notices to Improve and open cases. A service that is down takes only its own lists with it."""
    if context.sign_in.person.roles == {"operations"}:
        return RedirectResponse("/operations", 303)
    services = context.services
    with_files = context.sign_in.person.has(*FILE_READERS)
    with_proposals = context.sign_in.person.has(*OFFICERS)
    files, overdue, ended, cases, mergers, matches = await asyncio.gather(
        _first_page(services, "prosecutions", "/v1/files", ListResponse[FileSummary], "draft") if with_files else asyncio.sleep(0),
        _first_page(services, "penalties", "/v1/penalty-notices", ListResponse[PenaltyNoticeSummary], "overdue"),
        _first_page(services, "penalties", "/v1/notices-to-improve", ListResponse[ImprovementNoticeSummary], "ended"),
        _first_page(services, "penalties", "/v1/cases", ListResponse[CaseSummary], "open"),
        _count(services, "/v1/merger-proposals", ListResponse[MergerProposal], deciding=True) if with_proposals else asyncio.sleep(0),
        _count(services, "/v1/parent-matches", ListResponse[ParentMatch], deciding=True) if with_proposals else asyncio.sleep(0),
    )
    shown = [each.pupil_id for found in (files, overdue, ended, cases) if found for each in found.items]
    return context.render(
        "work_list.html",
        with_files=with_files,
        files=files,
        overdue=overdue,
        ended=ended,
        cases=cases,
        proposals=[
            ("/mergers", "records that may be of one child", mergers),
            ("/matches", "parents who may be one person", matches),
        ]
        if with_proposals
        else [],
        pupils=await load_pupils(services, shown),
    )


async def _first_page(services: Services, service: str, path: str, model: type[T], status: str) -> T | None:
    return await services.optional(services.get(service, path, model, status=status, limit=PAGE_SIZE))


async def _count(services: Services, path: str, model: type[T], **query: QueryValue) -> T | None:
    """Return a list of which only the count is shown."""
    return await services.optional(services.get("registers", path, model, limit=1, **query))
