"""The payment provider's messages."""

from fastapi import Request

from services.penalties.payments.schemas import MessageTaken
from services.penalties.payments.use_cases import messages
from shared.http import Db, Router, allow

router = Router(tags=["payments"])


@router.post("/webhooks/govuk-pay")
@allow(public=True, transaction=False, idempotent=False)
async def govuk_pay(database: Db, request: Request) -> MessageTaken:
    """Take a signed message of GOV.UK Pay (`Pay-Signature`: hex HMAC-SHA256 of the raw body). It is stored, and looked into afterwards."""
    await messages.receive_message(database, await request.body(), request.headers.get("pay-signature", ""))
    return MessageTaken()
