"""What the other services publish, and the calendar of the worked examples."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from services.penalties.app import SERVICE
from shared.attendance.deemed_receipt import deemed_receipt
from shared.attendance.sessions import Half
from shared.contracts.event import Event, Period, SessionRef
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.registers import (
    CalendarChanged,
    OpenDay,
    ParentChanged,
    PupilParent,
    RecordedMark,
    RollChanged,
    RollSpell,
    SessionRecorded,
)
from shared.contracts.thresholds import CountingSession, Reliance, ReliedOnMarkChanged, ThresholdMet, ThresholdWithdrawn
from shared.database import Database
from shared.ids import new_id
from tests.support import ApiClient, deliver, outbox
from tests.support.servers import LoopbackServer

URN, UPN = 100401, "A881400020401"
RECORD = UUID("0198c2a0-0000-7000-8000-000000000001")
"""The record that marks are on where it does not matter."""
TERMS = {
    "2025-26": [("2026-04-13", "2026-05-22"), ("2026-06-01", "2026-07-21")],
    "2026-27": [
        ("2026-09-02", "2026-10-23"), ("2026-11-02", "2026-12-18"), ("2027-01-05", "2027-02-12"), ("2027-02-22", "2027-03-25"),
        ("2027-04-12", "2027-05-28"), ("2027-06-07", "2027-07-21"),
    ],
}  # fmt: skip
CLOSED = {"2026-05-04", "2026-09-02", "2026-11-02", "2027-05-03", "2027-06-07"}
IMPROVE = {
    "support_offered": "Two meetings; breakfast club.",
    "support_available": "Early Help drop-in.",
    "contact": {"name": "J. Officer", "phone": "01245 000000"},
    "expected_improvement": "No further unauthorised absence.",
}


def days(first: str, last: str) -> list[date]:
    """Every Monday to Friday in a period."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [day for number in range((end - start).days + 1) if (day := start + timedelta(number)).weekday() < 5]


def open_days(year: str, closed: Iterable[str] = ()) -> list[date]:
    """The open days of a school year of the worked examples."""
    shut = CLOSED | set(closed)
    return [day for first, last in TERMS[year] for day in days(first, last) if day.isoformat() not in shut]


def both_sessions(
    first: str, last: str, code: str = "O", urn: int = URN, *, set_aside: bool = False, version: int = 1
) -> list[CountingSession]:
    """Both sessions of every day in a period."""
    halves: tuple[Half, ...] = ("AM", "PM")
    return [
        CountingSession(date=day, session=half, code=code, urn=urn, version=version, set_aside=set_aside)
        for day in days(first, last)
        for half in halves
    ]


class Chain:
    """One pupil with two parents, as events bring them to penalties."""

    def __init__(self, database: Database, api: ApiClient) -> None:
        self.database, self.api = database, api
        self.pupil, self.parents, self.run, self.revision = new_id(), [new_id(), new_id()], new_id(), 0

    async def deliver(self, *events: Event) -> None:
        await deliver(self.database, SERVICE, *events)

    async def published(self) -> list[Event]:
        async with self.database.begin() as tx:
            return await outbox(tx)

    async def published_names(self) -> list[str]:
        return [event.name for event in await self.published()]

    def calendar(self, year: str = "2026-27", urn: int = URN, closed: Iterable[str] = (), revision: int = 1) -> CalendarChanged:
        halves: tuple[Half, ...] = ("AM", "PM")
        listed = tuple(OpenDay(date=day, sessions=halves) for day in open_days(year, closed))
        return CalendarChanged(school=urn, la_code="881", year=year, open=listed, revision=revision)

    def roll(
        self,
        *spells: tuple[int, str, str | None],
        la_code: str = "881",
        revision: int = 1,
        upn: str = UPN,
        former: Iterable[str] = (),
        asserted: Iterable[str] = (),
    ) -> RollChanged:
        listed = tuple(
            RollSpell(urn=urn, la_code=la_code, admitted_on=date.fromisoformat(first), left_on=last and date.fromisoformat(last))
            for urn, first, last in spells or ((URN, "2025-09-01", None),)
        )
        return RollChanged(
            pupil_id=self.pupil, upn=upn, compulsory_from=date(2019, 4, 1), compulsory_to=date(2030, 6, 28), rolls=listed,
            revision=revision, former_upns=tuple(former), asserted_upns=tuple(asserted),
        )  # fmt: skip

    def parents_changed(
        self,
        *,
        open_match: bool = False,
        revision: int = 1,
        ids: Sequence[UUID] | None = None,
        relationships: Sequence[str | None] = ("mother", "father"),
    ) -> ParentChanged:
        listed = tuple(
            PupilParent(parent_id=each, urn=URN, relationship=relationship, open_match=open_match)
            for each, relationship in zip(ids or self.parents, cycle(relationships), strict=False)
        )
        return ParentChanged(pupil_id=self.pupil, parents=listed, revision=revision)

    def met(self, counting: Sequence[CountingSession] | None = None, **changes: Any) -> ThresholdMet:
        self.revision += 1
        counting = counting or both_sessions("2026-09-14", "2026-09-18")
        content: dict[str, Any] = {
            "run_id": self.run, "revision": self.revision, "pupil_id": self.pupil, "urn": URN, "la_code": "881", "policy": "essex",
            "met_at": SessionRef(date=counting[9].date, session=counting[9].session),
            "window": Period(start=date(2026, 7, 13), end=date(2026, 9, 20)), "weeks": (), "sessions": tuple(counting[:10]),
            "counting": tuple(counting), "counts": {"O": len(counting)}, "holiday": False, "earliest_time_bar": date(2027, 3, 14),
            "findings": ({"provision": "threshold_sessions"},),
        }  # fmt: skip
        return ThresholdMet(**{**content, **changes})

    def withdrawn(self, counting: Sequence[CountingSession] = ()) -> ThresholdWithdrawn:
        self.revision += 1
        return ThresholdWithdrawn(
            run_id=self.run, revision=self.revision, pupil_id=self.pupil, count=len(counting), counting=tuple(counting)
        )

    def served(
        self, notice: str, posted_on: str, *, method: str = "first-class-post", received_on: str | None = None, revision: int = 1
    ) -> NoticeServed:
        posted = date.fromisoformat(posted_on)
        received = date.fromisoformat(received_on) if received_on else deemed_receipt(posted, method).received_on
        return NoticeServed(
            notice_id=UUID(notice), pupil_id=self.pupil, letter_id=new_id(), method=method, posted_on=posted, received_on=received,
            proof_id=new_id(), revision=revision,
        )  # fmt: skip

    def returned(self, notice: str, on: str) -> LetterReturned:
        return LetterReturned(notice_id=UUID(notice), pupil_id=self.pupil, letter_id=new_id(), returned_on=date.fromisoformat(on))

    def changed(self, notice: str, day: str, half: Half, code: str = "I", *, kind: str = "penalty-notice") -> ReliedOnMarkChanged:
        return ReliedOnMarkChanged(
            pupil_id=self.pupil, urn=URN, date=date.fromisoformat(day), session=half, previous_code="O", code=code, previous_version=1,
            version=2, relied_on_by=(Reliance(kind=kind, id=UUID(notice)),),
        )  # fmt: skip

    def register(self, day: str, half: Half, code: str, version: int) -> SessionRecorded:
        mark = RecordedMark(pupil_id=self.pupil, code=code, version=version)
        return SessionRecorded(school=URN, la_code="881", date=date.fromisoformat(day), session=half, revision=9, marks=(mark,))

    async def opened(self, **changes: Any) -> str:
        """A case of this pupil; everything that its steps need is stored."""
        calendars = [self.calendar("2025-26"), self.calendar("2026-27")]
        await self.deliver(self.roll(), self.parents_changed(), *calendars, self.met(**changes))
        found = await self.api.as_("manager").get(f"/v1/cases?upn={UPN}")
        return str(found.json()["items"][0]["id"])

    async def post(self, path: str, body: Any, role: str = "aco", expect: int | None = None) -> Any:
        """What an officer or the school posts; `expect` another status than success."""
        schools = [URN] if role == "school" else []
        answer = await self.api.as_(role, name="Ann Officer", schools=schools).post(path, body)
        assert answer.status_code == expect if expect else answer.status_code < 300, answer.text
        return answer.json()

    async def get(self, path: str, role: str = "aco") -> Any:
        answer = await self.api.as_(role, schools=[URN] if role == "school" else []).get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, *which: int) -> list[str]:
        return [str(self.parents[number]) for number in which or (0, 1)]

    async def decide(self, case: str, decision: str, *which: int, expect: int | None = None, **more: Any) -> Any:
        body = {"decision": decision, "reason": "Considered case by case.", "parents": self.ids(*which), **more}
        return await self.post(f"/v1/cases/{case}/decisions", body, role="school", expect=expect)

    async def agree(self, case: str, recommendation: str = "penalty-notice", *, agreed: bool = True, expect: int | None = None) -> Any:
        body = {"agreed": agreed, "recommendation": recommendation, "reason": "Evidence complete."}
        return await self.post(f"/v1/cases/{case}/agreement", body, expect=expect)

    async def warn(self, case: str, *which: int, expect: int | None = None, **more: Any) -> Any:
        """Decide on and issue Notices to Improve."""
        await self.decide(case, "notice-to-improve", *which)
        body = {"parents": self.ids(*which), **IMPROVE, **more}
        issued = await self.post(f"/v1/cases/{case}/notices-to-improve", body, role="school", expect=expect)
        return issued if expect else [notice["id"] for notice in issued["items"]]

    async def end(self, notice: str, outcome: str = "failed", expect: int | None = None) -> Any:
        body = {"outcome": outcome, "reason": "No engagement."}
        return await self.post(f"/v1/notices-to-improve/{notice}/outcome", body, role="school", expect=expect)

    async def ask_for_notices(self, case: str, *which: int) -> None:
        """Decide on penalty notices without a Notice to Improve, and agree to them."""
        await self.decide(case, "penalty-notice", *which, no_improvement_notice_reason="A holiday: support is not appropriate.")
        await self.agree(case)

    async def fine(
        self, case: str, *which: int, first: str = "2026-09-14", last: str = "2026-09-18", expect: int | None = None, **more: Any
    ) -> Any:
        body = {"parents": self.ids(*which), "offence": {"from": first, "to": last}, "main_reason": "other", **more}
        issued = await self.post(f"/v1/cases/{case}/penalty-notices", body, role=more.pop("role", "aco"), expect=expect)
        return issued if expect else issued["items"]


def marked(day: str, session: str, *codes: str, record: UUID = RECORD, flags: Sequence[str] = ()) -> dict[str, Any]:
    """A mark as registers shows it, with the code of each version, the latest last."""
    versions = [{"version": number, "code": code} for number, code in enumerate(codes, start=1)]
    key = {"pupil_id": str(record), "urn": URN, "date": day, "session": session}
    return {**key, **versions[-1], "flagged": bool(flags), "flags": [*flags], "versions": versions}


def judged(
    marks: Sequence[Mapping[str, Any]] = (),
    runs: Sequence[Mapping[str, Any]] = (),
    set_aside: Sequence[CountingSession] = (),
    lost: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """What thresholds has judged."""
    aside = [each.model_dump(mode="json", exclude={"set_aside"}) for each in set_aside]
    gone = [{"date": day, "session": half, "urn": URN, "why": "not-held"} for day, half in lost]
    return {"marks": [*marks], "runs": [*runs], "set_aside": aside, "lost": gone}


def missing(problem: Any) -> list[str]:
    """Which things a refusal names as missing."""
    return [each["code"] for each in problem["missing"]]


class Registers(LoopbackServer):
    """As much of registers and thresholds as penalties asks: people, marks, and what was judged of them."""

    def __init__(self) -> None:
        super().__init__(_Registers)
        self.people: dict[str, Any] = {}
        self.marks: list[dict[str, Any]] = []
        self.judged: list[dict[str, Any]] = [judged()]
        """What was judged, one answer after another; the last stays."""
        self.asked: list[str] = []
        """The paths that were asked for."""


class _Registers(BaseHTTPRequestHandler):
    server: Registers

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        self.server.asked.append(self.path)
        if asked.path.endswith("/marks"):
            first, last = (parse_qs(asked.query)[name][0] for name in ("from", "to"))
            self.answer({"items": [mark for mark in self.server.marks if first <= mark["date"] <= last]})
        elif asked.path.endswith("/judged"):
            judged = self.server.judged
            self.answer(judged.pop(0) if len(judged) > 1 else judged[0])
        else:
            self.answer(self.server.people.get(asked.path.rsplit("/", 1)[-1]))

    def answer(self, body: Any) -> None:
        raw = json.dumps(body or {}).encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
