"""A stand-in for GOV.UK Pay: its wire format, a page to pay or decline on, signed messages. No money moves.

Its state survives `kill -9`: payments and messages that are still to be delivered are rows of one SQLite file.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, time, timedelta
from html import escape
from pathlib import Path
from typing import Annotated, Literal, TypedDict, cast

import httpx2
from fastapi import APIRouter, Depends, FastAPI, Form, Header, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from shared import clock
from shared.http.client import connection_pool
from shared.private_files import close_file, close_folder

LIFETIME = timedelta(minutes=90)
"""How long a payment can be completed, as at the real provider."""
RETRY_SECONDS = 1.0
"""How often messages that could not be delivered are tried again."""


class State(TypedDict, total=False):
    """How far a payment has come; `code` and `message` are those of one that failed."""

    status: str
    finished: bool
    code: str
    message: str


SUCCESS: State = {"status": "success", "finished": True}
DECLINED: State = {"status": "failed", "finished": True, "code": "P0010", "message": "Payment method rejected"}
EXPIRED: State = {"status": "failed", "finished": True, "code": "P0020", "message": "Payment expired"}
CANCELLED: State = {"status": "cancelled", "finished": True, "code": "P0040", "message": "Payment was cancelled by the service"}


class Payment(TypedDict):
    """A payment as the API shows it, besides the fields of the request."""

    payment_id: str
    amount: int
    reference: str
    description: str
    return_url: str
    created_date: str
    state: State
    refund_summary: dict[str, str | int]
    settlement_summary: dict[str, str]
    _links: dict[str, dict[str, str]]


class NewPayment(BaseModel):
    """The request for a payment; further fields of the real provider are accepted and echoed."""

    model_config = ConfigDict(extra="allow")

    amount: int = Field(ge=1, le=10_000_000)
    reference: str = Field(max_length=255)
    description: str = Field(max_length=255)
    return_url: str = Field(max_length=2000)
    metadata: dict[str, str | int | bool] = Field(default_factory=dict, max_length=15)


class Store:
    """The stand-in's rows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        close_file(path)
        with self._open() as rows:
            rows.execute("PRAGMA journal_mode = WAL")
            rows.execute("CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, body TEXT NOT NULL)")
            rows.execute(
                "CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, body TEXT NOT NULL, delivered INTEGER NOT NULL DEFAULT 0)"
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        rows = sqlite3.connect(self._path)
        try:
            with rows:
                yield rows
        finally:
            rows.close()

    def payment(self, number: str) -> Payment | None:
        """Return one payment as the API shows it."""
        with self._open() as rows:
            found = rows.execute("SELECT body FROM payments WHERE id = ?", (number,)).fetchone()
        return json.loads(found[0]) if found else None

    def search(self, reference: str) -> list[Payment]:
        """Return the payments with a reference, in whatever case it is given, the newest first."""
        with self._open() as rows:
            found = rows.execute("SELECT body FROM payments ORDER BY rowid DESC").fetchall()
        return [each for (body,) in found if (each := json.loads(body))["reference"].lower() == reference.lower()]

    def save(self, payment: Payment, *event_types: str) -> None:
        """Store a payment's state together with the messages about it."""
        with self._open() as rows:
            rows.execute("INSERT OR REPLACE INTO payments VALUES (?, ?)", (payment["payment_id"], json.dumps(payment)))
            for event_type in event_types:
                message = {
                    "webhook_message_id": secrets.token_hex(13),
                    "api_version": 1,
                    "created_date": _wire(_event_time()),
                    "resource_id": payment["payment_id"],
                    "resource_type": "payment",
                    "event_type": event_type,
                    "resource": payment,
                }
                rows.execute("INSERT INTO messages (id, body) VALUES (?, ?)", (message["webhook_message_id"], json.dumps(message)))

    def undelivered(self) -> list[tuple[str, str]]:
        """Return the undelivered messages, oldest first."""
        with self._open() as rows:
            return list(rows.execute("SELECT id, body FROM messages WHERE NOT delivered ORDER BY rowid"))

    def delivered(self, number: str) -> None:
        """Record that a message was delivered."""
        with self._open() as rows:
            rows.execute("UPDATE messages SET delivered = 1 WHERE id = ?", (number,))


class Messenger:
    """Delivers signed messages until each has been accepted."""

    def __init__(self, store: Store, url: str, secret: str) -> None:
        self._store = store
        self._url = url
        self._secret = secret.encode()
        self._one_at_a_time = asyncio.Lock()
        self._http = connection_pool(3)

    async def deliver(self) -> None:
        """Send the undelivered messages; those that are not accepted stay."""
        async with self._one_at_a_time:
            for number, body in self._store.undelivered():
                signature = hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()
                headers = {"Content-Type": "application/json", "Pay-Signature": signature}
                try:
                    response = await self._http.post(self._url, content=body.encode(), headers=headers)
                except httpx2.HTTPError:
                    return
                if response.is_success:
                    self._store.delivered(number)

    async def keep_delivering(self) -> None:
        """Try again for as long as the stand-in runs."""
        while True:
            await self.deliver()
            await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()


class Refused(Exception):  # noqa: N818 -- an expected response, not a failure
    """A refusal in the provider's format."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.response = JSONResponse({"code": code, "description": description}, status)


def create(folder: Path, webhook_url: str, secret: str) -> FastAPI:
    """Return the stand-in: payments are kept in `folder`, messages go to `webhook_url`, signed with `secret`."""
    close_folder(folder)
    store = Store(folder / "payments.sqlite3")
    messenger = Messenger(store, webhook_url, secret)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        delivering = asyncio.create_task(messenger.keep_delivering())
        yield
        delivering.cancel()
        await messenger.close()

    app = FastAPI(title="Payment stand-in", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(_api(store))
    app.include_router(_pages(store, messenger))

    @app.exception_handler(Refused)
    async def refused(_request: Request, refusal: Refused) -> Response:
        return refusal.response

    return app


async def _credentials(authorization: Annotated[str, Header()] = "") -> None:
    if not authorization.startswith("Bearer "):
        raise Refused(401, "P0920", "Credentials are required to access this resource")


def _api(store: Store) -> APIRouter:
    """Return the provider's interface for services."""
    router = APIRouter(prefix="/v1/payments", dependencies=[Depends(_credentials)])

    @router.post("")
    async def create_payment(request: Request, body: NewPayment) -> Response:
        number, base = secrets.token_hex(13), str(request.base_url).rstrip("/")
        details = {
            **body.model_dump(),
            "payment_id": number,
            "payment_provider": "sandbox",
            "created_date": _wire(clock.now()),
            "language": "en",
            "state": {"status": "created", "finished": False},
            "refund_summary": {"status": "pending", "amount_available": body.amount, "amount_submitted": 0},
            "settlement_summary": {},
            "_links": {
                "self": {"href": f"{base}/v1/payments/{number}", "method": "GET"},
                "next_url": {"href": f"{base}/secure/{number}", "method": "GET"},
                "cancel": {"href": f"{base}/v1/payments/{number}/cancel", "method": "POST"},
            },
        }
        payment = cast("Payment", details)
        store.save(payment)
        return JSONResponse(payment, 201)

    @router.get("")
    async def search_payments(
        reference: Annotated[str, Query(max_length=255)], display_size: Annotated[int, Query(ge=1, le=500)] = 500
    ) -> Response:
        found = [_present(store, each["payment_id"]) for each in store.search(reference)]
        return JSONResponse(
            {"total": len(found), "count": len(found[:display_size]), "page": 1, "results": found[:display_size], "_links": {}}
        )

    @router.get("/{number}")
    async def read_payment(number: str) -> Response:
        return JSONResponse(_present(store, number))

    @router.post("/{number}/cancel")
    async def cancel_payment(number: str) -> Response:
        payment = _present(store, number)
        if payment["state"]["finished"]:
            raise Refused(400, "P0501", "Cancellation of payment failed")
        store.save(_ended(payment, CANCELLED))
        return Response(status_code=204)

    return router


def _pages(store: Store, messenger: Messenger) -> APIRouter:
    """Return the page on which a parent pays, and the route by which the demo pays at once."""
    router = APIRouter()

    @router.get("/secure/{number}")
    async def show_page(number: str) -> Response:
        payment = _present(store, number)
        if payment["state"]["finished"]:
            return _page("This payment is over", f'<p><a href="{escape(payment["return_url"])}">Go back</a></p>')
        if payment["state"]["status"] == "created":
            payment["state"]["status"] = "started"
            store.save(payment, "card_payment_started")
            await messenger.deliver()
        return _page(
            "Pay",
            PAY_FORM.format(
                amount=f"£{payment['amount'] / 100:.2f}", description=escape(payment["description"]), reference=escape(payment["reference"])
            ),
        )

    @router.post("/secure/{number}")
    async def answer_page(number: str, answer: Annotated[Literal["pay", "decline"], Form()]) -> Response:
        payment = _present(store, number)
        if not payment["state"]["finished"]:
            await finish(payment, paid=answer == "pay")
        return RedirectResponse(payment["return_url"], 303)

    @router.post("/stand-in/payments/{number}/success")
    async def succeed(number: str) -> Response:
        payment = _present(store, number)
        if payment["state"]["finished"]:
            raise Refused(409, "P0501", "The payment is over")
        await finish(payment, paid=True)
        return JSONResponse(payment)

    async def finish(payment: Payment, *, paid: bool) -> None:
        if paid:
            now = _event_time()
            payment["settlement_summary"] = {"capture_submit_time": _wire(now), "captured_date": now.date().isoformat()}
            payment["refund_summary"]["status"] = "available"
            store.save(_ended(payment, SUCCESS), "card_payment_succeeded", "card_payment_captured")
        else:
            store.save(_ended(payment, DECLINED), "card_payment_failed")
        await messenger.deliver()

    return router


def _present(store: Store, number: str) -> Payment:
    """Return the payment as it now stands: unfinished for 90 minutes, it has expired. Raise Refused where there is none."""
    payment = store.payment(number)
    if payment is None:
        raise Refused(404, "P0200", "paymentId not found")
    if not payment["state"]["finished"] and datetime.fromisoformat(payment["created_date"]) + LIFETIME < clock.now():
        store.save(_ended(payment, EXPIRED), "card_payment_expired")
    return payment


def _ended(payment: Payment, state: State) -> Payment:
    payment["state"] = state
    payment["_links"] = {"self": payment["_links"]["self"]}
    return payment


def _event_time() -> datetime:
    """Return this instant; on a day that was moved, noon of that day in London, so that a demo counts on the day that it plays."""
    now, today = clock.now(), clock.today()
    return now if clock.civil_date(now) == today else datetime.combine(today, time(12), clock.LONDON)


def _wire(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(heading: str, body: str) -> Response:
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(PAGE.format(heading=escape(heading), body=body), headers=headers)


PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{heading} - payment stand-in</title>
<style>body {{ font: 1.2rem/1.5 sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; color: #0b0c0c; background: #fff }}
button {{ font: inherit; padding: .5rem 1.5rem; margin: 0 1rem 1rem 0 }} dt {{ font-weight: bold }}
.note {{ border-left: .5rem solid #1d70b8; padding-left: 1rem }}</style></head>
<body><main><h1>{heading}</h1>
<p class="note">This is a stand-in for the payment provider. No card is asked for and no money moves.</p>
{body}</main></body>
</html>
"""

PAY_FORM = """<dl><dt>For</dt><dd>{description}</dd><dt>Reference</dt><dd>{reference}</dd><dt>Amount</dt><dd>{amount}</dd></dl>
<form method="post"><button type="submit" name="answer" value="pay">Pay {amount}</button>
<button type="submit" name="answer" value="decline">Decline the card</button></form>
"""
