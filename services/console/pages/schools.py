"""Schools: the list by district, one school, and its marks that await their reason."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.responses import RedirectResponse

from services.console.answers import LeaveRequest, Listed, School, UnresolvedMark
from services.console.clients import Services
from services.console.visit import Visit

router = APIRouter()

SHOWN = 100
Urn = Annotated[int, Path(ge=100000, le=999999)]
District = Annotated[str | None, Query(max_length=200)]
After = Annotated[str | None, Query(max_length=100)]


@router.get("/schools")
async def list_schools(visit: Visit, after: After = None, district: District = None) -> Response:
    """The schools within the person's reach; whoever has but one is taken to it."""
    services, person = visit.services, visit.session.person
    area = named(district)
    if person.bound:
        urns = sorted(person.schools)
        if len(urns) == 1:
            return RedirectResponse(f"/schools/{urns[0]}", 303)
        own = await asyncio.gather(*(services.tried(read_school(services, urn)) for urn in urns))
        return visit.page("schools.html", schools=[each for each in own if each], next=None, district=None, with_filter=False)
    found = await services.get("registers", "/v1/schools", Listed[School], after=after, district=area, limit=SHOWN)
    return visit.page("schools.html", schools=found.items, next=found.next, district=area, with_filter=True)


@router.get("/unresolved")
async def list_unresolved_of_area(visit: Visit, after: After = None, district: District = None) -> Response:
    """The N marks of a district's schools, or of all within an officer's reach, the oldest first."""
    area = named(district)
    found = await visit.services.get("registers", "/v1/unresolved", Listed[UnresolvedMark], district=area, after=after, limit=SHOWN)
    return visit.page("unresolved.html", school=None, district=area, marks=found.items, next=found.next, after=after)


@router.get("/schools/{urn}")
async def show_school(visit: Visit, urn: Urn) -> Response:
    """One school: what waits there for a person."""
    services = visit.services
    school = await read_school(services, urn)
    marks, leave = await asyncio.gather(
        services.tried(services.get("registers", f"/v1/schools/{urn}/unresolved", Listed[UnresolvedMark], limit=SHOWN)),
        services.tried(services.get("registers", "/v1/leave-requests", Listed[LeaveRequest], urn=urn, status="asked", limit=SHOWN)),
    )
    return visit.page("school.html", school=school, marks=marks, leave=leave)


@router.get("/schools/{urn}/unresolved")
async def list_unresolved(visit: Visit, urn: Urn, after: After = None) -> Response:
    """A school's N marks, the oldest first, with the day by which each must have its reason."""
    services = visit.services
    school, found = await asyncio.gather(
        read_school(services, urn),
        services.get("registers", f"/v1/schools/{urn}/unresolved", Listed[UnresolvedMark], after=after, limit=SHOWN),
    )
    return visit.page("unresolved.html", school=school, district=None, marks=found.items, next=found.next, after=after)


def named(district: str | None) -> str | None:
    """Return a district as it was typed; nothing where the field was left empty."""
    return (district or "").strip() or None


async def read_school(services: Services, urn: int) -> School:
    """Return a school."""
    return await services.get("registers", f"/v1/schools/{urn}", School)
