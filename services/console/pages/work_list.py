"""The work list: what waits for a person, the nearest deadline first."""

import asyncio
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.responses import RedirectResponse

from services.console.clients import QueryValue, Services
from services.console.context import Context, PageContext
from services.console.pages.people import load_pupils
from services.console.rendering import FILE_READERS, REPORT_READERS
from services.console.responses.cases import CaseSummary, FileSummary, ImprovementNoticeSummary, PenaltyNoticeSummary
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
    files, overdue, ended, cases, counts = await asyncio.gather(
        _first_page(services, "prosecutions", "/v1/files", ListResponse[FileSummary], "draft") if with_files else asyncio.sleep(0),
        _first_page(services, "penalties", "/v1/penalty-notices", ListResponse[PenaltyNoticeSummary], "overdue"),
        _first_page(services, "penalties", "/v1/notices-to-improve", ListResponse[ImprovementNoticeSummary], "ended"),
        _first_page(services, "penalties", "/v1/cases", ListResponse[CaseSummary], "open"),
        _counts(context),
    )
    shown = [each.pupil_id for found in (files, overdue, ended, cases) if found for each in found.items]
    return context.render(
        "work_list.html",
        with_files=with_files,
        files=files,
        overdue=overdue,
        ended=ended,
        cases=cases,
        counts=counts,
        pupils=await load_pupils(services, shown),
    )


async def _first_page(services: Services, service: str, path: str, model: type[T], status: str) -> T | None:
    return await services.optional(services.get(service, path, model, status=status, limit=PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for a person on another page: its address, what it is, and how many; None where the service is down."""

    address: str
    text: str
    count: str | None


async def _counts(context: PageContext) -> list[Waiting]:
    """Return how much waits for this person on other pages."""
    services, person = context.services, context.sign_in.person

    async def count(service: str, path: str, **query: QueryValue) -> str | None:
        found = await services.optional(services.get(service, path, ListResponse[JsonValue], limit=1, **query))
        return found.count if found else None

    undecided = []
    if person.has(*REPORT_READERS):
        undecided = [Waiting("/undecided", "cases without a first decision in time", await count("penalties", "/v1/undecided-cases"))]
    if not person.has(*OFFICERS):
        return undecided
    mergers, matches, letters, misdated = await asyncio.gather(
        count("registers", "/v1/merger-proposals", deciding=True),
        count("registers", "/v1/parent-matches", deciding=True),
        count("notifications", "/v1/letters", status="failed"),
        count("notifications", "/v1/letters", misdated=True),
    )
    return [
        *undecided,
        Waiting("/mergers", "records that may be of one child", mergers),
        Waiting("/matches", "parents who may be one person", matches),
        Waiting("/letters", "letters that were not sent", letters),
        Waiting("/letters/misdated", "letters that bear a wrong date", misdated),
    ]
