"""Lists are shown as their service orders them, a page at a time, with how many there are; names are read in one request."""

import pytest

from services.console.responses.values import ListResponse
from tests.console import matches, mergers, responses, steps
from tests.console.conftest import Browser, text
from tests.console.responses import URN
from tests.console.upstreams import Upstreams

LISTS = {
    "/cases": ("penalties", "/v1/cases", responses.a_case_in_a_list, "cases", "/cases?status=open&amp;"),
    "/files": ("prosecutions", "/v1/files", responses.a_file_in_a_list, "court files", "/files?status=draft&amp;"),
    "/penalty-notices": ("penalties", "/v1/penalty-notices", responses.a_penalty_notice, "penalty notices", "/penalty-notices?"),
    "/notices-to-improve": (
        "penalties", "/v1/notices-to-improve", responses.an_improvement_notice, "Notices to Improve", "/notices-to-improve?",
    ),
    "/schools": ("registers", "/v1/schools", responses.a_school, "schools", "/schools?"),
    "/unresolved": ("registers", "/v1/unresolved", responses.an_unresolved_mark, "marks", "/unresolved?"),
    f"/schools/{URN}/unresolved": (
        "registers", f"/v1/schools/{URN}/unresolved", responses.an_unresolved_mark, "marks", f"/schools/{URN}/unresolved?",
    ),
    "/matches": ("registers", "/v1/parent-matches", matches.a_match, "matches", "/matches?status=open&amp;"),
    "/mergers": ("registers", "/v1/merger-proposals", mergers.a_proposal, "proposals", "/mergers?status=open&amp;"),
    "/letters": ("notifications", "/v1/letters", responses.a_letter, "letters", "/letters?"),
    "/leave": ("registers", "/v1/leave-requests", responses.a_leave_request, "requests", "/leave?status=asked&amp;"),
    "/imports": ("registers", "/v1/imports", responses.an_import, "imports", "/imports?"),
}  # fmt: skip
"""Each page with a list: whose it is, from which path, what is in it, what it is called, the address of its pages."""


@pytest.mark.parametrize("page", LISTS)
async def test_a_page_of_a_list_names_its_rows_of_all_and_leads_to_both_sides(browser: Browser, upstreams: Upstreams, page: str):
    service, path, item, of, address = LISTS[page]
    upstreams.respond_list(service, path, item(), item(), more="further", previous="", first=51, total=384)
    await browser.sign_in("manager")

    html = (await browser.get(f"{page}?after=here")).text

    assert f"51 to 52 of 384 {of}" in text(html)
    assert f'href="{address}after=further" rel="next"'.replace("&amp;", "&") in html.replace("&amp;", "&")
    assert f'href="{address}after=" rel="prev"'.replace("&amp;", "&") in html.replace("&amp;", "&")
    assert upstreams.last(path).query["after"] == "here"
    assert "(384)" in html or page in {"/schools", "/imports"}


@pytest.mark.parametrize("page", LISTS)
async def test_a_list_of_one_page_has_no_ways_to_others(browser: Browser, page: str):
    await browser.sign_in("manager")

    assert "govuk-pagination" not in (await browser.get(page)).text


async def test_the_work_list_keeps_the_order_of_the_services_and_counts_what_is_not_shown(browser: Browser, upstreams: Upstreams):
    order = ("2027-03-01", "2027-04-01", "2026-01-01")
    cases = [responses.a_case_in_a_list(id=f"{responses.CASE[:-1]}{number}", earliest_time_bar=day) for number, day in enumerate(order)]
    upstreams.respond_list("penalties", "/v1/cases", *cases, more="further", total=384)
    await browser.sign_in("aco")

    html = (await browser.get("/")).text

    page = text(html)
    assert "384 open cases" in page
    assert "1 to 3 of 384. Show all of them" in page
    shown = [page.index(day) for day in ("1 March 2027", "1 April 2027", "1 January 2026")]
    assert shown == sorted(shown)
    assert 'href="/penalty-notices"' not in html


async def test_the_names_of_a_list_are_read_in_one_request(browser: Browser, upstreams: Upstreams):
    ids = [f"01990000-0000-7000-8000-0000000001{number:02}" for number in range(50)]
    upstreams.respond_list("penalties", "/v1/cases", *(responses.a_case_in_a_list(id=each, pupil_id=each) for each in ids))
    upstreams.respond(
        "registers", "/v1/people", {"items": [responses.people(id=each, forename=f"Kim {each[-2:]}")["pupil"] for each in ids]}
    )
    await browser.sign_in("aco")

    page = text((await browser.get("/cases")).text)

    assert "Kim 49 Example" in page
    assert [each.path for each in upstreams.requests if each.service == "registers"] == ["/v1/people"]


def test_a_list_too_long_to_be_counted_is_longer_than_its_pages():
    found = ListResponse[int](items=[1, 2], next="further", first=100_001, total=None)

    assert (found.span, found.count) == ("100,001 to 100,002 of more than 100,002", "100,002+")


async def test_the_letters_of_all_notices_of_a_case_are_read_in_one_request(browser: Browser, upstreams: Upstreams):
    notices = [
        steps.a_notice_of_a_case(responses.IMPROVEMENT_NOTICE, "notice-to-improve", responses.MOTHER, "ended", "2026-09-21"),
        steps.a_notice_of_a_case(responses.PENALTY_NOTICE, "penalty-notice", responses.FATHER, "served", "2026-11-16"),
    ]
    upstreams.respond("penalties", f"/v1/cases/{responses.CASE}", responses.a_case(notices=notices))
    await browser.sign_in("aco")

    page = text((await browser.get(f"/cases/{responses.CASE}")).text)

    assert [each.service for each in upstreams.requests].count("notifications") == 1
    assert page.count("as sent to Alex Example") == 1
    assert "Letters none yet" in page
