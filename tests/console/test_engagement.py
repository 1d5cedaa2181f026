"""A pupil's attendance beside their engagement, on the pupil's page and on the case."""

import pytest

from tests.console.conftest import Browser
from tests.console.engagement import an_engagement, figures
from tests.console.responses import CASE, UPN
from tests.console.upstreams import Upstreams

PATH = f"/v1/pupils/{UPN}/engagement"


async def pages(browser: Browser) -> list[str]:
    return [(await browser.fill_in("/pupils", upn=UPN)).text, (await browser.get(f"/cases/{CASE}")).text]


async def test_attendance_stands_beside_engagement_on_the_pupil_and_on_the_case(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", PATH, an_engagement())
    await browser.sign_in("manager")

    for html in await pages(browser):
        assert "85 of 100" in html
        assert "85.0%" in html
        assert "85 of 95" in html
        assert "89.5%" in html
        assert "Persistently absent" in html
        assert "School 100999: 85 of 100 attended" in html


@pytest.mark.parametrize(("mark", "shown"), [("severe", "Severely"), (None, None)])
async def test_severe_absence_is_named_and_none_is_not(browser: Browser, upstreams: Upstreams, mark: str | None, shown: str | None):
    upstreams.respond("registers", PATH, an_engagement(figures(absence_mark=mark), schools=[]))
    await browser.sign_in("manager")

    for html in await pages(browser):
        assert [each for each in ("Severely", "Persistently") if f"{each} absent" in html] == ([shown] if shown else [])


async def test_figures_of_nothing_are_no_share(browser: Browser, upstreams: Upstreams):
    nothing = dict.fromkeys(figures(), 0) | dict.fromkeys(("attendance", "absence", "engagement", "absence_mark"))
    upstreams.respond("registers", PATH, an_engagement(nothing, schools=[]))
    await browser.sign_in("manager")

    for html in await pages(browser):
        assert "none possible" in html


async def test_pages_stand_without_figures(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", PATH, {"title": "Forbidden"}, status=403)
    await browser.sign_in("manager")

    for html in await pages(browser):
        assert "Attendance and engagement" not in html
        assert "Sorry, there is a problem" not in html
