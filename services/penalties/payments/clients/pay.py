"""The payment provider, by GOV.UK Pay's interface. What it answers here is believed; what its messages claim is not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

import httpx2
from pydantic import AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from shared.http import HttpClient
from shared.problems import Problem
from shared.settings import settings

PROVIDER = HttpClient("The payment provider", lambda: settings().pay_base, seconds=10, retry_after=10)
MOST_FOUND = 500
"""Payments of one notice that a search returns at most, which the provider allows."""


class ProviderRefused(Problem):
    """The payment provider refused."""

    status = 502


class State(BaseModel):
    """How far a payment has come: finished ones are `success`, `failed`, `cancelled` or `error`."""

    status: str
    finished: bool


class SettlementSummary(BaseModel):
    """When the provider took the money."""

    capture_submit_time: AwareDatetime | None = None


class Link(BaseModel):
    """An address of the provider."""

    href: str


class Links(BaseModel):
    """Where the payer goes; absent once the payment is finished."""

    next_url: Link | None = None


class ProviderPayment(BaseModel):
    """One payment as the provider shows it."""

    payment_id: str = Field(pattern=r"^[\x21-\x7e]{1,200}$")
    amount: int
    state: State
    reference: str = ""
    return_url: str = ""
    created_date: AwareDatetime | None = None
    metadata: Mapping[str, JsonValue] = {}
    settlement_summary: SettlementSummary = SettlementSummary()
    links: Annotated[Links, Field(alias="_links")] = Links()

    @property
    def succeeded(self) -> bool:
        """Return whether the money was taken."""
        return self.state.finished and self.state.status == "success"

    @property
    def opened_for(self) -> tuple[UUID, UUID] | None:
        """The ids of the notice and of the payment here for which it was opened; None where it is another system's."""
        try:
            return UUID(str(self.metadata["notice_id"])), UUID(str(self.metadata["payment_id"]))
        except (KeyError, ValueError):
            return None

    @property
    def captured_at(self) -> datetime | None:
        """When the money was taken, where the provider gives it."""
        return self.settlement_summary.capture_submit_time


class _Found(BaseModel):
    """What a search found, a page of it."""

    results: list[ProviderPayment]


async def create(amount_pence: int, reference: str, return_url: str, metadata: dict[str, str]) -> ProviderPayment:
    """Open a payment. Nothing that is sent names a person. Raise Unavailable or ProviderRefused."""
    body = {
        "amount": amount_pence,
        "reference": reference,
        "description": "School attendance penalty notice",
        "return_url": return_url,
        "metadata": metadata,
    }
    return _payment(await _ask("POST", "/v1/payments", body))


async def read(payment_id: str) -> ProviderPayment | None:
    """Return a payment as it now stands, None where the provider has none. Raise Unavailable or ProviderRefused."""
    answer = await _ask("GET", f"/v1/payments/{quote(payment_id, safe='')}", missing=True)
    return None if answer.status_code == 404 else _payment(answer)


async def search(reference: str) -> list[ProviderPayment]:
    """Return the payments that were opened with a notice's reference; 404 is a page without any. Raise Unavailable or ProviderRefused."""
    answer = await _ask("GET", f"/v1/payments?reference={quote(reference, safe='')}&display_size={MOST_FOUND}", missing=True)
    if answer.status_code == 404:
        return []
    try:
        return _Found.model_validate_json(answer.content).results
    except ValidationError as error:
        raise ProviderRefused("The payment provider answered with something else than payments.") from error


async def cancel(payment_id: str) -> bool:
    """Ask that a payment can no longer be completed; return whether the provider did it."""
    try:
        await _ask("POST", f"/v1/payments/{quote(payment_id, safe='')}/cancel")
    except Problem:
        return False
    return True


async def _ask(method: str, path: str, body: dict[str, object] | None = None, *, missing: bool = False) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {settings().pay_api_key}"}
    answer = await PROVIDER.request(method, path, json=body, headers=headers)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise PROVIDER.unavailable("is in trouble")
    if answer.status_code >= 300 and not (missing and answer.status_code == 404):
        raise ProviderRefused(f"The payment provider answered {answer.status_code}.")
    return answer


def _payment(answer: httpx2.Response) -> ProviderPayment:
    try:
        return ProviderPayment.model_validate_json(answer.content)
    except ValidationError as error:
        # The answer itself is not repeated: it may hold a payer's data.
        raise ProviderRefused("The payment provider answered with something else than a payment.") from error
