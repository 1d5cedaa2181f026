"""The payment provider's signed messages: stored as they come and answered at once, looked into afterwards.

A message is only a hint: the payment is read again at the provider, and only that is believed. Its instant dates the payment.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import structlog
from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from services.penalties.money.domain import counted_on
from services.penalties.payments import repository
from services.penalties.payments.clients import pay
from services.penalties.payments.use_cases.adopt import adopt_payment
from services.penalties.payments.use_cases.provider import record_payment
from shared import clock
from shared.database import Database, Transaction
from shared.due_work import DueWork
from shared.http.problems import NotText
from shared.jobs import BACKOFF, next_attempt
from shared.problems import Invalid, Unauthenticated, Unavailable
from shared.settings import settings

log = structlog.get_logger()
Token = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]


class SignatureInvalid(Unauthenticated):
    """The message is not signed by the payment provider."""


class PayMessage(BaseModel):
    """What is read of a message; the rest is kept as it came. Other event types are stored too."""

    id: Token = Field(validation_alias=AliasChoices("webhook_message_id", "id"))
    created_date: AwareDatetime
    resource_id: Token
    event_type: Token


async def receive_message(database: Database, raw: bytes, signature: str) -> None:
    """Store a message of the provider, once. Raises SignatureInvalid before anything is looked at, NotText, Invalid."""
    secret = settings().pay_secret
    if secret is None:
        raise Unauthenticated("No secret for the provider's messages is set.")
    expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise SignatureInvalid
    parsed, now = _parsed(raw), clock.now()
    message = repository.MessageRow(
        id=parsed.id,
        provider_payment_id=parsed.resource_id,
        event_type=parsed.event_type,
        counted_on=counted_on(parsed.created_date, clock.today()),
        raw=raw,
        received_at=now,
        next_attempt_at=now,
    )
    async with database.begin() as tx:
        await repository.add_message(tx, message)


def _parsed(raw: bytes) -> PayMessage:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise NotText from error
    try:
        return PayMessage.model_validate_json(text)
    except ValidationError as error:
        # The input itself is not repeated: it may hold a payer's data.
        errors = [{"where": [str(part) for part in each["loc"]], "what": each["msg"]} for each in error.errors()]
        raise Invalid("See errors.", errors=errors) from error


async def _find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    return await repository.due_messages(tx, job, clock.now(), limit)


async def _look_into(database: Database, keys: Sequence[str], due_by: datetime) -> int:
    (message_id,) = keys
    async with database.begin() as tx:
        message = await repository.claim_message(tx, message_id, due_by)
        if message is None:
            return 0
        attempts = message.attempts + 1
        await repository.store_message_attempt(tx, message.id, attempts, next_attempt(attempts))
        payment = await repository.find_payment(tx, message.provider_payment_id)
    try:
        found = await pay.read(message.provider_payment_id)
    except Unavailable as error:
        log.warning("payment message waits", message_id=message.id, error=error.type())
        return 1
    if payment is None and found is not None:
        payment = await adopt_payment(database, found)
    elif payment is not None:
        await record_payment(database, payment.notice_id, payment.id, found)
    outcome = _outcome(message, payment, found)
    if outcome is not None:
        async with database.begin() as tx:
            await repository.store_message_outcome(tx, message.id, clock.now(), outcome, found.amount if found else None)
    return 1


look_into_message = DueWork("payment-messages", _find, _look_into, at_once=4)
"""Looks into messages that are due: reads their payment at the provider, and counts what was taken.

What the provider does not bear out is asked again, ever later, and in the end left for a person; nothing is lost.
"""


def _outcome(message: repository.MessageRow, payment: repository.PaymentRow | None, found: pay.ProviderPayment | None) -> str | None:
    """Return what came of a message; None: it is to be looked into again."""
    if payment is None:
        return "unknown"
    if found is not None and found.succeeded:
        return "counted"
    if message.event_type not in repository.PAID_EVENTS:
        return "nothing-to-count"
    return None if message.attempts < len(BACKOFF) else "unconfirmed"
