"""Schools and their calendars."""

from fastapi import Response

from services.registers.fields import District
from services.registers.schools.schemas.schools import CalendarIn, CalendarOut, SchoolIn, SchoolOut
from services.registers.schools.use_cases import schools
from services.registers.schools.use_cases.access import in_area
from shared.http import Caller, Page, Paging, Router, SchoolYear, Tx, Urn, allow
from shared.http.access import OFFICERS
from shared.problems import Forbidden

router = Router(tags=["schools"])


@router.get("/schools")
@allow(*OFFICERS, "operations", "service")
async def list_schools(tx: Tx, caller: Caller, paging: Paging, district: District = None) -> Page[SchoolOut]:
    """Schools in the order of their URN, of one district or of all."""
    rows = await schools.read_schools(tx, paging.after, paging.limit, caller.la_code, district)
    return Page[SchoolOut].of([SchoolOut.model_validate(row) for row in rows], paging.limit, lambda school: school.urn)


@router.get("/schools/{urn}")
@allow(*OFFICERS, "mis", "school", "operations", "service", own_school=True, guard=in_area)
async def read_school(tx: Tx, urn: Urn) -> SchoolOut:
    """One school."""
    return SchoolOut.model_validate(await schools.read_school(tx, urn))


@router.put("/schools/{urn}", responses={201: {"description": "The school is new"}})
@allow("manager", guard=in_area)
async def put_school(tx: Tx, caller: Caller, urn: Urn, body: SchoolIn, response: Response) -> SchoolOut:
    """Store a school in place of what was. Where its authority changes, its calendars and its pupils' rolls are said again."""
    if caller.la_code not in {None, body.la_code}:
        raise Forbidden("That is another authority.")
    school, new = await schools.put_school(tx, urn, body, caller.name or caller.subject)
    response.status_code = 201 if new else 200
    return SchoolOut.model_validate(school)


@router.get("/schools/{urn}/calendars/{year}")
@allow(*OFFICERS, "mis", "school", "service", own_school=True, guard=in_area)
async def read_calendar(tx: Tx, urn: Urn, year: SchoolYear) -> CalendarOut:
    """A school's year (`2026-27`)."""
    return await schools.read_calendar(tx, urn, year)


@router.put("/schools/{urn}/calendars/{year}", responses={201: {"description": "The first calendar of that year"}})
@allow("mis", "manager", own_school=True, guard=in_area)
async def put_calendar(tx: Tx, caller: Caller, urn: Urn, year: SchoolYear, body: CalendarIn, response: Response) -> CalendarOut:
    """Store a school's year in place of what was: sessions are AM and PM of Monday to Friday within the terms, less the closures."""
    calendar, new = await schools.put_calendar(tx, urn, year, body, caller.name or caller.subject)
    response.status_code = 201 if new else 200
    return calendar
