"""Cases without a first decision: the list, its count on the work list, and what the case shows."""

import pytest

from tests.console.conftest import Browser, text
from tests.console.reports import a_first_decision, an_undecided_case
from tests.console.responses import CASE, URN
from tests.console.upstreams import Upstreams

LIST = "/v1/undecided-cases"


@pytest.mark.parametrize("role", ["school", "aco", "manager"])
async def test_the_work_list_counts_the_cases_that_nobody_has_considered_in_time(browser: Browser, upstreams: Upstreams, role: str):
    upstreams.respond_list("penalties", LIST, an_undecided_case(), an_undecided_case())
    await browser.sign_in(role, schools=(URN,) if role == "school" else ())

    html = (await browser.get("/")).text

    assert "2 cases without a first decision in time" in text(html)
    assert 'href="/undecided"' in html


@pytest.mark.parametrize("role", ["acsa", "business-support"])
async def test_an_officer_who_takes_no_decisions_sees_no_count_of_undecided_cases(browser: Browser, role: str):
    await browser.sign_in(role)

    assert "/undecided" not in (await browser.get("/")).text


async def test_an_undecided_case_is_listed_with_its_school_and_the_day_that_has_passed(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("penalties", LIST, an_undecided_case(), an_undecided_case(by_calendar=False))
    await browser.sign_in("manager")

    html = (await browser.get("/undecided")).text

    assert f'href="/cases/{CASE}"' in html
    assert f'href="/undecided?urn={URN}"' in html
    assert "2 October 2026" in html
    assert text(html).count("the school has sent no calendar") == 1


async def test_the_list_of_one_school_asks_for_its_cases_alone(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("penalties", LIST, an_undecided_case())
    await browser.sign_in("manager")

    await browser.get(f"/undecided?urn={URN}")

    assert upstreams.last(LIST).query["urn"] == str(URN)


async def test_an_empty_list_of_undecided_cases_explains_when_a_case_is_listed(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("penalties", LIST)
    await browser.sign_in("manager")

    assert "A case comes here on the day after its last school day" in text((await browser.get("/undecided")).text)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "5 October 2026, 11 school days after the case was opened; it was due by 2 October 2026"),
        ({"decided_on": "2026-09-21", "school_days": 1, "late": False}, "21 September 2026, 1 school day after the case was opened"),
        ({"decided_on": None, "late": True}, "Not yet. It was due by 2 October 2026"),
        ({"decided_on": None, "late": False}, "Not yet. It is due by 2 October 2026"),
        ({"by_calendar": False}, "The school has sent no calendar: the days are working days"),
    ],
)
async def test_a_case_shows_how_long_its_first_decision_took(
    browser: Browser, upstreams: Upstreams, changes: dict[str, object], shown: str
):
    upstreams.respond("penalties", f"/v1/cases/{CASE}/first-decision", a_first_decision(**changes))
    await browser.sign_in("aco")

    assert shown in text((await browser.get(f"/cases/{CASE}")).text)
