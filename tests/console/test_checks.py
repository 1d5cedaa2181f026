"""Nothing legal is done before a person has checked it: to whom it goes, what it says, the amounts, the days and the time bar."""

import re
from html import unescape
from typing import Any

import pytest

from tests.console import responses
from tests.console.conftest import Browser, act_done, text
from tests.console.responses import CASE, FATHER, MOTHER, PUPIL
from tests.console.test_case_actions import ACTIONS, ALL_PERMISSIONS
from tests.console.upstreams import Upstreams

FIELDS = {slug: fields for slug, _, fields, _ in ACTIONS}
PAGE, PATH = f"/cases/{CASE}/penalty-notice", f"/v1/cases/{CASE}/penalty-notices"
DATES = {"received_on": "2026-11-18", "early_deadline": "2026-12-08", "final_deadline": "2026-12-15"}


def proposed(parent_id: str, **changes: Any) -> dict[str, Any]:
    amounts = {"available": True, "tier": "first", "early_pence": 8000, "full_pence": 16000, "findings": []}
    return {"parent_id": parent_id, "pupil_id": PUPIL} | amounts | changes


@pytest.fixture
async def officer(browser: Browser, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Give the browser of an officer before a case in which every step is possible."""
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-16")
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(actions=ALL_PERMISSIONS))
    refused = proposed(FATHER, available=False, tier="refused", early_pence=None, full_pence=None)
    family = {"items": [proposed(MOTHER), refused], "early_pence": 8000, "full_pence": 16000}
    upstreams.respond("penalties", f"/v1/cases/{CASE}/family-assessments", family, method="POST")
    upstreams.respond("penalties", "/v1/penalty-notices/assessments", DATES, method="POST")
    limits = {"safe_limit": "2027-03-13", "outer_limit": "2027-03-17"}
    upstreams.respond("prosecutions", "/v1/time-limits", limits, method="POST")
    upstreams.respond("penalties", PATH, {}, method="POST", status=201)
    await browser.sign_in("aco")
    return browser


def kept(html: str, button: str) -> dict[str, Any]:
    """Give the hidden fields of the form with a button, as a browser would send them."""
    form = next(each for each in html.split("<form")[1:] if button in each)
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form):
        fields.setdefault(name, []).append(unescape(value))
    return fields


async def test_a_penalty_notice_is_shown_before_it_is_issued_with_amounts_days_and_time_bar(officer: Browser, upstreams: Upstreams):
    response = await officer.fill_in(PAGE, **FIELDS["penalty-notice"])

    page = text(response.text)
    assert response.status_code == 200
    assert "Penalty notice to Sam Example Amount £80 up to 8 December 2026, then £160 up to 15 December 2026" in page
    assert "No penalty notice may be issued to Alex Example: two were issued in three years." in page
    assert "14 September 2026 to 6 October 2026, mainly other absence" in page
    assert "Received 18 November 2026, if it is posted first class today" in page
    assert "a charge by 13 March 2027 (in 117 days) keeps every session. After 17 March 2027 none can be charged." in page
    assert "Nothing has been sent yet." in page
    assert PATH not in [each.path for each in upstreams.posted()]


async def test_a_penalty_notice_is_issued_from_its_check_page_with_what_was_written(officer: Browser, upstreams: Upstreams):
    html = (await officer.fill_in(PAGE, **FIELDS["penalty-notice"])).text

    response = await officer.send(PAGE, **kept(html, "Issue the penalty notice"))

    assert act_done(response) == (303, f"/cases/{CASE}", "penalty-notice")
    (sent,) = [each for each in upstreams.posted() if each.path == PATH]
    assert sent.body == next(body for slug, _, _, body in ACTIONS if slug == "penalty-notice")


async def test_a_person_who_checks_a_notice_may_change_it_and_keeps_every_word(officer: Browser, upstreams: Upstreams):
    slug = "notice-to-improve"
    html = (await officer.fill_in(f"/cases/{CASE}/{slug}", **FIELDS[slug])).text

    changed = (await officer.send(f"/cases/{CASE}/{slug}", **kept(html, "Change what you wrote"))).text

    assert "Support offered Two meetings. Support available now Early Help." in text(html)
    assert "None: it cannot be recorded as failed before its end" in text(html)
    assert "Two meetings.</textarea>" in changed
    assert f'value="{MOTHER}" checked' in changed
    assert upstreams.posted() == []


async def test_a_check_page_warns_where_the_time_bar_falls_before_the_last_day_to_pay(officer: Browser, upstreams: Upstreams):
    limits = {"safe_limit": "2026-12-01", "outer_limit": "2026-12-20"}
    upstreams.respond("prosecutions", "/v1/time-limits", limits, method="POST")

    page = text((await officer.fill_in(PAGE, **FIELDS["penalty-notice"])).text)

    assert "The time bar of the earliest session falls before the last day to pay" in page


async def test_a_check_page_without_the_other_services_shows_that_the_amounts_and_the_time_bar_are_missing(
    officer: Browser, upstreams: Upstreams
):
    upstreams.stop("prosecutions")
    upstreams.respond("penalties", f"/v1/cases/{CASE}/family-assessments", {"title": "Busy"}, method="POST", status=503)

    page = text((await officer.fill_in(PAGE, **FIELDS["penalty-notice"])).text)

    assert "The amounts cannot be worked out at the moment." in page
    assert "The time bar cannot be worked out at the moment." in page
