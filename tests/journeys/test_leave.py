"""Leave was granted for days that the register then marks G, or the other way round: no notice rests on them until a person decides."""

from datetime import date, timedelta

import pytest

from tests.journeys.journey import CALENDAR, PARENTS, PUPIL, unfinished
from tests.journeys.product import Embedded, eventually

URN = 100790
GRANTED_FIRST, GRANTED_LAST = "E881400020791", "U881400020792"
DAYS = [str(date(2026, 9, 21) + timedelta(number)) for number in range(5)]
PERSON = {"name": "Jo Head", "title": "Head"}


class School:
    """A school in the product, with two children who are on holiday for a week."""

    def __init__(self, product):
        self.product = product

    def ask(self, method, service, path, body=None, *, role="school", **more):
        return self.product.ask(method, service, path, body, role=role, school=URN if role in {"mis", "school"} else None, **more)

    def open(self):
        school = {"name": "Leave School", "la_code": "881", "establishment_number": "0790", "phase": "secondary"}
        self.ask("PUT", "registers", f"/v1/schools/{URN}", school, role="manager")
        self.ask("PUT", "registers", f"/v1/schools/{URN}/calendars/2026-27", CALENDAR, role="mis")
        for upn in (GRANTED_FIRST, GRANTED_LAST):
            parents = [{**each, "ref": f"{upn}-{each['ref']}", "surname": upn} for each in PARENTS]
            self.ask("PUT", "registers", f"/v1/schools/{URN}/pupils/{upn}", {**PUPIL, "parents": parents}, role="mis")

    def request_leave(self, upn):
        body = {
            "upn": upn,
            "urn": URN,
            "parent_ref": f"{upn}-P-1",
            "asked_on": "2026-09-07",
            "from": DAYS[0],
            "to": DAYS[-1],
            "reason": "Fair",
        }
        return self.ask("POST", "registers", "/v1/leave-requests", body)["id"]

    def grant(self, leave):
        self.ask("POST", "registers", f"/v1/leave-requests/{leave}/decision", {"outcome": "granted", "code": "C", "reason": "Once."})

    def send_holiday(self, code):
        for day in DAYS:
            for half in ("AM", "PM"):
                marks = [{"upn": upn, "code": code} for upn in (GRANTED_FIRST, GRANTED_LAST)]
                self.ask("PUT", "registers", f"/v1/schools/{URN}/registers/{day}/{half}", {"marks": marks}, role="mis")

    def send_return(self):
        marks = [{"upn": upn, "code": "/"} for upn in (GRANTED_FIRST, GRANTED_LAST)]
        self.ask("PUT", "registers", f"/v1/schools/{URN}/registers/2026-09-28/AM", {"marks": marks}, role="mis")

    def confirm(self, upn, days=DAYS):
        for day in days:
            for half in ("AM", "PM"):
                path = f"/v1/schools/{URN}/registers/{day}/{half}/marks/{upn}/confirmation"
                self.ask("POST", "registers", path, {"reason": "They were seen abroad.", "confirmed_by": PERSON})

    def amend(self, upn, day, half, code="C"):
        path = f"/v1/schools/{URN}/registers/{day}/{half}/marks/{upn}"
        self.ask("PATCH", "registers", path, {"code": code, "reason": "Leave had been granted.", "amended_by": PERSON})

    def flagged(self, upn):
        found = self.ask("GET", "registers", f"/v1/schools/{URN}/flagged?from={DAYS[0]}&to={DAYS[-1]}")["items"]
        return [mark for each in found for mark in each["marks"] if mark["upn"] == upn]

    def threshold(self, upn, status, count):
        def reached():
            found = self.ask("GET", "thresholds", f"/v1/pupils/{upn}/threshold")
            return (found["status"], found["count"]) == (status, count)

        eventually(f"{upn} is {status} with {count}", reached)

    def case(self, upn):
        found = self.ask("GET", "penalties", f"/v1/cases?upn={upn}", role="manager")["items"]
        return self.ask("GET", "penalties", f"/v1/cases/{found[0]['id']}", role="manager") if found else None


@pytest.fixture(scope="module")
def school():
    product = Embedded()
    product.today("2026-09-07")
    product.start()
    school = School(product)
    school.open()
    yield school
    product.remove()


def test_days_of_leave_that_the_register_marks_as_absence_wait_for_a_person_in_either_order(school):
    early, late = school.request_leave(GRANTED_FIRST), school.request_leave(GRANTED_LAST)
    school.grant(early)
    school.product.today("2026-09-28")
    school.send_holiday("G")
    school.send_return()

    # Granted first: flagged for the school, counted nowhere, and no case.
    school.threshold(GRANTED_FIRST, "below", 0)
    assert len(school.flagged(GRANTED_FIRST)) == 10
    assert school.case(GRANTED_FIRST) is None
    school.amend(GRANTED_FIRST, DAYS[0], "AM")
    school.confirm(GRANTED_FIRST, DAYS[1:])
    school.threshold(GRANTED_FIRST, "approaching", 8)
    assert [(each["code"], [flag["flag"] for flag in each["flags"]]) for each in school.flagged(GRANTED_FIRST)] == [
        ("G", ["leave-granted"])
    ]

    # The register first: a case, the authority's agreement, and then the grant.
    school.threshold(GRANTED_LAST, "met", 10)
    case = eventually(
        "a case is open with its parents", lambda: (found := school.case(GRANTED_LAST)) and len(found["parents"]) == 2 and found
    )
    parents = [case["parents"][0]["id"]]
    why = "It was a holiday."
    decision = {"decision": "penalty-notice", "reason": "A holiday.", "parents": parents, "no_improvement_notice_reason": why}
    school.ask("POST", "penalties", f"/v1/cases/{case['id']}/decisions", decision)
    agreed = {"agreed": True, "recommendation": "penalty-notice", "reason": "Evidence complete."}
    school.ask("POST", "penalties", f"/v1/cases/{case['id']}/agreement", agreed, role="aco")
    order = {"parents": parents, "offence": {"from": DAYS[0], "to": DAYS[-1]}, "main_reason": "holiday"}
    school.grant(late)

    school.ask("POST", "penalties", f"/v1/cases/{case['id']}/penalty-notices", order, role="aco", refused=409)
    eventually("the case waits for a person", lambda: school.case(GRANTED_LAST)["threshold"] == "withdrawn")
    school.threshold(GRANTED_LAST, "below", 0)

    # A person of the school confirms each mark: the same case goes on, and the notice can be issued.
    school.confirm(GRANTED_LAST)
    school.threshold(GRANTED_LAST, "met", 10)
    eventually("the case goes on", lambda: school.case(GRANTED_LAST)["threshold"] == "met")
    issued = school.ask("POST", "penalties", f"/v1/cases/{case['id']}/penalty-notices", order, role="aco")["items"]
    eventually(
        "the notice is served", lambda: school.ask("GET", "penalties", f"/v1/penalty-notices/{issued[0]['id']}", role="aco")["received_on"]
    )

    # Leave granted anew, after the notice: it is held until an officer clears it; an amendment afterwards holds it as well.
    school.grant(school.request_leave(GRANTED_LAST))
    held = eventually("the notice is held", lambda: (found := school.case(GRANTED_LAST)["holds"]) and len(found) == 10 and found)
    assert {(each["about"], each["cause"], each["change"]["lost"]) for each in held} == {(issued[0]["id"], "mark-changed", "leave-granted")}
    assert len(school.flagged(GRANTED_LAST)) == 10
    school.amend(GRANTED_LAST, DAYS[0], "AM")
    eventually("nine are flagged", lambda: len(school.flagged(GRANTED_LAST)) == 9)
    eventually("every event is read", lambda: not unfinished(school.product))
