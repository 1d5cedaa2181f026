"""A console over stand-ins for the services, and a browser's side of it."""

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from services.console.app import create_console
from services.console.banner import COOKIE
from shared.http import tokens
from shared.settings import Settings
from tests.console import differences, engagement, families, flagged, matches, mergers, referrals, reports, responses, sickness, support
from tests.console.upstreams import SERVICES, Upstreams

ORIGIN = "http://console.test"


class Browser:
    """Visits pages as a person does: with cookies, and with the Origin that browsers send along with a form."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def sign_in(self, role: str, *, name: str = "Ann Officer", schools: tuple[int, ...] = ()) -> None:
        response = await self.send("/sign-in", token=tokens.issue(role, name=name, schools=schools))
        assert response.status_code == 303

    async def get(self, path: str) -> httpx2.Response:
        return await self.http.get(path)

    async def send(self, path: str, *, origin: str = ORIGIN, **fields: Any) -> httpx2.Response:
        """Send fields as a form would, as they are."""
        return await self.http.post(path, data=fields, headers={"Origin": origin})

    async def attach(self, path: str, file: tuple[str, bytes] | None, *, to: str | None = None, **fields: Any) -> httpx2.Response:
        """Open a page and send its form with its hidden fields and a file."""
        files = {"file": (*file, "application/octet-stream") if file else ("", b"", "application/octet-stream")}
        return await self.http.post(to or path, data=await self.hidden(path) | fields, files=files, headers={"Origin": ORIGIN})

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
    made.respond_list("penalties", "/v1/cases", responses.a_case_in_a_list())
    reports.respond(made)
    made.respond_list("penalties", f"/v1/cases/{responses.CASE}/support-entries", *support.a_log())
    made.respond("penalties", f"/v1/cases/{responses.CASE}/support-completeness", support.completeness())
    made.respond_list("penalties", f"/v1/cases/{responses.CASE}/lead-professionals", support.a_lead())
    made.respond("penalties", f"/v1/support-entries/{support.ENTRY}", support.an_entry())
    made.respond("penalties", f"/v1/support-entries/{support.REFERRAL}", support.a_referral())
    made.respond_list("penalties", "/v1/notices-to-improve", responses.an_improvement_notice())
    made.respond_list("penalties", "/v1/penalty-notices", responses.a_penalty_notice())
    made.respond("penalties", f"/v1/cases/{responses.CASE}", responses.a_case())
    made.respond("penalties", f"/v1/notices-to-improve/{responses.IMPROVEMENT_NOTICE}", responses.an_improvement_notice())
    made.respond("penalties", f"/v1/penalty-notices/{responses.PENALTY_NOTICE}", responses.a_penalty_notice())
    made.respond_list("prosecutions", "/v1/files", responses.a_file_in_a_list())
    made.respond("prosecutions", f"/v1/files/{responses.FILE}", responses.a_file())
    made.respond("thresholds", f"/v1/pupils/{responses.UPN}/threshold", responses.a_threshold())
    made.respond_list("notifications", "/v1/letters", responses.a_letter())
    made.respond(
        "notifications", f"/v1/letters/{responses.LETTER}", responses.a_letter(status="failed", trouble="O. Perator gave it up: moved.")
    )
    made.respond("registers", f"/v1/people/{responses.PUPIL}", responses.people())
    made.respond_list("registers", "/v1/pupil-differences", differences.a_difference())
    made.respond("registers", f"/v1/pupil-differences/{differences.DIFFERENCE}", differences.a_difference())
    made.respond("registers", f"/v1/schools/{responses.URN}/claims", {"items": []})
    made.respond_list("registers", "/v1/parent-matches", matches.a_match())
    made.respond("registers", f"/v1/parent-matches/{matches.MATCH}", matches.a_match())
    made.respond_list("registers", "/v1/merger-proposals", mergers.a_proposal())
    made.respond("registers", f"/v1/merger-proposals/{mergers.PROPOSAL}", mergers.a_proposal())
    made.respond("registers", "/v1/people", {"items": [responses.people()["pupil"]]})
    made.respond_list("registers", "/v1/schools", responses.a_school())
    made.respond("registers", f"/v1/schools/{responses.URN}", responses.a_school())
    made.respond_list("registers", f"/v1/schools/{responses.URN}/unresolved", responses.an_unresolved_mark())
    made.respond_list("registers", "/v1/unresolved", responses.an_unresolved_mark())
    made.respond_list("registers", "/v1/leave-requests", responses.a_leave_request(siblings=[responses.a_sibling()]))
    made.respond("registers", f"/v1/leave-requests/{responses.LEAVE}", responses.a_leave_request(siblings=[responses.a_sibling()]))
    made.respond("registers", f"/v1/schools/{responses.URN}/flagged", {"items": [flagged.a_flagged_register()]})
    made.respond("registers", f"/v1/schools/{responses.URN}/sickness-questions", {"items": [sickness.a_question()]})
    made.respond("registers", f"/v1/pupils/{responses.UPN}/upns", {"pupil_id": responses.PUPIL})
    made.respond("registers", f"/v1/people/{responses.PUPIL}/family", families.a_family())
    made.respond("registers", f"/v1/parents/{responses.MOTHER}/children", families.a_family())
    made.respond("registers", f"/v1/family-leave-requests/{families.FAMILY}", families.family_leave())
    made.respond("penalties", f"/v1/cases/{responses.CASE}/family-assessments", families.an_assessment("first"), method="POST")
    made.respond("registers", f"/v1/pupils/{responses.UPN}/engagement", engagement.an_engagement())
    made.respond_list("registers", "/v1/imports", responses.an_import())
    made.respond("registers", f"/v1/imports/{responses.IMPORT}", responses.an_import())
    made.respond_list("registers", f"/v1/imports/{responses.IMPORT}/report", responses.a_refused_line())
    for path, answer in (("referral-form", referrals.a_form()), ("referrals", {"items": [referrals.a_sent_referral()]})):
        made.respond("penalties", f"/v1/cases/{responses.CASE}/{path}", answer)
    for service in SERVICES:
        made.respond_list(service, "/v1/dead-letters")
    yield made
    made.stop()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest_asyncio.fixture
async def browser(settings: Settings, upstreams: Upstreams) -> AsyncIterator[Browser]:
    app = create_console(settings)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield Browser(http)


def act_done(response: httpx2.Response) -> tuple[int, str, str]:
    """Give the status of a redirect after an act, its address, and what the page there says once."""
    found = re.search(rf"{COOKIE}=([a-z-]+)\.", response.headers.get("set-cookie", ""))
    return response.status_code, response.headers.get("location", ""), found.group(1) if found else ""


def text(html: str) -> str:
    """Give what is read, without markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
