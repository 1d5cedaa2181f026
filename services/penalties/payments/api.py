"""Paying a notice, and the payment provider's webhooks."""

from uuid import UUID

from fastapi import Request, Response

from services.penalties.case_file.use_cases.access import own_notice
from services.penalties.payments.schemas import MessageTaken, PaymentIn, PaymentOut
from services.penalties.payments.use_cases import begin, webhooks
from shared.http import MAX_STRANGERS_BODY, Db, Router, allow

router = Router(tags=["payments"])


@router.post("/penalty-notices/{notice_id}/payments", status_code=201, responses={200: {"model": PaymentOut}})
@allow("aco", "manager", "business-support", "accredited", "acsa", "service", guard=own_notice, transaction=False)
async def begin_payment(database: Db, notice_id: UUID, body: PaymentIn, response: Response) -> PaymentOut:
    """Open a payment of what is due today at the provider; while one is open for that amount, the same again (200)."""
    started = await begin.begin_payment(database, notice_id, body.return_url)
    if not started.is_new:
        response.status_code = 200
    return PaymentOut.model_validate(started)


@router.post("/webhooks/govuk-pay", max_body_size=MAX_STRANGERS_BODY)
@allow(public=True, transaction=False, idempotent=False)
async def govuk_pay(database: Db, request: Request) -> MessageTaken:
    """Take a signed message of GOV.UK Pay (`Pay-Signature`: hex HMAC-SHA256 of the raw body). It is stored, and looked into afterwards."""
    await webhooks.receive_message(database, await request.body(), request.headers.get("pay-signature", ""))
    return MessageTaken()
