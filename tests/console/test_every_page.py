"""What holds of every page."""

import re

import pytest
import structlog

from shared.settings import Settings
from tests.console.answers import CASE, FILE, IMPORT, LEAVE, URN
from tests.console.conftest import Browser


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/cases",
        f"/cases/{CASE}",
        f"/cases/{CASE}/decision",
        "/pupils",
        "/schools",
        f"/schools/{URN}",
        f"/schools/{URN}/unresolved",
        f"/schools/{URN}/leave",
        "/unresolved",
        "/leave",
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
    answers_ = [await browser.get(path) for path in ("/sign-in", "/nowhere", "/cases")]

    for answer in answers_:
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_failure_nobody_foresaw_is_told_in_plain_words_and_guarded_too(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    await browser.sign_in("aco")
    monkeypatch.setattr("services.console.pages.pupils.VisitInfo.page", lambda *_args, **_more: 1 / 0)

    answer = await browser.get("/pupils")

    assert answer.status_code == 500
    assert "there is a problem with this page" in answer.text
    assert answer.headers["x-trace-id"] in answer.text
    assert "content-security-policy" in answer.headers


async def test_health_metrics_and_style_sheets_need_no_one(browser: Browser, settings: Settings):
    for path in ("/health/live", "/health/ready", "/metrics", "/openapi.json"):
        assert (await browser.get(path)).status_code == 200

    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)">', (await browser.get("/sign-in")).text)

    assert len(sheets) == 2
    for address in sheets:
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert "GDS Transport" not in answer.text


async def test_logs_name_routes_and_never_what_was_looked_at(browser: Browser):
    await browser.sign_in("aco")

    with structlog.testing.capture_logs() as logs:
        await browser.get(f"/cases/{CASE}")

    assert [(each["route"], each["status"]) for each in logs] == [("/cases/{case_id}", 200)]
    assert CASE not in str(logs)
