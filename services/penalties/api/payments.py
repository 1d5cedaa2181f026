"""Paying a notice, and the money that a person must look into."""

from uuid import UUID

from fastapi import Response

from services.penalties.repository import payments as repository
from services.penalties.schemas.payments import PaymentIn, PaymentOut, SuspenseItem
from services.penalties.use_cases import payments
from services.penalties.use_cases.access import may_reach_notice
from shared.http import Caller, Db, Page, Paging, Router, Tx, allow

router = Router(tags=["payments"])


@router.post("/penalty-notices/{notice_id}/payments", status_code=201, responses={200: {"model": PaymentOut}})
@allow("aco", "manager", "business-support", "accredited", "acsa", "service", guard=may_reach_notice, transaction=False)
async def begin_payment(database: Db, notice_id: UUID, body: PaymentIn, response: Response) -> PaymentOut:
    """Open a payment of what is due today at the provider; while one is open for that amount, the same again (200)."""
    started = await payments.begin_payment(database, notice_id, body.return_url)
    if not started.is_new:
        response.status_code = 200
    return PaymentOut.model_validate(started)


@router.get("/suspense")
@allow("aco", "manager", "business-support", "acsa")
async def list_suspense(tx: Tx, caller: Caller, paging: Paging) -> Page[SuspenseItem]:
    """What a person must look into: payments that are none of ours or not borne out, part payments, money owed back."""
    rows = await repository.suspense_page(tx, caller.la_code, paging.after, paging.limit + 1)
    return Page[SuspenseItem].of([SuspenseItem.model_validate(row) for row in rows], paging.limit, key=lambda item: item.id)
