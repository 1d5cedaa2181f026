"""A payment provider over a real socket, and notices to pay."""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import date
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlalchemy import select

from services.penalties.case_file.domain.facts import Agreement, Case, CourtFile, Decision
from services.penalties.case_file.domain.notices import PenaltyNotice
from services.penalties.case_file.domain.sessions import Session
from services.penalties.case_file.repository.cases import add_agreement, add_case, add_decision, save_court_file
from services.penalties.case_file.repository.notices import add_notice, find_notice
from services.penalties.notices.domain.references import new_reference
from services.penalties.notices.use_cases import overdue
from services.penalties.payments.use_cases import provider, webhooks
from services.penalties.tables.payments import payment_messages
from shared import clock
from shared.contracts.penalties import PaymentReceived
from shared.database import Database
from shared.ids import new_id
from tests.support import ApiClient, outbox
from tests.support.servers import LoopbackServer

SECRET = "tests-only-secret"
NOON = "2026-12-08T12:00:00.000Z"
RETURN = {"return_url": "https://attendance.example.gov.uk/pay/return"}


class Provider(LoopbackServer):
    """GOV.UK Pay as far as a payment needs it: create, read, search, cancel."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.no_empty_page = False
        """Whether a search that finds nothing is answered as a page that does not exist."""
        self.payments: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str, str | None]] = []
        self.down = False
        self.cancels = True

    def add(self, amount: int) -> str:
        """A payment of another service on the same account."""
        number = f"pay{len(self.payments) + 1:023d}"
        self.payments[number] = {"payment_id": number, "amount": amount, "state": {"status": "created", "finished": False}}
        return number

    def becomes(self, number: str, status: str, captured_at: str | None = None) -> None:
        payment = self.payments[number]
        payment["state"] = {"status": status, "finished": status in {"success", "failed", "cancelled", "error"}}
        payment["settlement_summary"] = {"capture_submit_time": captured_at} if captured_at else {}


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_: object) -> None:
        pass

    def answer(self, status: int, body: Any = None) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def note(self) -> bool:
        self.server.asked.append((self.command, self.path, self.headers["Authorization"]))
        if self.server.down:
            self.close_connection = True
        return self.server.down

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.note():
            return
        if self.path.endswith("/cancel"):
            payment = self.server.payments[self.path.split("/")[-2]]
            if payment["state"]["finished"] or not self.server.cancels:
                self.answer(400, {"code": "P0501"})
                return
            self.server.becomes(payment["payment_id"], "cancelled")
            self.answer(204)
            return
        body = json.loads(asked)
        number = self.server.add(body["amount"])
        self.server.payments[number] |= {**body, "_links": {"next_url": {"href": f"{self.server.url}/secure/{number}", "method": "GET"}}}
        self.answer(201, self.server.payments[number])

    def do_GET(self) -> None:
        if self.note():
            return
        address = urlsplit(self.path)
        if address.path == "/v1/payments":
            wanted = parse_qs(address.query)["reference"][0]
            found = [each for each in self.server.payments.values() if each.get("reference", "").lower() == wanted.lower()]
            if self.server.no_empty_page and not found:
                self.answer(404, {"code": "P0402", "description": "Page not found"})
            else:
                self.answer(200, {"total": len(found), "count": len(found), "page": 1, "results": found, "_links": {}})
            return
        payment = self.server.payments.get(self.path.rsplit("/", 1)[-1])
        self.answer(200 if payment else 404, payment or {"code": "P0200"})


@dataclass(frozen=True)
class AgreedCase:
    """An open case with a decision and the authority's agreement, about two parents."""

    case: Case
    decision: Decision
    agreement: Agreement
    parents: tuple[UUID, ...]


async def a_case(database: Database, parents_asked_for: int = 2) -> AgreedCase:
    """Store an open case with a decision and the authority's agreement, about two parents or one."""
    now, day, agreed_on = clock.now(), date(2026, 9, 18), date(2026, 11, 16)
    parents = tuple(new_id() for _ in range(parents_asked_for))
    case = Case(
        id=new_id(), pupil_id=new_id(), urn=100401, la_code="881", status="open", opened_on=day, run_id=new_id(), policy="essex",
        threshold="met", met_on=day, met_session="PM", window_from=date(2026, 7, 13), window_to=date(2026, 9, 20), sessions=(), counting=(),
        counts={}, holiday=False, holiday_from=None, holiday_to=None, earliest_time_bar=date(2027, 3, 14), findings=(),
    )  # fmt: skip
    decision = Decision(
        new_id(), case.id, "penalty-notice", parents, "Support did not work.", None, agreed_on, now, "S. School", "school", "school:1"
    )
    agreement = Agreement(new_id(), case.id, True, "penalty-notice", parents, "Evident.", agreed_on, now, "A. Officer", "aco", "aco:1")
    async with database.begin() as tx:
        await add_case(tx, case)
        await add_decision(tx, decision)
        await add_agreement(tx, agreement)
    return AgreedCase(case, decision, agreement, parents)


async def a_notice(database: Database, agreed: AgreedCase | None = None, parent: int = 0, **changes: Any) -> UUID:
    """Store a first notice, received on 18 November 2026: 8000 until 8 December, 16000 until 15 December."""
    agreed = agreed or await a_case(database)
    case = agreed.case
    notice = PenaltyNotice(
        id=new_id(), reference=new_reference(lambda alphabet: alphabet[new_id().int % len(alphabet)]), kind="penalty-notice",
        case_id=case.id, decision_id=agreed.decision.id, agreement_id=agreed.agreement.id, pupil_id=case.pupil_id,
        parent_id=agreed.parents[parent], urn=case.urn, la_code=case.la_code, offence_from=date(2026, 9, 14), offence_to=date(2026, 9, 18),
        sessions=(Session(date(2026, 9, 14), "AM", "O", 100401, 1),), main_reason="other", tier="first", early_pence=8000, full_pence=16000,
        issued_on=date(2026, 11, 16), issued_at=clock.now(), issued_by="A. Officer", issued_by_role="aco",
        planned_received_on=date(2026, 11, 18), planned_early_deadline=date(2026, 12, 8), planned_final_deadline=date(2026, 12, 15),
        findings=({"provision": "cap_notices"},), status="served", method="first-class-post", posted_on=date(2026, 11, 16),
        received_on=date(2026, 11, 18), proof_id=new_id(), served_revision=1, early_deadline=date(2026, 12, 8),
        final_deadline=date(2026, 12, 15), overdue_from=date(2026, 12, 16),
    )  # fmt: skip
    async with database.begin() as tx:
        await add_notice(tx, replace(notice, **changes))
    return notice.id


UNSERVED: dict[str, Any] = {
    "status": "issued", "method": None, "posted_on": None, "received_on": None, "proof_id": None, "early_deadline": None,
    "final_deadline": None, "overdue_from": None,
}  # fmt: skip


async def a_charge(database: Database, notice_id: UUID) -> None:
    """The authority charged over a notice."""
    notice = await notice_row(database, notice_id)
    file = CourtFile(
        id=new_id(), case_id=notice.case_id, pupil_id=notice.pupil_id, parent_id=notice.parent_id, notice_ids=(notice_id,),
        status="charged", charged_on=clock.today(),
    )  # fmt: skip
    async with database.begin() as tx:
        await save_court_file(tx, file)


async def notice_row(database: Database, notice_id: UUID) -> PenaltyNotice:
    async with database.begin() as tx:
        notice = await find_notice(tx, PenaltyNotice, notice_id)
    assert notice
    return notice


async def begin(api: ApiClient, notice_id: UUID) -> str:
    """Open a payment, as an officer would for a parent on the telephone."""
    answer = await api.as_("acsa").post(f"/v1/penalty-notices/{notice_id}/payments", RETURN)
    assert answer.status_code in {200, 201}, answer.text
    return str(answer.json()["payment_id"])


def message(number: str, created_date: str, event_type: str = "card_payment_succeeded", **changes: Any) -> bytes:
    body = {
        "webhook_message_id": str(new_id()), "api_version": 1, "created_date": created_date, "resource_id": number,
        "resource_type": "payment", "event_type": event_type, "resource": {"amount": 1, "state": {"status": "success", "finished": True}},
    }  # fmt: skip
    return json.dumps({**body, **changes}).encode()


def signed(raw: bytes) -> dict[str, str]:
    return {"Pay-Signature": hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}


async def send(api: ApiClient, raw: bytes) -> int:
    return (await api.post("/v1/webhooks/govuk-pay", content=raw, headers=signed(raw))).status_code


async def work(database: Database) -> None:
    """Do all that is due now, as the worker does."""
    for job in (webhooks.look_into_message, provider.ask_about_open_payment, overdue.mark_overdue, overdue.judge_overdue_again):
        while await job(database):
            pass


async def pay(api: ApiClient, database: Database, provider: Provider, notice_id: UUID, created_date: str) -> str:
    """Pay what is due, and let the message arrive and be looked into."""
    number = await begin(api, notice_id)
    provider.becomes(number, "success")
    assert await send(api, message(number, created_date)) == 200
    await work(database)
    return number


async def published_payments(database: Database) -> list[PaymentReceived]:
    async with database.begin() as tx:
        return [event for event in await outbox(tx) if isinstance(event, PaymentReceived)]


async def stored_messages(database: Database) -> list[Any]:
    async with database.begin() as tx:
        return list((await tx.execute(select(payment_messages).order_by(payment_messages.c.received_at))).all())


async def suspense(api: ApiClient) -> list[tuple[str, int | None]]:
    answer = await api.as_("acsa").get("/v1/suspense")
    return [(item["kind"], item["amount_pence"]) for item in answer.json()["items"]]
