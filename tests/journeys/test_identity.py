"""A child's UPN and a school's URN change in the middle of an absence: one child, one threshold, one case, visible to the same callers."""

from datetime import date, timedelta
from functools import partial

import pytest

from services.registers.pupils.domain.upn import check_letter
from tests.journeys.journey import CALENDAR, PUPIL
from tests.journeys.product import Embedded, eventually

COUNTY, ACADEMY, ELSEWHERE = 100780, 100781, 100782
TEMPORARY, PERMANENT, LEAVER = (check_letter(body) + body for body in ("88140002080A", "881400020801", "881400020802"))


@pytest.fixture(scope="module")
def product():
    made = Embedded()
    made.today("2026-10-09")
    made.start()
    for urn in (COUNTY, ACADEMY, ELSEWHERE):
        school = {"name": f"School {urn}", "la_code": "881", "establishment_number": str(urn)[-4:], "phase": "secondary"}
        made.ask("PUT", "registers", f"/v1/schools/{urn}", school)
        made.ask("PUT", "registers", f"/v1/schools/{urn}/calendars/2026-27", CALENDAR, role="mis", school=urn)
    yield made
    made.remove()


def test_a_child_whose_upn_and_whose_school_change_keeps_one_threshold_and_one_case(product):
    put(product, COUNTY, f"pupils/{TEMPORARY}", {**PUPIL, "left_on": "2026-09-30"})
    put(product, COUNTY, f"pupils/{LEAVER}", {**PUPIL, "left_on": "2026-07-21"})
    absent(product, COUNTY, TEMPORARY, "2026-09-28", 3)
    put(product, ACADEMY, f"pupils/{TEMPORARY}", {**PUPIL, "admitted_on": "2026-10-01"})
    product.ask(
        "POST",
        "registers",
        f"/v1/pupils/{TEMPORARY}/upn-changes",
        {"new_upn": PERMANENT, "reason": "It came with the file."},
        role="mis",
        school=ACADEMY,
    )
    absent(product, ACADEMY, PERMANENT, "2026-10-05", 2)

    by_either = [eventually("the threshold is met", partial(met, product, upn)) for upn in (PERMANENT, TEMPORARY)]
    (case,) = eventually("the case is open", lambda: cases(product, f"upn={TEMPORARY}"))

    assert by_either[0] == by_either[1]
    assert (by_either[0]["upn"], [each["urn"] for each in by_either[0]["sessions"]]) == (PERMANENT, [COUNTY] * 6 + [ACADEMY] * 4)
    assert (case["upn"], case["urn"], case["pupil_id"]) == (PERMANENT, ACADEMY, by_either[0]["pupil_id"])
    assert cases(product, f"upn={PERMANENT}") == [case]

    refused = f"/v1/pupils/{LEAVER}/threshold"
    product.ask("GET", "thresholds", refused, role="school", school=ACADEMY, refused=403)
    product.ask("PUT", "registers", f"/v1/schools/{ACADEMY}/predecessor", {"urn": COUNTY, "on": "2026-10-01"})
    eventually("the academy sees whom the school had", lambda: seen(product, ACADEMY))
    assert not seen(product, ELSEWHERE)


def put(product, urn, what, body):
    product.ask("PUT", "registers", f"/v1/schools/{urn}/{what}", body, role="mis", school=urn)


def absent(product, urn, upn, first, days):
    for offset in range(days):
        for half in ("AM", "PM"):
            day = date.fromisoformat(first) + timedelta(offset)
            put(product, urn, f"registers/{day}/{half}", {"marks": [{"upn": upn, "code": "O"}]})


def met(product, upn):
    found = [each for each in product.ask("GET", "thresholds", "/v1/thresholds?status=met")["items"] if each["upn"] == PERMANENT]
    return product.ask("GET", "thresholds", f"/v1/pupils/{upn}/threshold", role="school", school=ACADEMY) if found else None


def cases(product, query):
    return product.ask("GET", "penalties", f"/v1/cases?{query}", role="school", school=ACADEMY)["items"]


def seen(product, urn):
    answer = product._http.get(
        f"{product.address('thresholds')}/v1/pupils/{LEAVER}/threshold", headers={"Authorization": f"Bearer {product.token('school', urn)}"}
    )
    return answer.status_code == 200


def test_two_merged_records_of_a_child_meet_the_threshold_until_the_merger_is_undone(product):
    first, second = (check_letter(body) + body for body in ("88140002081A", "881400020812"))
    put(product, COUNTY, f"pupils/{first}", {**PUPIL, "left_on": "2026-09-18"})
    absent(product, COUNTY, first, "2026-09-14", 3)
    put(product, ELSEWHERE, f"pupils/{second}", {**PUPIL, "admitted_on": "2026-09-21"})
    absent(product, ELSEWHERE, second, "2026-09-21", 2)

    merger = product.ask("POST", "registers", "/v1/pupil-mergers", {"upns": [first, second], "reason": "The file came."})
    found = eventually("the child meets the threshold", lambda: standing(product, first, "met"))
    (case,) = eventually("its case is open", lambda: officers_cases(product, first))

    assert (found["upn"], found["pupil_id"]) == (second, merger["survivor"]["pupil_id"])
    assert [each["urn"] for each in found["sessions"]] == [COUNTY] * 6 + [ELSEWHERE] * 4
    assert officers_cases(product, second) == [case]

    product.ask("POST", "registers", f"/v1/pupil-mergers/{merger['id']}/undo", {"reason": "Cousins of one name."})
    eventually("they are two again", lambda: standing(product, first, "approaching") and standing(product, second, "below"))
    eventually("the threshold is withdrawn", lambda: [each["threshold"] for each in officers_cases(product, second)] == ["withdrawn"])
    assert officers_cases(product, first) == []


def standing(product, upn, status):
    found = product.ask("GET", "thresholds", f"/v1/pupils/{upn}/threshold")
    return found if found["status"] == status else None


def officers_cases(product, upn):
    return product.ask("GET", "penalties", f"/v1/cases?upn={upn}")["items"]
