"""The payment stand-in: the provider's wire format, messages that are never lost, the date that the demo moves."""

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

from attendance.standins.pay import create
from services.penalties.payments.clients import pay
from shared import clock
from shared.settings import settings
from tests.support.servers import served

SECRET = "tests-only-secret"
REQUEST = {
    "amount": 8000,
    "reference": "PN-7K2M9QX",
    "description": "School attendance penalty notice",
    "return_url": "https://a.example/back",
}
BEARER = {"Authorization": "Bearer api_test_key"}


class WebhookReceiver:
    """Accepts the provider's messages, or is away."""

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
    def event_types(self) -> list[str]:
        return [message["event_type"] for message in self.taken]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[tuple[WebhookReceiver, str]]:
    made = WebhookReceiver()
    async with served(made.app) as address:
        yield made, f"{address}/hook"


@asynccontextmanager
async def standing_in(folder: Path, hook: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with AsyncExitStack() as stack:
        address = await stack.enter_async_context(served(create(folder, hook, SECRET)))
        yield await stack.enter_async_context(httpx2.AsyncClient(base_url=address, headers=BEARER))


@pytest_asyncio.fixture
async def provider(tmp_path: Path, receiver: tuple[WebhookReceiver, str]) -> AsyncIterator[httpx2.AsyncClient]:
    async with standing_in(tmp_path, receiver[1]) as http:
        yield http


async def create_payment(http: httpx2.AsyncClient) -> dict[str, Any]:
    response = await http.post("/v1/payments", json={**REQUEST, "metadata": {"notice_id": "1"}})
    assert response.status_code == 201
    found: dict[str, Any] = response.json()
    return found


async def test_a_payment_has_the_providers_shape(provider: httpx2.AsyncClient) -> None:
    payment = await create_payment(provider)

    assert {name: payment[name] for name in REQUEST} == REQUEST
    assert payment["state"] == {"status": "created", "finished": False}
    assert payment["created_date"].endswith("Z")
    assert payment["metadata"] == {"notice_id": "1"}
    assert payment["_links"]["next_url"]["href"] == f"{provider.base_url}/secure/{payment['payment_id']}".replace("//secure", "/secure")
    assert (await provider.get(f"/v1/payments/{payment['payment_id']}")).json() == payment


async def test_the_client_of_penalties_can_create_read_and_cancel_a_payment(
    provider: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
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


async def test_a_request_needs_an_api_key_and_a_payment_that_exists(provider: httpx2.AsyncClient) -> None:
    assert (await provider.get("/v1/payments/none")).status_code == 404
    assert (await provider.get("/v1/payments/none", headers={"Authorization": ""})).status_code == 401
    assert (await provider.post("/v1/payments", json={"amount": 0})).status_code == 422


async def test_a_payment_on_the_page_succeeds_and_redirects_to_the_return_url(
    provider: httpx2.AsyncClient, receiver: tuple[WebhookReceiver, str]
) -> None:
    number = (await create_payment(provider))["payment_id"]

    page = await provider.get(f"/secure/{number}")
    assert ("£80.00" in page.text, "PN-7K2M9QX" in page.text, "no money moves" in page.text) == (True, True, True)
    response = await provider.post(f"/secure/{number}", data={"answer": "pay"})

    assert (response.status_code, response.headers["location"]) == (303, REQUEST["return_url"])
    payment = (await provider.get(f"/v1/payments/{number}")).json()
    assert payment["state"] == {"status": "success", "finished": True}
    assert receiver[0].event_types == ["card_payment_started", "card_payment_succeeded", "card_payment_captured"]
    assert receiver[0].taken[1]["resource"] == payment
    assert "over" in (await provider.get(f"/secure/{number}")).text


async def test_a_declined_card_takes_no_money(provider: httpx2.AsyncClient, receiver: tuple[WebhookReceiver, str]) -> None:
    number = (await create_payment(provider))["payment_id"]

    await provider.post(f"/secure/{number}", data={"answer": "decline"})

    assert (await provider.get(f"/v1/payments/{number}")).json()["state"]["code"] == "P0010"
    assert receiver[0].event_types == ["card_payment_failed"]
    assert (await provider.post(f"/stand-in/payments/{number}/success")).status_code == 409


async def test_a_description_on_the_page_is_escaped(provider: httpx2.AsyncClient) -> None:
    response = await provider.post("/v1/payments", json={**REQUEST, "description": "<script>alert(1)</script>"})

    assert "<script>" not in (await provider.get(f"/secure/{response.json()['payment_id']}")).text


async def test_a_payment_runs_out_after_ninety_minutes(
    provider: httpx2.AsyncClient, receiver: tuple[WebhookReceiver, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, later = (await create_payment(provider))["payment_id"], clock.now() + timedelta(minutes=91)
    monkeypatch.setattr(clock, "now", lambda: later)

    assert (await provider.get(f"/v1/payments/{number}")).json()["state"]["code"] == "P0020"


async def test_payments_and_undelivered_messages_survive_a_restart(tmp_path: Path, receiver: tuple[WebhookReceiver, str]) -> None:
    server, hook = receiver
    server.away = True
    async with standing_in(tmp_path, hook) as before:
        number = (await create_payment(before))["payment_id"]
        await before.post(f"/stand-in/payments/{number}/success")
    assert server.event_types == []

    server.away = False
    async with standing_in(tmp_path, hook) as after:
        assert (await after.get(f"/v1/payments/{number}")).json()["state"]["status"] == "success"
        await eventually(lambda: len(server.event_types) == 2)
    assert server.event_types == ["card_payment_succeeded", "card_payment_captured"]


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another task does."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 -- another task's doing
            await asyncio.sleep(0.01)


async def test_a_payment_on_a_moved_date_is_captured_at_noon_of_that_date(
    provider: httpx2.AsyncClient, receiver: tuple[WebhookReceiver, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-07-01")
    number = (await create_payment(provider))["payment_id"]

    await provider.post(f"/stand-in/payments/{number}/success")

    assert {message["created_date"] for message in receiver[0].taken} == {"2027-07-01T11:00:00.000Z"}


async def test_payments_are_found_by_their_reference_in_whatever_case_it_is_given(provider: httpx2.AsyncClient) -> None:
    made = (await provider.post("/v1/payments", json=REQUEST)).json()
    await provider.post("/v1/payments", json=REQUEST | {"reference": "PN-2222222"})

    found = (await provider.get("/v1/payments?reference=pn-7k2m9qx&display_size=500")).json()

    assert [each["payment_id"] for each in found["results"]] == [made["payment_id"]]
    assert (found["total"], found["count"], found["page"]) == (1, 1, 1)
    assert (await provider.get("/v1/payments?reference=PN-9")).json()["results"] == []
