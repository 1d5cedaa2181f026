"""Schools: the list by district, one school, and its marks that await their reason."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.responses import RedirectResponse

from services.console.clients import Services
from services.console.context import Context
from services.console.responses.differences import Claims
from services.console.responses.schools import LeaveRequest, Releases, School, UnresolvedMark
from services.console.responses.values import ListResponse

router = APIRouter()

PAGE_SIZE = 100
Urn = Annotated[int, Path(ge=100000, le=999999)]
District = Annotated[str | None, Query(max_length=200)]
After = Annotated[str | None, Query(max_length=500)]


@router.get("/schools")
async def list_schools(context: Context, after: After = None, district: District = None) -> Response:
    """The schools that the person may see; a person with a single school is redirected to it."""
    services, person = context.services, context.sign_in.person
    area = clean_district(district)
    if person.bound:
        urns = sorted(person.schools)
        if len(urns) == 1:
            return RedirectResponse(f"/schools/{urns[0]}", 303)
        own = await asyncio.gather(*(services.optional(read_school(services, urn)) for urn in urns))
        shown = ListResponse[School](items=[each for each in own if each], total=len(own))
        return context.render("schools.html", found=shown, district=None, with_filter=False)
    found = await services.get("registers", "/v1/schools", ListResponse[School], after=after, district=area, limit=PAGE_SIZE)
    return context.render("schools.html", found=found, district=area, with_filter=True)


@router.get("/unresolved")
async def list_unresolved_of_area(context: Context, after: After = None, district: District = None) -> Response:
    """The N marks of a district's schools, or of all that an officer may see, the oldest first."""
    area = clean_district(district)
    found = await context.services.get(
        "registers", "/v1/unresolved", ListResponse[UnresolvedMark], district=area, after=after, limit=PAGE_SIZE
    )
    return context.render("unresolved.html", school=None, district=area, found=found, after=after)


@router.get("/schools/{urn}")
async def show_school(context: Context, urn: Urn) -> Response:
    """One school, with the marks and requests that await a person."""
    services = context.services
    school = await read_school(services, urn)
    marks, leave, claims, releases = await asyncio.gather(
        services.optional(services.get("registers", f"/v1/schools/{urn}/unresolved", ListResponse[UnresolvedMark], limit=PAGE_SIZE)),
        services.optional(
            services.get("registers", "/v1/leave-requests", ListResponse[LeaveRequest], urn=urn, status="asked", limit=PAGE_SIZE)
        ),
        services.optional(services.get("registers", f"/v1/schools/{urn}/claims", Claims)),
        services.optional(services.get("registers", f"/v1/schools/{urn}/releases", Releases)),
    )
    unconfirmed = claims.items if claims else []
    return context.render("school.html", school=school, marks=marks, leave=leave, claims=unconfirmed, releases=releases)


@router.get("/schools/{urn}/unresolved")
async def list_unresolved(context: Context, urn: Urn, after: After = None) -> Response:
    """A school's N marks, the oldest first, with the day by which each must have its reason."""
    services = context.services
    school, found = await asyncio.gather(
        read_school(services, urn),
        services.get("registers", f"/v1/schools/{urn}/unresolved", ListResponse[UnresolvedMark], after=after, limit=PAGE_SIZE),
    )
    return context.render("unresolved.html", school=school, district=None, found=found, after=after)


def clean_district(district: str | None) -> str | None:
    """Return a district as it was typed; None where the field was left empty."""
    return (district or "").strip() or None


async def read_school(services: Services, urn: int) -> School:
    """Return a school."""
    return await services.get("registers", f"/v1/schools/{urn}", School)
