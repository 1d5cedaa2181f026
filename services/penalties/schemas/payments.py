"""Payments, withdrawals and suspense, in and out."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.penalties.schemas.texts import Text
from services.penalties.use_cases.withdrawals import Ground

LOOPBACK = ("127.0.0.1", "localhost")


def _return_url(url: str) -> str:
    """Let through https, and plain http to this machine itself, which is where the embedded default's console is."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.password:
        raise ValueError("not an address to return to")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("an address to return to begins with https")
    return url


class PaymentIn(BaseModel):
    """Where the payer comes back to when the provider has finished."""

    return_url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[\x21-\x7e]+$"), AfterValidator(_return_url)]


class PaymentOut(BaseModel):
    """An open payment at the provider: `next_url` is where to pay, for this payer alone."""

    model_config = ConfigDict(from_attributes=True)

    payment_id: str
    next_url: str
    amount_pence: int


class MessageTaken(BaseModel):
    """The provider's message was stored."""

    taken: Literal[True] = True


class WithdrawalIn(BaseModel):
    """Why a notice is withdrawn: the ground that goes into the return to the Department, and the officer's own words."""

    ground: Ground
    reason: Text


class WithdrawalOut(BaseModel):
    """The withdrawn notice, and what is owed back to the parent."""

    id: UUID
    reference: str
    status: str
    ground: Ground
    withdrawn_on: date
    refund_due_pence: int


class SuspenseItem(BaseModel):
    """Something about money that a person must look into."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: Literal["unknown", "unconfirmed", "part-payment", "overpaid", "withdrawn", "charged"] = Field(
        description="unknown: a payment that is none of ours; unconfirmed: the provider does not bear its message out; part-payment: kept, "
        "more is due; overpaid, withdrawn, charged: the amount is owed back, and why"
    )
    provider_payment_id: str | None
    notice_id: UUID | None
    amount_pence: int | None
    since: date
