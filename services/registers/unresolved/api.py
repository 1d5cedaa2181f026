"""Marks that await their reason: a school's, an area's."""

from services.registers.fields import District
from services.registers.schools.use_cases.access import in_area
from services.registers.unresolved import use_cases
from services.registers.unresolved.schemas import UnresolvedMark
from shared.http import Caller, Page, Paging, Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["reasons"])


@router.get("/schools/{urn}/unresolved")
@allow(*OFFICERS, "mis", "school", own_school=True, guard=in_area)
async def list_unresolved(tx: Tx, urn: Urn, paging: Paging) -> Page[UnresolvedMark]:
    """A school's N marks, the oldest first, each with the school day by which it must have its reason or be entered as O."""
    rows = await use_cases.read_unresolved(tx, urn, paging.after, paging.limit)
    return Page[UnresolvedMark].of(rows, paging.limit, lambda mark: mark.place)


@router.get("/unresolved")
@allow(*OFFICERS)
async def list_unresolved_of_area(tx: Tx, caller: Caller, paging: Paging, district: District = None) -> Page[UnresolvedMark]:
    """The N marks of a district's schools, or of all within the officer's reach, the oldest first."""
    rows = await use_cases.read_unresolved_of_area(tx, caller.la_code, district, paging.after, paging.limit)
    return Page[UnresolvedMark].of(rows, paging.limit, lambda mark: mark.place)
