"""What holds of every page."""

import re

import pytest
import structlog

from shared.settings import Settings
from tests.console.conftest import Browser
from tests.console.differences import DIFFERENCE
from tests.console.families import FAMILY
from tests.console.matches import MATCH
from tests.console.mergers import PROPOSAL
from tests.console.responses import CASE, FILE, IMPORT, LEAVE, LETTER, MOTHER, URN
from tests.console.support import ENTRY, REFERRAL


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cases",
        "/cases/new",
        "/undecided",
        "/reports/fairness",
        f"/reports/fairness/{URN}",
        "/penalty-notices",
        "/notices-to-improve",
        f"/cases/{CASE}",
        f"/cases/{CASE}/decision",
        f"/cases/{CASE}/liability",
        f"/cases/{CASE}/liability-withdrawal",
        f"/cases/{CASE}/support",
        f"/cases/{CASE}/lead",
        f"/cases/{CASE}/family",
        f"/cases/{CASE}/support/{ENTRY}",
        f"/cases/{CASE}/support/{REFERRAL}",
        f"/cases/{CASE}/referral",
        "/policy?la_code=881",
        "/pupils",
        "/differences",
        f"/differences/{DIFFERENCE}",
        "/mergers",
        f"/mergers/{PROPOSAL}",
        "/matches",
        "/letters",
        "/letters/misdated",
        f"/letters/{LETTER}",
        f"/matches/{MATCH}",
        "/schools",
        f"/schools/{URN}",
        f"/schools/{URN}/unresolved",
        f"/schools/{URN}/leave",
        f"/schools/{URN}/leave/new",
        f"/schools/{URN}/flagged",
        f"/schools/{URN}/sickness",
        "/unresolved",
        "/leave",
        f"/parents/{MOTHER}",
        f"/family-leave/{FAMILY}",
        f"/family-leave/{FAMILY}/decision",
        f"/leave/{LEAVE}",
        f"/leave/{LEAVE}/decision",
        f"/leave/{LEAVE}/withdrawal",
        "/imports",
        "/imports/new",
        f"/imports/{IMPORT}",
        "/files",
        f"/files/{FILE}",
        "/operations",
        "/nowhere",
    ],
)
async def test_every_page_is_built_for_everyone(browser: Browser, path: str):
    await browser.sign_in("manager")

    html = (await browser.get(path)).text

    assert '<html lang="en-GB"' in html
    assert re.search(r"<title>[^<]+ \u2013 School attendance</title>", html)
    assert html.count("<h1") == 1
    assert html.index("Skip to main content") < html.index("<header") < html.index('id="main-content"')
    assert html.count("<table") == html.count("<caption")
    assert all("scope=" in header for header in re.findall(r"<th\b[^>]*>", html))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', html))
    fields = re.findall(r'<(?:input|textarea)(?![^>]*type="hidden")[^>]* id="([^"]+)"', html)
    assert set(fields) <= labelled
    assert "style=" not in html
    assert "<script" not in html


async def test_every_page_is_guarded_by_headers(browser: Browser):
    responses = [await browser.get(path) for path in ("/sign-in", "/nowhere", "/cases")]

    for response in responses:
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert "unsafe" not in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
        assert response.headers["cache-control"] == "no-store"


async def test_an_unexpected_error_is_shown_as_a_page_with_its_trace_id_and_guarded_by_headers(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
):
    await browser.sign_in("aco")
    monkeypatch.setattr("services.console.pages.pupils.PageContext.render", lambda *_args, **_more: 1 / 0)

    response = await browser.get("/pupils")

    assert response.status_code == 500
    assert "there is a problem with this page" in response.text
    assert response.headers["x-trace-id"] in response.text
    assert "content-security-policy" in response.headers


async def test_health_metrics_and_style_sheets_need_no_one(browser: Browser, settings: Settings):
    for path in ("/health/live", "/health/ready", "/metrics", "/openapi.json"):
        assert (await browser.get(path)).status_code == 200

    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)">', (await browser.get("/sign-in")).text)

    assert len(sheets) == 2
    for address in sheets:
        response = await browser.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]
        assert "GDS Transport" not in response.text


async def test_logs_name_routes_and_never_the_ids_in_a_path(browser: Browser):
    await browser.sign_in("aco")

    with structlog.testing.capture_logs() as logs:
        await browser.get(f"/cases/{CASE}")

    assert [(each["route"], each["status"]) for each in logs] == [("/cases/{case_id}", 200)]
    assert CASE not in str(logs)
