"""The work list of each role holds what that role does itself, the most pressing first, and nothing that only another one may decide."""

import pytest

from tests.console import responses
from tests.console.conftest import Browser, text
from tests.console.responses import CASE, IMPROVEMENT_NOTICE, URN
from tests.console.upstreams import Upstreams

HEADINGS = {
    "files": "Draft court files",
    "overdue": "Overdue penalty notices",
    "ended": "Notices to Improve that have ended",
    "cases": "Open cases",
    "leave": "Requests for leave to answer",
}


@pytest.mark.parametrize(
    ("role", "lists"),
    [
        ("school", ["ended", "leave", "cases", "overdue"]),
        ("aco", ["files", "overdue", "ended", "cases"]),
        ("manager", ["files", "overdue", "ended", "cases"]),
        ("acsa", ["overdue", "files", "ended"]),
        ("business-support", ["leave", "overdue", "files"]),
        ("accredited", ["cases", "overdue"]),
    ],
)
async def test_the_work_list_of_a_role_has_its_own_lists_in_its_own_order(browser: Browser, role: str, lists: list[str]):
    await browser.sign_in(role, schools=(URN,) if role in {"school", "accredited"} else ())

    html = (await browser.get("/")).text

    headings = [each.split("</h2>")[0].split(">")[-1] for each in html.split("<h2")[1:]]
    assert headings == [HEADINGS[name] for name in lists]
    assert "cannot be shown" not in html


async def test_an_accredited_person_reads_that_no_case_is_referred_to_them(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("penalties", "/v1/cases")
    await browser.sign_in("accredited", schools=(URN,))

    page = text((await browser.get("/")).text)

    assert "No case is referred to you. One appears here when the authority refers it." in page
    assert "Cases referred to you" in page


@pytest.mark.parametrize(("role", "offered"), [("aco", True), ("acsa", False)])
async def test_an_outcome_is_offered_only_to_a_role_that_records_one(browser: Browser, role: str, offered: bool):
    await browser.sign_in(role)

    html = (await browser.get("/")).text

    assert (f'href="/cases/{CASE}/outcome"' in html) is offered
    assert IMPROVEMENT_NOTICE not in html


@pytest.mark.parametrize(("today", "marked"), [("2027-03-14", False), ("2027-03-15", True)])
async def test_a_time_bar_that_has_passed_is_marked(browser: Browser, monkeypatch: pytest.MonkeyPatch, today: str, marked: bool):
    monkeypatch.setenv("ATTENDANCE_TODAY", today)
    await browser.sign_in("school", schools=(URN,))

    html = (await browser.get("/")).text

    assert (responses.a_case_in_a_list()["earliest_time_bar"], ">Passed</strong>" in html) == ("2027-03-14", marked)
