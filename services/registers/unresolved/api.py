"""Marks that await their reason: a school's, an area's; and the calendars by which the last days for reasons are computed."""

from fastapi import Response

from services.registers.fields import District
from services.registers.schools.schemas.schools import CalendarIn, CalendarOut
from services.registers.schools.use_cases.access import in_area
from services.registers.unresolved import use_cases
from services.registers.unresolved.schemas import UnresolvedMark
from shared.http import Caller, Page, Paging, Router, SchoolYear, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["reasons"])
calendars_router = Router(tags=["schools"])


@router.get("/schools/{urn}/unresolved")
@allow(*OFFICERS, "mis", "school", "accredited", own_school=True, guard=in_area)
async def list_unresolved(tx: Tx, urn: Urn, paging: Paging) -> Page[UnresolvedMark]:
    """A school's N marks, the oldest first, each with the school day by which it must have its reason or be entered as O."""
    return Page[UnresolvedMark].of(await use_cases.read_unresolved(tx, urn, paging), UnresolvedMark.model_validate)


@router.get("/unresolved")
@allow(*OFFICERS)
async def list_unresolved_of_area(tx: Tx, caller: Caller, paging: Paging, district: District = None) -> Page[UnresolvedMark]:
    """The N marks of a district's schools, or of all within the officer's reach, the oldest first."""
    found = await use_cases.read_unresolved_of_area(tx, caller.la_code, district, paging)
    return Page[UnresolvedMark].of(found, UnresolvedMark.model_validate)


@calendars_router.put("/schools/{urn}/calendars/{year}", responses={201: {"description": "The first calendar of that year"}})
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_calendar(tx: Tx, caller: Caller, urn: Urn, year: SchoolYear, body: CalendarIn, response: Response) -> CalendarOut:
    """Store a school's year in place of what was: sessions are AM and PM of Monday to Friday within the terms, less the closures."""
    stored = await use_cases.put_calendar(tx, body.calendar(urn, year), caller.label)
    response.status_code = 201 if stored.new else 200
    return CalendarOut.model_validate(stored.value)
