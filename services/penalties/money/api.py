"""The money that a person must look into."""

from services.penalties.money.repository import suspense_page
from services.penalties.money.schemas import SuspenseItem
from shared.http import Caller, Page, Paging, Router, Tx, allow

router = Router(tags=["payments"])


@router.get("/suspense")
@allow("aco", "manager", "business-support", "acsa")
async def list_suspense(tx: Tx, caller: Caller, paging: Paging) -> Page[SuspenseItem]:
    """What a person must look into: payments that are none of ours or not borne out, part payments, money owed back."""
    rows = await suspense_page(tx, caller.la_code, paging.after, paging.limit + 1)
    return Page[SuspenseItem].of([SuspenseItem.model_validate(row) for row in rows], paging.limit, key=lambda item: item.id)
