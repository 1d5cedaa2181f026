"""Careful clients, and what they know: every fact that was acknowledged with a 2xx, to be held against the product at the end."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from services.registers.pupils.domain.upn import check_letter
from shared.http import tokens
from tests.chaos.running import Running

FIRST_DAY = date(2026, 9, 7)
DAYS = [FIRST_DAY + timedelta(number) for number in range(26) if (FIRST_DAY + timedelta(number)).weekday() < 5]
TERMS = (("2026-09-02", "2026-12-18"), ("2027-01-04", "2027-03-25"), ("2027-04-12", "2027-07-21"))
"""The whole school year: after forty days off, a Notice to Improve still ends within it."""
PUPILS = 8
ABSENT_PUPILS = 2
"""Of each school the first so many are absent until there is a case; the others stay below the threshold, and their marks are amended."""
MOST_ABSENCES = 8
MEETINGS = 4
"""Decisions for support before one for a Notice to Improve, or for the first pupil of a school one for a prosecution."""
THRESHOLD = 10
CODES = ("/", "/", "/", "/", "I", "M", "G", "O")
COUNTING = {"G", "O"}
PATIENCE = 120.0
"""Seconds that a client goes on asking; what is not answered by then is stuck."""


class Violation(Exception):  # noqa: N818 -- what the run is for
    """The product did what it must never do."""


@dataclass
class Case:
    """What was acknowledged about a case."""

    id: str
    reasons: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    files: int = 0
    """How many court files follow from its referral."""


@dataclass
class School:
    """A school and everything acknowledged about it."""

    urn: int
    pupils: list[str]
    marks: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    """Every code that a mark has had, by pupil, date and half."""
    cases: dict[str, Case] = field(default_factory=dict)

    def absences(self, pupil: str) -> int:
        """Return how many marks of a pupil count."""
        return sum(codes[-1] in COUNTING for (upn, _, _), codes in self.marks.items() if upn == pupil)


class Client:
    """One client with chances of its own: it sends again until it is answered, sometimes although it was, and sometimes twice at once."""

    def __init__(self, product: Running, number: int, seed: int, stop: threading.Event, answered: threading.Event) -> None:
        self.product, self.number, self.stop, self.answered = product, number, stop, answered
        self.chance = random.Random(f"{seed} client {number}")
        self.schools: list[School] = []
        self.requests = self.doubled = 0
        self.asking, self.dated = threading.Lock(), threading.Lock()
        """Held while a request is under way, and while it is one that bears the date of the day."""
        self.recovered: set[str] = set()
        """Services that were brought back from their events, which hold no words."""
        self._http = httpx2.Client(timeout=10)
        self._twice = ThreadPoolExecutor(2)
        self._tokens: dict[tuple[str, int | None], str] = {}

    def run(self) -> None:
        """Open one school after the other and send its registers, until told to stop; what was begun is brought to its answer."""
        while not self.stop.is_set():
            school = self._open_school()
            for day in DAYS:
                for half in ("AM", "PM"):
                    if self.stop.is_set():
                        return
                    self._register(school, day.isoformat(), half)
                    if self.chance.random() < 0.3:
                        self._amend(school)
                    for upn in school.pupils[:ABSENT_PUPILS]:
                        if school.absences(upn) >= THRESHOLD and not self.stop.is_set():
                            self._advance(school, upn)

    def ask(self, method: str, service: str, path: str, body: Any = None, *, role: str = "manager", school: int | None = None) -> Any:
        """Ask until there is an answer. Raise Violation where it is an error, none comes, or the same request has two answers."""
        with self.asking:
            return self._ask(method, service, path, body, self._token(role, school))

    def _ask(self, method: str, service: str, path: str, body: Any, token: str) -> Any:
        key = uuid4().hex
        sent = (method, f"{self.product.address(service)}{path}", body, token, key)
        often = {"GET": 0.0, "POST": 0.3}.get(method, 0.1)
        if self.chance.random() < often:
            self.doubled += 1
            first, second = self._twice.map(self._until_answered, [sent, sent])
        else:
            first = second = self._until_answered(sent)
            if self.chance.random() < often:
                self.doubled += 1
                second = self._until_answered(sent)
        if method == "POST" and first.text != second.text:
            raise Violation(f"{method} {path} sent twice under one key was answered {first.text} and {second.text}")
        return first.json()

    def _token(self, role: str, school: int | None) -> str:
        if (role, school) not in self._tokens:
            self._tokens[role, school] = tokens.issue(role, name=f"Test {role}", schools=[school] if school else [])
        return self._tokens[role, school]

    def _until_answered(self, sent: tuple[str, str, Any, str, str]) -> httpx2.Response:
        method, address, body, token, key = sent
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        end, last = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end:
            self.requests += 1
            try:
                answer = self._http.request(method, address, json=body, headers=headers)
            except httpx2.TransportError as error:
                last = type(error).__name__
            else:
                if answer.is_success:
                    if method != "GET":
                        self.answered.set()
                    return answer
                last = f"{answer.status_code} {answer.text}"
                if answer.status_code not in {502, 503} and "still-running" not in answer.text:
                    raise Violation(f"{method} {address} was answered {last}")
            time.sleep(0.1)
        raise Violation(f"{method} {address} had no answer in {PATIENCE:.0f} s: {last}")

    def _open_school(self) -> School:
        number = self.number * 100 + len(self.schools)
        school = School(101001 + number, [_upn(number * PUPILS + serial) for serial in range(PUPILS)])
        body = {"name": f"School {number}", "la_code": "881", "establishment_number": f"{4000 + number}", "phase": "primary"}
        self.ask("PUT", "registers", f"/v1/schools/{school.urn}", body)
        calendar = {"terms": [{"start": start, "end": end} for start, end in TERMS], "closures": []}
        self._mis(school, "PUT", f"/v1/schools/{school.urn}/calendars/2026-27", calendar)
        for serial, upn in enumerate(school.pupils):
            surname = _surname(number * PUPILS + serial)  # of nobody else: records of one name would be matched, and wait for an officer
            home = [f"{number * PUPILS + serial + 1} Quay Street", "Manningtree", "CO11 9ZZ"]
            parents = [
                {"ref": f"{upn}-{which}", "forename": which, "surname": surname, "relationship": relation, "address": home}
                for which, relation in (("Kim", "mother"), ("Lou", "father"))
            ]
            pupil = {"forename": "Robin", "surname": surname, "date_of_birth": "2015-03-03", "admitted_on": "2025-09-01"}
            self._mis(school, "PUT", f"/v1/schools/{school.urn}/pupils/{upn}", pupil | {"parents": parents})
        self.schools.append(school)
        return school

    def _mis(self, school: School, method: str, path: str, body: Any) -> Any:
        return self.ask(method, "registers", path, body, role="mis", school=school.urn)

    def _register(self, school: School, day: str, half: str) -> None:
        codes = {upn: self._code(school, upn, half) for upn in school.pupils}
        marks = [{"upn": upn, "code": code} for upn, code in codes.items()]
        answer = self._mis(school, "PUT", f"/v1/schools/{school.urn}/registers/{day}/{half}", {"marks": marks})
        if answer["rejected"] or answer["recorded"] + answer["unchanged"] != PUPILS:
            raise Violation(f"the register of {school.urn} on {day} {half} was answered {answer}")
        for upn, code in codes.items():
            school.marks[upn, day, half] = [code]

    def _code(self, school: School, upn: str, half: str) -> str:
        absent = school.pupils.index(upn) < ABSENT_PUPILS
        code = "O" if absent and self.chance.random() < 0.9 else self.chance.choice(CODES)
        if not absent and code in COUNTING and school.absences(upn) >= MOST_ABSENCES:
            code = "/"
        return "\\" if code == "/" and half == "PM" else code

    def _amend(self, school: School) -> None:
        upn, day, half = self.chance.choice([key for key in school.marks if key[0] in school.pupils[ABSENT_PUPILS:]])
        codes = school.marks[upn, day, half]
        code = self.chance.choice([each for each in ("I", "M", "O", "G") if each != codes[-1]])
        if code in COUNTING and school.absences(upn) >= MOST_ABSENCES:
            return
        amendment = {"code": code, "reason": "The office was told.", "amended_by": {"name": "J. Hale", "title": "Attendance officer"}}
        self._mis(school, "PATCH", f"/v1/schools/{school.urn}/registers/{day}/{half}/marks/{upn}", amendment)
        codes.append(code)

    def _advance(self, school: School, upn: str) -> None:
        """Take the case of a pupil a step further, if there is one by now."""
        case = school.cases.get(upn)
        if case is None:
            found = self.ask("GET", "penalties", f"/v1/cases?upn={upn}")["items"]
            if found:
                school.cases[upn] = Case(found[0]["id"])
            return
        reason = f"Meeting {len(case.reasons) + 1} offered."
        parents = [parent["id"] for parent in self.ask("GET", "penalties", f"/v1/cases/{case.id}")["parents"]]
        if len(parents) < 2:
            return
        if len(case.reasons) < MEETINGS:
            self._officer(school, case, "decisions", {"decision": "support", "reason": reason, "parents": parents})
            case.reasons.append(reason)
        elif upn == school.pupils[0]:
            self._refer(school, case, parents)
        elif len(case.reasons) == MEETINGS:
            self._officer(school, case, "decisions", {"decision": "notice-to-improve", "reason": reason, "parents": parents})
            case.reasons.append(reason)
        elif not case.notices:
            letter = {
                "parents": parents,
                "support_offered": "Two meetings.",
                "support_available": "The drop-in.",
                "contact": {"name": "J. Hale", "phone": "01245 000000"},
                "expected_improvement": "No further unauthorised absence.",
            }
            issued = self._officer(school, case, "notices-to-improve", letter)
            case.notices = [each["id"] for each in issued["items"]]

    def _refer(self, school: School, case: Case, parents: list[str]) -> None:
        """Ask for a prosecution of both parents, and let the authority agree: each gets a court file."""
        reason = "The parents refuse all support."
        if len(case.reasons) == MEETINGS:
            request = {"decision": "prosecution", "reason": reason, "parents": parents, "no_improvement_notice_reason": reason}
            self._officer(school, case, "decisions", request)
            case.reasons.append(reason)
        elif not case.files:
            with self.dated:
                self.ask(
                    "POST",
                    "penalties",
                    f"/v1/cases/{case.id}/agreement",
                    {"agreed": True, "recommendation": "prosecution", "reason": reason},
                )
            case.files = len(parents)

    def _officer(self, school: School, case: Case, path: str, body: Any) -> Any:
        with self.dated:
            return self.ask("POST", "penalties", f"/v1/cases/{case.id}/{path}", body, role="school", school=school.urn)


def _upn(number: int) -> str:
    body = f"881{4000 + number // 1000}21{number % 1000:03d}"
    return check_letter(body) + body


def _surname(number: int) -> str:
    return "Sa" + "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))
