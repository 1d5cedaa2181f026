"""What must be true at the end: every acknowledged fact once, nothing else, nothing on its way, nothing broken."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from tests.chaos.client import COUNTING, THRESHOLD, Client, School
from tests.chaos.faults import doctor
from tests.journeys.journey import unfinished
from tests.journeys.product import Embedded

SETTLE_SECONDS, PLANTED_SETTLE_SECONDS = 120.0, 40.0
"""How long what follows from a fact may take at most, after all faults have ended; with a planted bug, which is expected to lose something."""


def violations(product: Embedded, clients: list[Client], settle_seconds: float) -> list[str]:
    """Return what is wrong once nothing moves any more, or after so many seconds."""
    end = time.monotonic() + settle_seconds
    found = _settled(end, lambda: unfinished(product))
    for client in clients:
        for school in client.schools:
            found += marks_of(client, school)
            found += _settled(end, lambda client=client, school=school: [*consequences(client, school)])  # type: ignore[misc]
    if trouble := doctor(product):
        found.append(f"the doctor finds:\n{trouble}")
    return found


def _settled(end: float, look: Callable[[], list[str]]) -> list[str]:
    while (found := look()) and time.monotonic() < end:
        time.sleep(0.5)
    return found


def marks_of(client: Client, school: School) -> list[str]:
    """Return where the marks of a school are not those that were acknowledged, each with all its versions."""
    stored: dict[tuple[str, str, str], list[str]] = {}
    doubled: Counter[tuple[str, str, str]] = Counter()
    for upn in school.pupils:
        answer = client.ask("GET", "registers", f"/v1/pupils/{upn}/marks?from=2026-09-01&to=2026-12-31")
        for item in answer["items"]:
            key = (upn, item["date"], item["session"])
            doubled[key] += 1
            stored[key] = [each["code"] for each in sorted(item["versions"], key=lambda each: each["version"])]
    twice = [f"mark {key} of {school.urn} is there {times} times" for key, times in doubled.items() if times > 1]
    return twice + [
        f"mark {key} of {school.urn}: acknowledged {school.marks.get(key)}, stored {stored.get(key)}"
        for key in sorted({*school.marks, *stored})
        if school.marks.get(key) != stored.get(key)
    ]


def consequences(client: Client, school: School) -> Iterator[str]:
    """Give where a threshold, a case, its decisions, notices or letters are not what follows from what was acknowledged."""
    for upn in school.pupils:
        absences = school.absences(upn)
        threshold = (
            client.ask("GET", "thresholds", f"/v1/pupils/{upn}/threshold") if _has_marks(school, upn) else {"count": 0, "status": "below"}
        )
        expected = ("met", THRESHOLD) if absences >= THRESHOLD else ("below or approaching", absences)
        status = threshold["status"] if threshold["status"] == "met" else "below or approaching"
        if (status, threshold["count"]) != expected:
            yield f"threshold of {upn}: {expected} follows from {_counting(school, upn)}, and it is {(status, threshold['count'])}"
        cases = client.ask("GET", "penalties", f"/v1/cases?upn={upn}")["items"]
        if len(cases) != (absences >= THRESHOLD):
            yield f"{upn} has {len(cases)} cases, with {absences} absences"
        if case := school.cases.get(upn):
            yield from _case(client, case.id, case.reasons, case.notices)


def _case(client: Client, case_id: str, reasons: list[str], notices: list[str]) -> Iterator[str]:
    case: dict[str, Any] = client.ask("GET", "penalties", f"/v1/cases/{case_id}")
    stored = sorted(each["reason"] for each in case["decisions"])
    if stored != sorted(reasons):
        yield f"case {case_id}: decisions acknowledged {reasons}, stored {stored}"
    if sorted(each["id"] for each in case["notices"]) != sorted(notices):
        yield f"case {case_id}: notices acknowledged {notices}, stored {case['notices']}"
    for notice in notices:
        letters = client.ask("GET", "notifications", f"/v1/letters?about={notice}")["items"]
        if len(letters) != 1:
            yield f"notice {notice} has {len(letters)} letters"
        elif not client.ask("GET", "penalties", f"/v1/notices-to-improve/{notice}")["served_on"]:
            yield f"notice {notice} is not known to be served; its letter is {letters[0]['status']}"


def _has_marks(school: School, upn: str) -> bool:
    return any(key[0] == upn for key in school.marks)


def _counting(school: School, upn: str) -> list[str]:
    return [f"{day} {half}" for (pupil, day, half), codes in school.marks.items() if pupil == upn and codes[-1] in COUNTING]
