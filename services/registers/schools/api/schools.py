"""Schools and their calendars are read here; `PUT` of a school stands in `pupils/api/pupils.py`, of a calendar in `unresolved/api.py`."""

from services.registers.fields import District
from services.registers.schools.schemas.schools import CalendarOut, SchoolOut
from services.registers.schools.use_cases import schools
from services.registers.schools.use_cases.access import in_area
from shared.http import Caller, Page, Paging, Router, SchoolYear, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["schools"])


@router.get("/schools")
@allow(*OFFICERS, "operations", "service")
async def list_schools(tx: Tx, caller: Caller, paging: Paging, district: District = None) -> Page[SchoolOut]:
    """Schools in the order of their names, of one district or of all."""
    return Page[SchoolOut].of(await schools.read_schools(tx, paging, caller.la_code, district), SchoolOut.model_validate)


@router.get("/schools/{urn}")
@allow(*OFFICERS, "mis", "school", "accredited", "operations", "service", own_school=True, guard=in_area)
async def read_school(tx: Tx, urn: Urn) -> SchoolOut:
    """One school."""
    return SchoolOut.model_validate(await schools.read_school(tx, urn))


@router.get("/schools/{urn}/calendars/{year}")
@allow(*OFFICERS, "mis", "school", "accredited", "service", own_school=True, guard=in_area)
async def read_calendar(tx: Tx, urn: Urn, year: SchoolYear) -> CalendarOut:
    """A school's year (`2026-27`)."""
    return CalendarOut.model_validate(await schools.read_calendar(tx, urn, year))
