"""Payments, in and out."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, StringConstraints

from services.penalties.case_file.schemas import Shown

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


class PaymentOut(Shown):
    """An open payment at the provider: `next_url` is where to pay, for this payer alone."""

    payment_id: str
    next_url: str
    amount_pence: int


class MessageTaken(BaseModel):
    """The provider's message was stored."""

    taken: Literal[True] = True
