"""What must be true at the end: every acknowledged fact once, nothing else, nothing on its way, nothing broken."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from shared.messaging.recovery import NOT_RECOVERED
from tests.chaos.client import COUNTING, THRESHOLD, Case, Client, School
from tests.chaos.running import Running
from tests.journeys.journey import unfinished

SETTLE_SECONDS, PLANTED_SETTLE_SECONDS = 120.0, 40.0
"""How long what follows from a fact may take at most, after all faults have ended; with a planted bug, which is expected to lose something."""


def violations(product: Running, clients: list[Client], settle_seconds: float) -> list[str]:
    """Return what is wrong once nothing moves any more, or after so many seconds."""
    end = time.monotonic() + settle_seconds
    found = _settled(end, lambda: unfinished(product))
    for client in clients:
        for school in client.schools:
            found += marks_of(client, school)
            found += _settled(end, lambda client=client, school=school: [*consequences(client, school)])  # type: ignore[misc]
    doctor = product.attendance("doctor", "--full")
    if doctor.returncode:
        found.append(f"the doctor finds:\n{doctor.stdout}{doctor.stderr}")
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
            yield from _case(client, case)
            files = client.ask("GET", "prosecutions", f"/v1/files?upn={upn}")["items"]
            if len(files) != case.files:
                yield f"{upn} has {len(files)} court files, and {case.files} follow from what the authority agreed to"


def _case(client: Client, case: Case) -> Iterator[str]:
    stored: dict[str, Any] = client.ask("GET", "penalties", f"/v1/cases/{case.id}")
    acknowledged, reasons = Counter(case.reasons), Counter(each["reason"] for each in stored["decisions"])
    lost_words = reasons.pop(NOT_RECOVERED, 0) if "penalties" in client.recovered else 0
    if reasons - acknowledged or (acknowledged - reasons).total() != lost_words:
        yield f"case {case.id}: decisions acknowledged {case.reasons}, stored {stored['decisions']}"
    if sorted(each["id"] for each in stored["notices"]) != sorted(case.notices):
        yield f"case {case.id}: notices acknowledged {case.notices}, stored {stored['notices']}"
    for id_ in case.notices:
        letters = client.ask("GET", "notifications", f"/v1/letters?about={id_}")["items"]
        notice = client.ask("GET", "penalties", f"/v1/notices-to-improve/{id_}")
        if len(letters) != 1:
            yield f"notice {id_} has {len(letters)} letters"
        elif not notice["served_on"]:
            yield f"notice {id_} is not known to be served; its letter is {letters[0]['status']}"
        elif (notice["ended_on"] or "") > client.product.civil_date().isoformat():
            yield f"notice {id_} ended on {notice['ended_on']}, a day that has not come"


def _has_marks(school: School, upn: str) -> bool:
    return any(key[0] == upn for key in school.marks)


def _counting(school: School, upn: str) -> list[str]:
    return [f"{day} {half}" for (pupil, day, half), codes in school.marks.items() if pupil == upn and codes[-1] in COUNTING]
