"""A console over stand-ins for the services, and a browser's side of it."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from services.console.app import create_app
from shared.http import tokens
from shared.settings import Settings
from tests.console import answers
from tests.console.upstreams import SERVICES, Upstreams

ORIGIN = "http://console.test"


class Browser:
    """Visits pages as a person does: with cookies, and with the Origin that browsers send along with a form."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def sign_in(self, role: str, *, name: str = "Ann Officer", schools: tuple[int, ...] = ()) -> None:
        answer = await self.send("/sign-in", token=tokens.issue(role, name=name, schools=schools))
        assert answer.status_code == 303

    async def get(self, path: str) -> httpx2.Response:
        return await self.http.get(path)

    async def send(self, path: str, *, origin: str = ORIGIN, **fields: Any) -> httpx2.Response:
        """Send fields as a form would, as they are."""
        return await self.http.post(path, data=fields, headers={"Origin": origin})

    async def attach(self, path: str, file: tuple[str, bytes] | None, **fields: Any) -> httpx2.Response:
        """Open a page and send its form with its hidden fields and a file."""
        files = {"file": (*file, "application/octet-stream") if file else ("", b"", "application/octet-stream")}
        return await self.http.post(path, data=await self.hidden(path) | fields, files=files, headers={"Origin": ORIGIN})

    async def hidden(self, path: str) -> dict[str, str]:
        """Open a page and return the hidden fields of its form."""
        html = (await self.get(path)).text
        return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', html))

    async def fill_in(self, path: str, *, to: str | None = None, **fields: Any) -> httpx2.Response:
        """Open a page and send its form with its hidden fields."""
        return await self.send(to or path, **await self.hidden(path), **fields)


@pytest.fixture
def upstreams(monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstreams]:
    made = Upstreams()
    made.start()
    for service in SERVICES:
        monkeypatch.setenv(f"ATTENDANCE_URL_{service.upper()}", made.url(service))
    made.listing("penalties", "/v1/cases", answers.a_case_in_a_list())
    made.listing("penalties", "/v1/notices-to-improve", answers.an_improvement_notice())
    made.listing("penalties", "/v1/penalty-notices", answers.a_penalty_notice())
    made.say("penalties", f"/v1/cases/{answers.CASE}", answers.a_case())
    made.say("penalties", f"/v1/notices-to-improve/{answers.WARNING}", answers.an_improvement_notice())
    made.say("penalties", f"/v1/penalty-notices/{answers.FINE}", answers.a_penalty_notice())
    made.listing("prosecutions", "/v1/files", answers.a_file_in_a_list())
    made.say("prosecutions", f"/v1/files/{answers.FILE}", answers.a_file())
    made.say("thresholds", f"/v1/pupils/{answers.UPN}/threshold", answers.a_threshold())
    made.listing("notifications", "/v1/letters", answers.a_letter())
    made.say("registers", f"/v1/people/{answers.PUPIL}", answers.people())
    made.listing("registers", "/v1/schools", answers.a_school())
    made.say("registers", f"/v1/schools/{answers.URN}", answers.a_school())
    made.listing("registers", f"/v1/schools/{answers.URN}/unresolved", answers.an_unresolved_mark())
    made.listing("registers", "/v1/unresolved", answers.an_unresolved_mark())
    made.listing("registers", "/v1/leave-requests", answers.a_leave_request(siblings=[answers.a_sibling()]))
    made.say("registers", f"/v1/leave-requests/{answers.LEAVE}", answers.a_leave_request(siblings=[answers.a_sibling()]))
    made.listing("registers", "/v1/imports", answers.an_import())
    made.say("registers", f"/v1/imports/{answers.IMPORT}", answers.an_import())
    made.listing("registers", f"/v1/imports/{answers.IMPORT}/report", answers.a_refused_line())
    for service in SERVICES:
        made.listing(service, "/v1/dead-letters")
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest_asyncio.fixture
async def browser(settings: Settings, upstreams: Upstreams) -> AsyncIterator[Browser]:
    app = create_app(settings)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield Browser(http)
