"""Whatever a service answers to a form, a person reads a page in plain words and has a way on from it."""

import re
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute

from services.console.pages import ROUTERS
from tests.console.conftest import ORIGIN, Browser, text
from tests.console.differences import DIFFERENCE
from tests.console.families import FAMILY
from tests.console.matches import MATCH
from tests.console.mergers import PROPOSAL
from tests.console.responses import CASE, LEAVE, LETTER, MOTHER, UPN, URN
from tests.console.support import ENTRY, REFERRAL
from tests.console.upstreams import Upstreams

A_DAY = {
    f"{name}-{unit}": value for name in ("asked_on", "from", "to") for unit, value in (("day", "5"), ("month", "10"), ("year", "2026"))
}
AN_ENTRY = {"kind": "call", "made_on-day": "14", "made_on-month": "9", "made_on-year": "2026", "notes": "Rang."}
FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "/cases/{case_id}/{slug}": (f"/cases/{CASE}/decision", "aco", {"decision": "no-action", "reason": "A reason."}),
    "/cases/new": ("/cases/new", "aco", {"upn": UPN, "urn": str(URN), "reason": "A reason."}),
    "/cases/{case_id}/support": (f"/cases/{CASE}/support", "aco", AN_ENTRY),
    "/cases/{case_id}/support/{entry_id}": (
        f"/cases/{CASE}/support/{ENTRY}",
        "manager",
        {**AN_ENTRY, "version": "2", "reason": "A reason."},
    ),
    "/cases/{case_id}/support/{entry_id}/step": (
        f"/cases/{CASE}/support/{REFERRAL}/step",
        "manager",
        {"step": "waiting", "step_notes": "Six weeks.", "taken_on-day": "21", "taken_on-month": "9", "taken_on-year": "2026"},
    ),
    "/cases/{case_id}/referral": (
        f"/cases/{CASE}/referral",
        "aco",
        {"parents": MOTHER, "course": "penalty-notice", "statement": "Support did not work."},
    ),
    "/cases/{case_id}/lead": (
        f"/cases/{CASE}/lead",
        "manager",
        {"name": "J. Lane", "office": "senco", "since-day": "14", "since-month": "9", "since-year": "2026"},
    ),
    "/cases/{case_id}/support/{entry_id}/files": (f"/cases/{CASE}/support/{ENTRY}/files", "manager", {}),
    "/differences/{difference_id}": (f"/differences/{DIFFERENCE}", "aco", {"counts": str(URN), "reason": "A reason."}),
    "/schools/{urn}/flagged/{day}/{session}": (
        f"/schools/{URN}/flagged/2026-09-14/AM",
        "manager",
        {"upn": UPN, "step": "confirm", "reason": "A reason.", "title": "Head"},
    ),
    "/schools/{urn}/sickness/{day}/{session}": (
        f"/schools/{URN}/sickness/2026-09-14/AM",
        "manager",
        {"upn": UPN, "step": "answer", "turned_away": "no", "reason": "A reason."},
    ),
    "/imports/new": ("/imports/new", "manager", {}),
    "/family-leave/{family_id}/decision": (f"/family-leave/{FAMILY}/decision", "manager", {"outcome": "refused", "reason": "A reason."}),
    "/leave/{leave_id}/{slug}": (f"/leave/{LEAVE}/decision", "manager", {"outcome": "refused", "reason": "A reason."}),
    "/schools/{urn}/leave/new": (
        f"/schools/{URN}/leave/new",
        "manager",
        {"upn": UPN, "step": "request", "parent_id": MOTHER, "reason": "A reason.", **A_DAY},
    ),
    "/letters/{letter_id}": (f"/letters/{LETTER}", "manager", {"reason": "A reason."}),
    "/letters/{letter_id}/date-decision": (f"/letters/{LETTER}/date-decision", "manager", {"corrects": "no", "reason": "A reason."}),
    "/matches/{match_id}": (f"/matches/{MATCH}", "aco", {"same": "yes", "reason": "A reason."}),
    "/matches/{match_id}/undo": (f"/matches/{MATCH}/undo", "aco", {"reason": "A reason."}),
    "/mergers/{proposal_id}": (f"/mergers/{PROPOSAL}", "aco", {"same": "no", "reason": "A reason."}),
    "/operations/{service}/{letter_id}/replay": ("/operations/penalties/7/replay", "operations", {}),
    "/operations/{service}/{letter_id}/dismissal": ("/operations/penalties/7/dismissal", "operations", {"reason": "A reason."}),
    "/operations/{service}/due-work": ("/operations/penalties/due-work", "operations", {"reason": "A reason."}),
}
"""A form of every route that sends one on to a service: its address, who sends it, and its fields."""

KEPT = {"/sign-in", "/sign-in/{code}", "/sign-out", "/pupils"}
"""Forms that are sent on to no service; that of pupils only reads."""

SENTENCE = "The reason is given in no language that is known."


def test_every_form_of_the_console_is_tried():
    posts = {
        str(route.path) for router in ROUTERS for route in router.routes if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }

    assert posts == FORMS.keys() | KEPT


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 429, 500, 502, 503])
@pytest.mark.parametrize("route", FORMS)
async def test_a_form_that_a_service_refuses_is_explained_with_a_way_on(browser: Browser, upstreams: Upstreams, route: str, status: int):
    path, role, fields = FORMS[route]
    upstreams.posts = (status, {"title": "It is refused", "detail": SENTENCE, "status": status})
    await browser.sign_in(role)

    response = await _send(browser, path, fields)

    assert upstreams.posted(), "the form was sent on"
    assert response.headers["content-type"].startswith("text/html")
    assert response.status_code == (502 if status == 500 else status)
    assert ("retry-after" in response.headers) == (status == 503)
    assert response.text.count("<h1") == 1
    assert _ways_on(response)
    if status in {409, 422, 413, 429, 400}:
        assert SENTENCE in text(response.text)


async def _send(browser: Browser, path: str, fields: dict[str, Any]) -> httpx2.Response:
    """Send a form with the hidden fields that every form of a sign-in has; the one of imports has a file."""
    hidden = await browser.hidden("/schools")
    files = {"file": ("marks.csv", b"x", "application/octet-stream")} if path.endswith(("/new", "/files")) and not fields else None
    return await browser.http.post(path, data={**hidden, **fields}, files=files, headers={"Origin": ORIGIN})


def _ways_on(response: httpx2.Response) -> list[str]:
    """Return the links and buttons of a page besides its header, menu and footer."""
    main = response.text.split("</header>")[1].split("<footer")[0]
    return re.findall(r"<a [^>]*href=|<button", re.sub(r'<nav aria-label="Menu".*?</nav>', "", main, flags=re.DOTALL))
