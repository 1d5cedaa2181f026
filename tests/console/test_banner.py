"""The banner after an act is shown once, on the page that follows, to whom acted."""

import pytest

from services.console.banner import COOKIE
from tests.architecture.sources import python_files
from tests.console.conftest import ORIGIN, Browser, act_done, text
from tests.console.matches import MATCH
from tests.console.responses import CASE
from tests.console.upstreams import Upstreams

PAGE = f"/cases/{CASE}"
DONE = "The decision is recorded."


@pytest.fixture
async def decided(browser: Browser, upstreams: Upstreams) -> Browser:
    """Give the browser of an officer who has just decided."""
    upstreams.respond("penalties", f"/v1/cases/{CASE}/decisions", {}, method="POST", status=201)
    await browser.sign_in("aco")
    response = await browser.fill_in(f"{PAGE}/decision", decision="no-action", reason="Attendance is good again.")
    assert act_done(response) == (303, PAGE, "decision")
    return browser


async def test_a_banner_is_shown_once_on_the_page_that_follows(decided: Browser):
    others = [text((await decided.get(path)).text) for path in ("/", f"{PAGE}/support")]
    first, second = [text((await decided.get(PAGE)).text) for _ in range(2)]

    assert DONE in first
    assert [DONE in page for page in (*others, second)] == [False] * 3


async def test_no_address_makes_a_banner(browser: Browser):
    await browser.sign_in("aco")

    html = (await browser.get(f"{PAGE}?done=decision")).text

    assert "Success" not in text(html)


@pytest.mark.parametrize("value", ["decision", "decision.", "decision.0000", "decision.\N{LATIN SMALL LETTER E WITH ACUTE}", "."])
async def test_a_banner_of_a_cookie_that_the_console_did_not_make_is_not_shown(browser: Browser, value: str):
    await browser.sign_in("aco")
    session = browser.http.cookies["attendance_session"]

    response = await browser.http.get(PAGE, headers=[(b"Cookie", f"attendance_session={session}; {COOKIE}={value}".encode())])

    assert response.status_code == 200
    assert "Success" not in text(response.text)


async def test_the_banner_of_one_person_is_not_shown_to_the_next(decided: Browser):
    cookie = next(each for each in decided.http.cookies.jar if each.name == COOKIE)
    await decided.sign_in("manager", name="Mo Lead")

    page = await decided.get(PAGE)

    assert (cookie.path, "Success" in text(page.text)) == (PAGE, False)


async def test_a_person_who_signs_out_reads_so_once(browser: Browser):
    await browser.sign_in("aco")
    hidden = await browser.hidden(f"/matches/{MATCH}")

    response = await browser.http.post("/sign-out", data=hidden, headers={"Origin": ORIGIN})
    first, second = [text((await browser.get("/sign-in")).text) for _ in range(2)]

    assert act_done(response) == (303, "/sign-in", "signed-out")
    assert ["You are signed out." in page for page in (first, second)] == [True, False]


def test_no_page_puts_a_banner_into_an_address():
    assert [path.name for path in python_files("services/console") if "?done=" in path.read_text(encoding="utf-8")] == []
