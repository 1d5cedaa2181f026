"""The report of fairness and timeliness: who opens it, what is marked, the picture and its table, the reasons, and the file."""

from typing import Any

import pytest

from tests.console.conftest import Browser, text
from tests.console.reports import STANDARD, a_report, figures, months, reasons, reused_reasons
from tests.console.responses import CASE, URN, a_case, an_action
from tests.console.upstreams import Upstreams

PAGE = "/reports/fairness"
API = "/v1/reports/fairness"


@pytest.mark.parametrize(("role", "offered"), [("manager", True), ("aco", True), ("school", True), ("acsa", False), ("operations", False)])
async def test_the_report_stands_in_the_menu_of_who_may_read_it(browser: Browser, role: str, offered: bool):
    await browser.sign_in(role, schools=(URN,) if role == "school" else ())

    page = await browser.get("/operations" if role == "operations" else "/")

    assert (f'href="{PAGE}"' in page.text) is offered


async def test_the_report_names_a_marked_school_with_its_numbers(browser: Browser):
    await browser.sign_in("manager")

    page = text((await browser.get(PAGE)).text)

    assert "Marked (1)" in page
    assert "Penalty notice in nearly all of the decided cases: 12 of 12 (100 %)" in page
    assert "fewer than 10 decided cases: not judged" in page
    assert "for a school year without one, Monday to Friday less bank holidays" in page


async def test_the_picture_has_a_bar_for_each_school_and_a_line_for_each_threshold(browser: Browser):
    await browser.sign_in("manager")

    html = (await browser.get(PAGE)).text

    picture = html[html.index("<svg class=") : html.index("</svg>")]
    assert 'role="img"' in picture
    assert picture.count("console-plot__axis") == 3
    assert (picture.count("console-plot__hatched"), picture.count("console-plot__solid"), picture.count("console-plot__line")) == (1, 1, 8)
    assert "12 of 12 (100 %)" in picture


async def test_a_report_without_a_case_offers_other_periods(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", API, a_report() | {"schools": []})
    await browser.sign_in("manager")

    page = text((await browser.get(PAGE)).text)

    assert "No case was opened in this period" in page
    assert "Cases opened in" in page


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("", "2026-09-01", "2027-08-31"),
        ("?period=2025-26", "2025-09-01", "2026-08-31"),
        ("?period=2026-11", "2026-11-01", "2026-11-30"),
        ("?period=1066", "2026-09-01", "2027-08-31"),
    ],
)
async def test_the_period_of_the_address_is_the_one_that_is_asked_for(
    browser: Browser, upstreams: Upstreams, period: str, first: str, last: str
):
    await browser.sign_in("manager")

    await browser.get(f"{PAGE}{period}")

    assert upstreams.last(API).query == {"from": first, "to": last}


async def test_a_school_without_a_case_in_the_period_has_a_page(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", API, a_report() | {"schools": []})
    upstreams.respond("penalties", f"{API}/months", {"items": []})
    upstreams.respond("penalties", f"{API}/reasons", reasons(reused=[], reused_texts=[], without_improvement_notice=[]))
    await browser.sign_in("manager")

    page = await browser.get(f"{PAGE}/{URN}")

    assert page.status_code == 200
    assert "No case of this school was opened in this period" in text(page.text)


async def test_the_page_of_a_school_shows_its_months_and_the_reasons_it_used_again(browser: Browser):
    await browser.sign_in("manager")

    page = text((await browser.get(f"{PAGE}/{URN}")).text)

    assert "September 2026 14 13 12 2 3 4.5 17" in page
    assert "September 2026 12 12 (100 %) 0 (0 %)" in page
    assert f"{STANDARD} 11" in page
    assert "A holiday. 9" in page


async def test_a_school_reads_how_often_a_reason_was_used_again_and_no_text(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"{API}/reasons", reasons(reused_texts=[]))
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(f"{PAGE}/{URN}")).text)

    assert "2 reasons were given in several cases: in 11, 2." in page
    assert STANDARD not in page


async def test_the_figures_are_downloaded_as_a_file_of_the_period(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"{API}.csv", "urn,month")
    await browser.sign_in("manager")

    file = await browser.get(f"{PAGE}.csv?period=2025-26")

    assert file.headers["content-disposition"] == 'attachment; filename="fairness-2025-26.csv"'
    assert upstreams.last(f"{API}.csv").query == {"from": "2025-09-01", "to": "2026-08-31"}


@pytest.mark.parametrize(
    ("cases", "shown"),
    [
        (11, "The school gave this reason word for word in 11 cases after 18 November 2025, this one among them."),
        (1, "The school gave it word for word in no other case after 18 November 2025."),
    ],
)
async def test_an_officer_who_answers_a_request_sees_how_often_its_reason_was_given(
    browser: Browser, upstreams: Upstreams, cases: int, shown: str
):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", a_case(actions=[an_action("agree")]))
    upstreams.respond("penalties", f"/v1/cases/{CASE}/reused-reasons", reused_reasons(cases))
    await browser.sign_in("aco")

    page = text((await browser.get(f"/cases/{CASE}/agreement")).text)

    assert shown in page
    assert STANDARD in page


@pytest.mark.parametrize("late", [0, 14])
async def test_the_picture_of_the_months_holds_no_bar_longer_than_its_axis(browser: Browser, upstreams: Upstreams, late: int):
    found: dict[str, Any] = months()
    found["items"] = [{**found["items"][0], "figures": figures(late=late)}]
    upstreams.respond("penalties", f"{API}/months", found)
    await browser.sign_in("manager")

    html = (await browser.get(f"{PAGE}/{URN}")).text

    picture = html[html.index("<svg class=") : html.index("</svg>")]
    assert picture.count('width="220.0"') == 1
    assert f"14 ({late} late)" in picture
