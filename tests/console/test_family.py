"""The family of a case's child: siblings on the same days, and what penalty notices would cost together."""

import pytest

from tests.console.conftest import Browser
from tests.console.families import BROTHER, a_child, a_family, a_mark, an_assessment
from tests.console.responses import CASE, MOTHER, PUPIL, URN
from tests.console.upstreams import Upstreams

PAGE = f"/cases/{CASE}/family"
READ, COST = f"/v1/people/{PUPIL}/family", f"/v1/cases/{CASE}/family-assessments"


@pytest.fixture(autouse=True)
def _family(upstreams: Upstreams) -> None:
    upstreams.respond("registers", READ, a_family())
    upstreams.respond("penalties", COST, an_assessment("second", "first"), method="POST")


async def test_children_of_the_same_parents_stand_beside_each_other_on_the_same_days(browser: Browser):
    await browser.sign_in("aco")

    html = (await browser.get(PAGE)).text

    assert "Robin Example, Alex Example" in html
    assert "Monday 5 October 2026, morning" in html or "5 Oct" in html
    assert "C: " in html
    assert "G: " in html
    assert "Granted" in html
    assert "afternoon" not in html.split("The same days: leave")[0].split("The same days: absence")[1]


async def test_the_sum_is_of_the_notices_that_are_chosen(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    first = (await browser.get(PAGE)).text
    proposed = upstreams.posted()[-1].body["notices"]
    days = "from-day=5&from-month=10&from-year=2026&to-day=9&to-month=10&to-year=2026"
    await browser.get(f"{PAGE}?{days}&notice={MOTHER}_{PUPIL}&notice={MOTHER}_{BROTHER}")

    assert "\u00a3240" in first
    assert "\u00a3320" in first
    assert "The second in three years" in first
    assert proposed == [{"parent_id": MOTHER, "pupil_id": PUPIL}]
    assert upstreams.posted()[-1].body["notices"] == [{"parent_id": MOTHER, "pupil_id": each} for each in (PUPIL, BROTHER)]
    assert upstreams.posted()[-1].body["offence"]["from"] == "2026-10-05"
    assert upstreams.last(READ).query["from"] == "2026-10-05"


async def test_a_brother_absent_without_authority_is_proposed_too(browser: Browser, upstreams: Upstreams):
    both = [a_child(marks=[a_mark("G")]), a_child(BROTHER, "Alex", marks=[a_mark("O")])]
    upstreams.respond("registers", READ, a_family(children=both))
    await browser.sign_in("aco")

    await browser.get(PAGE)

    assert [each["pupil_id"] for each in upstreams.posted()[-1].body["notices"]] == [PUPIL, BROTHER]


async def test_a_third_notice_costs_nothing_because_there_is_none(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", COST, an_assessment("refused"), method="POST")
    await browser.sign_in("aco")

    assert "None: two in three years were issued" in (await browser.get(PAGE)).text


@pytest.mark.parametrize(
    ("query", "field", "text"),
    [
        ("from-day=31&from-month=2&from-year=2026", "from", "Enter a real date"),
        (
            "from-day=6&from-month=10&from-year=2026&to-day=5&to-month=10&to-year=2026",
            "to",
            "The last day must be on or after the first day",
        ),
    ],
)
async def test_days_that_cannot_be_are_named(browser: Browser, upstreams: Upstreams, query: str, field: str, text: str):
    await browser.sign_in("aco")

    response = await browser.get(f"{PAGE}?{query}")

    assert response.status_code == 422
    assert f'<a href="#{field}">{text}</a>' in response.text


async def test_a_child_out_of_reach_of_the_sum_is_explained(browser: Browser, upstreams: Upstreams):
    problem = {"title": "This token may not do this", "detail": "This is not within what your token may see.", "status": 403}
    upstreams.respond("penalties", COST, problem, method="POST", status=403)
    await browser.sign_in("school", schools=(URN,))

    response = await browser.get(PAGE)

    assert response.status_code == 422
    assert "This is not within what your token may see." in response.text


async def test_a_case_links_to_its_family_for_who_may_see_it(browser: Browser):
    await browser.sign_in("aco")
    assert PAGE in (await browser.get(f"/cases/{CASE}")).text

    await browser.sign_in("accredited", schools=(URN,))
    assert PAGE not in (await browser.get(f"/cases/{CASE}")).text
