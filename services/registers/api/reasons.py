"""A school's marks that await their reason."""

from services.registers.schemas.reasons import UnresolvedMark
from services.registers.use_cases import reasons
from services.registers.use_cases.access import in_area
from shared.http import Page, Paging, Router, Tx, Urn, allow
from shared.http.access import OFFICERS

router = Router(tags=["reasons"])


@router.get("/schools/{urn}/unresolved")
@allow(*OFFICERS, "mis", "school", own_school=True, guard=in_area)
async def list_unresolved(tx: Tx, urn: Urn, paging: Paging) -> Page[UnresolvedMark]:
    """A school's N marks, the oldest first, each with the school day by which it must have its reason or be entered as O."""
    rows = await reasons.read_unresolved(tx, urn, paging.after, paging.limit)
    return Page[UnresolvedMark].of(rows, paging.limit, lambda mark: mark.place)
