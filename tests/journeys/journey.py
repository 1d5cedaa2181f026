"""One pupil and two parents, from the register to the court file: the steps, and what must be true at the end."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from shared.settings import SERVICES
from tests.journeys.product import Product, eventually

URN = 100777
UPN = "N881400020777"
CALENDAR = {
    "terms": [
        {"start": "2026-09-02", "end": "2026-10-23"},
        {"start": "2026-11-02", "end": "2026-12-18"},
        {"start": "2027-01-05", "end": "2027-02-12"},
    ],
    "closures": [{"date": "2026-09-02", "reason": "INSET"}, {"date": "2026-11-02", "reason": "INSET"}],
}
HOME = ["4 Quay Street", "Manningtree", "CO11 9ZZ"]
PARENTS = [
    {"ref": "P-1", "forename": "Kim", "surname": "Sample", "relationship": "mother", "lives_with_pupil": True, "address": HOME},
    {"ref": "P-2", "forename": "Lou", "surname": "Sample", "relationship": "father", "lives_with_pupil": True, "address": HOME},
]
PUPIL = {"forename": "Robin", "surname": "Sample", "date_of_birth": "2014-03-03", "admitted_on": "2025-09-01", "parents": PARENTS}
Interrupt = Callable[[str], None]
"""Called at every point of the journey with its name; may kill any process."""


def undisturbed(_point: str) -> None:
    """Let the journey go its way."""


class Journey:
    """The steps in order. After each answer, and between the answers of one step, `interrupt` may kill any process."""

    def __init__(self, product: Product, interrupt: Interrupt = undisturbed) -> None:
        self.product, self.interrupt = product, interrupt
        self.ask = product.ask

    def run(self) -> None:
        for step in (
            self.open_school,
            self.absence,
            self.warn,
            self.more_absence,
            self.periods_fail,
            self.agree,
            self.fine,
            self.pay,
            self.run_out,
        ):
            step()

    def open_school(self) -> None:
        self.product.today("2026-09-21")
        self.ask(
            "PUT",
            "registers",
            f"/v1/schools/{URN}",
            {"name": "Sample School", "la_code": "881", "establishment_number": "4777", "phase": "secondary"},
        )
        self.ask("PUT", "registers", f"/v1/schools/{URN}/calendars/2026-27", CALENDAR, role="mis", school=URN)
        self.interrupt("calendar sent")
        self.ask("PUT", "registers", f"/v1/schools/{URN}/pupils/{UPN}", PUPIL, role="mis", school=URN)
        self.interrupt("pupil sent")

    def absence(self) -> None:
        self._absent("2026-09-14", 5)

    def _absent(self, first: str, days: int) -> None:
        for offset in range(days):
            day = date.fromisoformat(first) + timedelta(offset)
            for half in ("AM", "PM"):
                self.ask(
                    "PUT",
                    "registers",
                    f"/v1/schools/{URN}/registers/{day}/{half}",
                    {"marks": [{"upn": UPN, "code": "O"}]},
                    role="mis",
                    school=URN,
                )
            self.interrupt(f"register of {day} sent")

    def warn(self) -> None:
        case, parents = self.case(), self.parents()
        self._school(
            f"/v1/cases/{case['id']}/decisions", {"decision": "notice-to-improve", "reason": "Two meetings offered.", "parents": parents}
        )
        self.interrupt("decided on a Notice to Improve")
        letter = {
            "parents": parents,
            "support_offered": "Two meetings.",
            "support_available": "The drop-in.",
            "contact": {"name": "J. Hale", "phone": "01245 000000"},
            "expected_improvement": "No further unauthorised absence.",
        }
        self._school(f"/v1/cases/{case['id']}/notices-to-improve", letter)
        self.interrupt("Notices to Improve issued")
        eventually(
            "Notices to Improve are served",
            lambda: [n for n in self.improvement_notices() if n["served_on"]] and all(n["served_on"] for n in self.improvement_notices()),
        )
        self.interrupt("Notices to Improve served")

    def more_absence(self) -> None:
        self.product.today("2026-10-07")
        self._absent("2026-10-05", 2)

        def fourteen_sessions() -> bool:
            return len(self.ask("GET", "penalties", f"/v1/cases/{self.case()['id']}")["counting"]) == 14

        eventually("the case has fourteen sessions", fourteen_sessions)

    def periods_fail(self) -> None:
        self.product.today("2026-11-16")
        for notice in self.improvement_notices():
            self._school(f"/v1/notices-to-improve/{notice['id']}/outcome", {"outcome": "failed", "reason": "Four further sessions."})
            self.interrupt("an outcome recorded")

    def agree(self) -> None:
        case = self.case()
        self._school(
            f"/v1/cases/{case['id']}/decisions",
            {"decision": "penalty-notice", "reason": "Support did not work.", "parents": self.parents()},
        )
        self.ask("POST", "penalties", f"/v1/cases/{case['id']}/penalty-notices", self._offence(), role="aco", refused=409)
        agreed = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete."}
        self.ask("POST", "penalties", f"/v1/cases/{case['id']}/agreement", agreed, role="aco")
        self.interrupt("the authority agreed")

    def _offence(self) -> dict[str, Any]:
        return {"parents": self.parents(), "offence": {"from": "2026-09-14", "to": "2026-10-06"}, "main_reason": "other"}

    def fine(self) -> None:
        self.ask("POST", "penalties", f"/v1/cases/{self.case()['id']}/penalty-notices", self._offence(), role="aco")
        self.interrupt("penalty notices issued")
        eventually(
            "penalty notices are served", lambda: len(self.penalty_notices()) == 2 and all(n["received_on"] for n in self.penalty_notices())
        )
        self.interrupt("penalty notices served")

    def pay(self) -> None:
        self.product.today("2026-12-08")
        payer = self.penalty_notices()[0]
        payment = self.ask(
            "POST",
            "penalties",
            f"/v1/penalty-notices/{payer['id']}/payments",
            {"return_url": "https://attendance.example.gov.uk/back"},
            role="aco",
        )
        self.interrupt("a payment begun")
        self.product.provider(f"/stand-in/payments/{payment['payment_id']}/success")
        self.interrupt("the provider took the money")
        eventually("the payment is counted", lambda: self.penalty_notices()[0]["status"] == "paid")

    def run_out(self) -> None:
        self.product.today("2026-12-15")
        self.interrupt("the last day to pay")
        self.product.today("2027-01-06")
        self.interrupt("three weeks later, at one jump")
        eventually("a court file is opened", self.files)
        self.interrupt("a court file opened")
        eventually("the sessions are spent", lambda: self.threshold()["status"] == "below")

    def _school(self, path: str, body: Any) -> Any:
        return self.ask("POST", "penalties", path, body, role="school", school=URN)

    def case(self) -> dict[str, Any]:
        found = eventually("a case is opened", lambda: self.ask("GET", "penalties", f"/v1/cases?upn={UPN}")["items"])
        case: dict[str, Any] = found[0]
        return case

    def parents(self) -> list[str]:
        return eventually("both parents are stored", self._two_parents)

    def _two_parents(self) -> list[str]:
        parents = self.ask("GET", "penalties", f"/v1/cases/{self.case()['id']}")["parents"]
        return [parent["id"] for parent in parents] if len(parents) == 2 else []

    def _notices(self, kind: str, path: str) -> list[dict[str, Any]]:
        ids = sorted(n["id"] for n in self.ask("GET", "penalties", f"/v1/cases/{self.case()['id']}")["notices"] if n["kind"] == kind)
        return [self.ask("GET", "penalties", f"/v1/{path}/{each}") for each in ids]

    def improvement_notices(self) -> list[dict[str, Any]]:
        return self._notices("notice-to-improve", "notices-to-improve")

    def penalty_notices(self) -> list[dict[str, Any]]:
        return self._notices("penalty-notice", "penalty-notices")

    def files(self) -> list[dict[str, Any]]:
        items = self.ask("GET", "prosecutions", f"/v1/files?upn={UPN}")["items"]
        return [self.ask("GET", "prosecutions", f"/v1/files/{each['id']}") for each in items]

    def threshold(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask("GET", "thresholds", f"/v1/pupils/{UPN}/threshold")
        return answer


def end_state(journey: Journey) -> dict[str, Any]:
    """Return all that must be the same however the journey was disturbed."""
    fined = journey.penalty_notices()
    letters = [
        journey.ask("GET", "notifications", f"/v1/letters?about={n['id']}")["items"] for n in [*journey.improvement_notices(), *fined]
    ]
    threshold = journey.threshold()
    return {
        "improvement": [(n["served_on"], n["starts_on"], n["ends_on"], n["status"]) for n in journey.improvement_notices()],
        "penalty": [
            (
                n["tier"],
                n["issued_on"],
                n["received_on"],
                n["early_deadline"],
                n["final_deadline"],
                n["status"],
                n["paid_pence"],
                len(n["sessions"]),
            )
            for n in fined
        ],
        "files": [
            (f["offence"], len(f["sessions"]), f["safe_limit"], f["outer_limit"], f["notice_ids"] == [fined[1]["id"]])
            for f in journey.files()
        ],
        "letters per notice": [sum(letter["kind"] in {"notice-to-improve", "penalty-notice"} for letter in each) for each in letters],
        "threshold": (threshold["status"], threshold["count"]),
    }


END_STATE = {
    "improvement": [("2026-09-23", "2026-09-28", "2026-11-13", "failed")] * 2,
    "penalty": [
        ("first", "2026-11-16", "2026-11-18", "2026-12-08", "2026-12-15", "paid", 8000, 14),
        ("first", "2026-11-16", "2026-11-18", "2026-12-08", "2026-12-15", "overdue", 0, 14),
    ],
    "files": [("s444", 14, "2027-03-14", "2027-04-06", True)],
    "letters per notice": [1, 1, 1, 1],
    "threshold": ("below", 0),
}

TIMES_PUBLISHED = {
    "registers": {"calendar-changed.v1": 1, "parent-changed.v1": 1, "roll-changed.v1": 1, "session-recorded": 14},
    "penalties": {
        "case-opened.v1": 1,
        "notice-issued.v1": 4,
        "improvement-ended.v1": 2,
        "case-decided.v1": 3,
        "payment-received.v1": 1,
        "payment-overdue.v1": 1,
    },
    "notifications": {"notice-served.v1": 4},
    "prosecutions": {"prosecution-file-opened.v1": 1},
}
"""How often the journey publishes these events; others (a threshold again) depend on what arrived in one batch."""

_PUBLISHED = """
    SELECT replace(replace(type, 'session-recorded.v2', 'session-recorded'), 'session-recorded.v1', 'session-recorded') AS kind, count(*)
    FROM outbox GROUP BY kind
"""
"""A register is published in one of two forms."""


def lost_or_doubled(product: Product) -> list[str]:
    """Return what was published too often or not, was not handled or is a dead letter, and each state that must never exist."""
    wrong = []
    published = {service: dict(product.query(service, _PUBLISHED)) for service in SERVICES}
    for service, times in TIMES_PUBLISHED.items():
        wrong += [
            f"{service} published {kind} {published[service].get(kind, 0)} times, not {n}"
            for kind, n in times.items()
            if published[service].get(kind, 0) != n
        ]
    return wrong + unfinished(product)


def unfinished(product: Product) -> list[str]:
    """Return what was not published or handled or is a dead letter, and each state that must never exist."""
    from importlib import import_module

    wrong = []
    for service in SERVICES:
        if unpublished := product.query(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0]:
            wrong.append(f"{service} has {unpublished} unpublished events")
        if dead := product.query(service, "SELECT consumer, type, error FROM dead_letters"):
            wrong.append(f"{service} has dead letters: {dead}")
        made = import_module(f"services.{service}.app").SERVICE
        wrong += [f"{service}: {each.state}: {found}" for each in made.every_invariant if (found := product.query(service, each.query))]
        consumers = made.consumers
        if consumers is None:
            continue
        handled = {row[0] for row in product.query(service, "SELECT event_id FROM inbox")}
        for contract in consumers.contracts:
            events = {row[0] for row in product.query(contract.topic, f"SELECT event_id FROM outbox WHERE type = '{contract.type()}'")}
            wrong += [f"{service} never handled {len(events - handled)} of {contract.type()}"] if events - handled else []
    return wrong
