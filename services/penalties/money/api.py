"""The money that a person must look into."""

from services.penalties.money.repository import suspense_page
from services.penalties.money.schemas import SuspenseItem
from shared.http import Caller, Page, Paging, Router, Tx, allow

router = Router(tags=["payments"])


@router.get("/suspense")
@allow("aco", "manager", "business-support", "acsa")
async def list_suspense(tx: Tx, caller: Caller, paging: Paging) -> Page[SuspenseItem]:
    """What a person must look into, the oldest first: payments that are none of ours or not borne out, part payments, money owed back."""
    return Page[SuspenseItem].of(await suspense_page(tx, caller.la_code, paging), SuspenseItem.model_validate)
