"""A console over stand-ins for the services, served on a real port, and a real Chromium before it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from services.console import rendering
from services.console.app import create_console
from shared.http import tokens
from shared.runtime import Server, serve
from shared.settings import Settings
from tests.browser import pages
from tests.console.upstreams import SERVICES, Upstreams

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what lies in this folder, which `make test` leaves out of its first part."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


def _without(reason: str) -> NoReturn:
    if os.environ.get("ATTENDANCE_REQUIRE_BROWSER") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def upstreams(monkeypatch: pytest.MonkeyPatch) -> Upstreams:
    made = pages.upstreams()
    for service in SERVICES:
        monkeypatch.setenv(f"ATTENDANCE_URL_{service.upper()}", made.url(service))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-10")
    return made


@pytest.fixture
def settings_of_console(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest_asyncio.fixture(params=["design-system", "plain"])
async def console(
    request: pytest.FixtureRequest, tmp_path: Path, settings_of_console: Settings, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """Give the console's address: once with the Design System's style sheet, once with the plain one."""
    if request.param == "plain":
        monkeypatch.setattr(rendering, "STATIC", tmp_path / "nothing")
    elif not (rendering.STATIC / "govuk-frontend.min.css").is_file():
        _without("the Design System's style sheet was not built: npm ci && npm run build")
    server, stopping, ready = Server(create_console(settings_of_console), 0), asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(serve(server, stopping, ready.set))
    await ready.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    stopping.set()
    await running
    upstreams.stop()


@pytest_asyncio.fixture
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        _without("NO BROWSER TESTS: there is no Chromium here")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic", "--disable-gpu"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def visitor(chromium: Browser, console: str) -> AsyncIterator[Page]:
    """Give a page of a manager who has signed in through the form."""
    context = await chromium.new_context(base_url=console)
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.get_by_label("Access token").fill(tokens.issue("manager", name="Mo Lead"))
    await page.get_by_role("button", name="Sign in").click()
    yield page
    await context.close()
