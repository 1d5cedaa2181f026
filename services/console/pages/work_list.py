"""The work list: what waits for a person of each role, the nearest deadline first."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from pydantic import JsonValue
from starlette.responses import RedirectResponse

from services.console.clients import QueryValue, Services
from services.console.context import Context, PageContext
from services.console.pages.people import load_pupils
from services.console.rendering import REPORT_READERS
from services.console.responses.cases import CaseSummary, FileSummary, ImprovementNoticeSummary, PenaltyNoticeSummary
from services.console.responses.schools import LeaveRequest
from services.console.responses.values import ListResponse
from shared.http.access import OFFICERS

router = APIRouter()

ListPage = (
    ListResponse[FileSummary]
    | ListResponse[PenaltyNoticeSummary]
    | ListResponse[ImprovementNoticeSummary]
    | ListResponse[CaseSummary]
    | ListResponse[LeaveRequest]
)
"""A page of one of the lists."""

PAGE_SIZE = 25
"""Rows of each list; the whole list is a page of its own."""


AUTHORITY = ("files", "overdue", "ended", "cases")
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "aco": AUTHORITY,
    "manager": AUTHORITY,
    "school": ("ended", "leave", "cases", "overdue"),
    "acsa": ("overdue", "files", "ended"),
    "business-support": ("leave", "overdue", "files"),
    "accredited": ("cases", "overdue"),
}
"""The lists of each role, what it is to do itself first. Those that lead only to what another role decides stand on pages of their own."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list: whose it is, its path, the status that waits for a person, and what is in it."""

    service: str
    path: str
    status: str
    model: type[ListPage]


LISTS: Mapping[str, Listing] = {
    "files": Listing("prosecutions", "/v1/files", "draft", ListResponse[FileSummary]),
    "overdue": Listing("penalties", "/v1/penalty-notices", "overdue", ListResponse[PenaltyNoticeSummary]),
    "ended": Listing("penalties", "/v1/notices-to-improve", "ended", ListResponse[ImprovementNoticeSummary]),
    "cases": Listing("penalties", "/v1/cases", "open", ListResponse[CaseSummary]),
    "leave": Listing("registers", "/v1/leave-requests", "asked", ListResponse[LeaveRequest]),
}


@router.get("/")
async def work_list(context: Context) -> Response:
    """What waits for a person of this role. A service that is down takes only its own lists with it."""
    if context.sign_in.person.roles == {"operations"}:
        return RedirectResponse("/operations", 303)
    services = context.services
    names = next((lists for role, lists in SECTIONS.items() if context.sign_in.person.has(role)), ())
    found, counts = await asyncio.gather(asyncio.gather(*(_first_page(services, LISTS[name]) for name in names)), _counts(context))
    lists = dict(zip(names, found, strict=True))
    shown = [each.pupil_id for page in lists.values() if page for each in page.items]
    return context.render("work_list.html", lists=lists, counts=counts, pupils=await load_pupils(services, shown))


async def _first_page(services: Services, listing: Listing) -> ListPage | None:
    return await services.optional(services.get(listing.service, listing.path, listing.model, status=listing.status, limit=PAGE_SIZE))


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
