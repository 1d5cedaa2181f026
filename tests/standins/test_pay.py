"""The payment stand-in: the provider's wire format, messages that are never lost, the day that is played."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response

from attendance.standins import pay as stand_in
from services.penalties.payments.clients import pay
from shared import clock
from shared.settings import settings
from tests.notifications.neighbours import served

SECRET = "tests-only-secret"
ASKED = {
    "amount": 8000,
    "reference": "PN-7K2M9QX",
    "description": "School attendance penalty notice",
    "return_url": "https://a.example/back",
}
BEARER = {"Authorization": "Bearer api_test_key"}


class Office:
    """Takes the provider's messages, or is away."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.away = False
        self.app = FastAPI()
        self.app.post("/hook")(self.take)

    async def take(self, request: Request) -> Response:
        raw = await request.body()
        assert request.headers["pay-signature"] == hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        if self.away:
            return Response(status_code=503)
        self.taken.append(json.loads(raw))
        return Response(status_code=200)

    @property
    def told(self) -> list[str]:
        return [message["event_type"] for message in self.taken]


@pytest_asyncio.fixture
async def office() -> AsyncIterator[tuple[Office, str]]:
    made = Office()
    async with served(made.app) as address:
        yield made, f"{address}/hook"


@asynccontextmanager
async def standing_in(folder: Path, hook: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(stand_in.create(folder, hook, SECRET)))
        yield await stack.enter_async_context(httpx2.AsyncClient(base_url=address, headers=BEARER))


@pytest_asyncio.fixture
async def provider(tmp_path: Path, office: tuple[Office, str]) -> AsyncIterator[httpx2.AsyncClient]:
    async with standing_in(tmp_path, office[1]) as http:
        yield http


async def opened(http: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await http.post("/v1/payments", json={**ASKED, "metadata": {"notice_id": "1"}})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


async def test_a_payment_has_the_providers_shape(provider: httpx2.AsyncClient) -> None:
    payment = await opened(provider)

    assert {name: payment[name] for name in ASKED} == ASKED
    assert payment["state"] == {"status": "created", "finished": False}
    assert payment["created_date"].endswith("Z")
    assert payment["metadata"] == {"notice_id": "1"}
    assert payment["_links"]["next_url"]["href"] == f"{provider.base_url}/secure/{payment['payment_id']}".replace("//secure", "/secure")
    assert (await provider.get(f"/v1/payments/{payment['payment_id']}")).json() == payment


async def test_what_the_product_asks_is_understood(provider: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDANCE_PAY_URL", str(provider.base_url).rstrip("/"))
    settings.cache_clear()

    made = await pay.create(8000, "PN-7K2M9QX", "https://a.example/back", {"notice_id": "1"})
    found = await pay.read(made.payment_id)
    assert found is not None
    assert (found.amount, found.succeeded, found.links.next_url) == (8000, False, made.links.next_url)
    assert await pay.cancel(made.payment_id) is True
    assert await pay.cancel(made.payment_id) is False
    assert await pay.read("nobody-knows-it") is None
    settings.cache_clear()


async def test_it_wants_a_key_and_a_payment_that_exists(provider: httpx2.AsyncClient) -> None:
    assert (await provider.get("/v1/payments/none")).status_code == 404
    assert (await provider.get("/v1/payments/none", headers={"Authorization": ""})).status_code == 401
    assert (await provider.post("/v1/payments", json={"amount": 0})).status_code == 422


async def test_paying_on_the_page_says_so_and_goes_back(provider: httpx2.AsyncClient, office: tuple[Office, str]) -> None:
    number = (await opened(provider))["payment_id"]

    page = await provider.get(f"/secure/{number}")
    assert ("£80.00" in page.text, "PN-7K2M9QX" in page.text, "no money moves" in page.text) == (True, True, True)
    answer = await provider.post(f"/secure/{number}", data={"answer": "pay"})

    assert (answer.status_code, answer.headers["location"]) == (303, ASKED["return_url"])
    payment = (await provider.get(f"/v1/payments/{number}")).json()
    assert payment["state"] == {"status": "success", "finished": True}
    assert office[0].told == ["card_payment_started", "card_payment_succeeded", "card_payment_captured"]
    assert office[0].taken[1]["resource"] == payment
    assert "over" in (await provider.get(f"/secure/{number}")).text


async def test_declining_takes_no_money(provider: httpx2.AsyncClient, office: tuple[Office, str]) -> None:
    number = (await opened(provider))["payment_id"]

    await provider.post(f"/secure/{number}", data={"answer": "decline"})

    assert (await provider.get(f"/v1/payments/{number}")).json()["state"]["code"] == "P0010"
    assert office[0].told == ["card_payment_failed"]
    assert (await provider.post(f"/stand-in/payments/{number}/success")).status_code == 409


async def test_what_it_shows_cannot_bring_markup_along(provider: httpx2.AsyncClient) -> None:
    answer = await provider.post("/v1/payments", json={**ASKED, "description": "<script>alert(1)</script>"})

    assert "<script>" not in (await provider.get(f"/secure/{answer.json()['payment_id']}")).text


async def test_a_payment_runs_out_after_ninety_minutes(
    provider: httpx2.AsyncClient, office: tuple[Office, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, later = (await opened(provider))["payment_id"], clock.now() + timedelta(minutes=91)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert (await provider.get(f"/v1/payments/{number}")).json()["state"]["code"] == "P0020"


async def test_nothing_is_forgotten_and_every_message_arrives_in_the_end(tmp_path: Path, office: tuple[Office, str]) -> None:
    taker, hook = office
    taker.away = True
    async with standing_in(tmp_path, hook) as before:
        number = (await opened(before))["payment_id"]
        await before.post(f"/stand-in/payments/{number}/success")
    assert taker.told == []

    taker.away = False
    async with standing_in(tmp_path, hook) as after:
        assert (await after.get(f"/v1/payments/{number}")).json()["state"]["status"] == "success"
        await eventually(lambda: len(taker.told) == 2)
    assert taker.told == ["card_payment_succeeded", "card_payment_captured"]


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 -- another task's doing
            await asyncio.sleep(0.01)


async def test_on_a_day_that_was_moved_money_comes_at_noon_of_that_day(
    provider: httpx2.AsyncClient, office: tuple[Office, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-07-01")
    number = (await opened(provider))["payment_id"]

    await provider.post(f"/stand-in/payments/{number}/success")

    assert {message["created_date"] for message in office[0].taken} == {"2027-07-01T11:00:00.000Z"}
