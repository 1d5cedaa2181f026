"""What people see."""

import asyncio
import re
from typing import Any

import pytest
import structlog

from services.console.clients import Services
from tests.console import responses, steps
from tests.console.conftest import Browser, text
from tests.console.responses import CASE, FILE, IMPROVEMENT_NOTICE, LETTER, PENALTY_NOTICE, PUPIL, UPN
from tests.console.upstreams import Upstreams


async def test_the_work_list_shows_what_waits_with_names_and_deadlines(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-03-10")
    await browser.sign_in("aco")

    page = text((await browser.get("/")).text)

    assert "Robin Example , court file to be charged by 14 March 2027" in page
    assert "14 March 2027 in 4 days" in page
    assert "881-7K2M-9QXT" in page
    assert "£0 of £160" in page
    assert "13 November 2026 117 days ago" in page
    assert "Riverside Primary" in page
    assert "does not answer" not in page


async def test_the_work_list_asks_for_what_is_open(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    await browser.get("/")

    asked = {(each.path, each.query.get("status")) for each in upstreams.requests}
    assert asked >= {("/v1/cases", "open"), ("/v1/files", "draft"), ("/v1/penalty-notices", "overdue"), ("/v1/notices-to-improve", "ended")}


async def test_an_empty_work_list_has_a_sentence_for_each_list(browser: Browser, upstreams: Upstreams):
    for service, path in (
        ("penalties", "cases"),
        ("penalties", "notices-to-improve"),
        ("penalties", "penalty-notices"),
        ("prosecutions", "files"),
    ):
        upstreams.respond_list(service, f"/v1/{path}")
    await browser.sign_in("manager")

    page = text((await browser.get("/")).text)

    for sentence in (
        "No case is open.",
        "No Notice to Improve awaits an outcome.",
        "No penalty notice is overdue.",
        "No court file is waiting.",
    ):
        assert sentence in page


@pytest.mark.parametrize(
    ("down", "still_there"),
    [("penalties", "14 March 2027"), ("prosecutions", "881-7K2M-9QXT"), ("registers", "UPN A881200000401")],
)
async def test_a_service_that_is_down_is_named_and_the_rest_is_shown(browser: Browser, upstreams: Upstreams, down: str, still_there: str):
    upstreams.stop(down)
    await browser.sign_in("aco")

    response = await browser.get("/")

    assert response.status_code == 200
    assert f"The service {down} does not answer at the moment." in text(response.text)
    assert still_there in text(response.text)


async def test_a_school_is_not_asked_to_look_at_court_files(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/people", {"title": "No"}, status=403)
    await browser.sign_in("school", schools=(responses.URN,))

    page = text((await browser.get("/")).text)

    assert "Court files" not in page
    assert "UPN A881200000401" in page
    assert not [each for each in upstreams.requests if each.service == "prosecutions"]


async def test_a_case_shows_who_what_it_rests_on_and_what_may_be_done(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-01")
    await browser.sign_in("aco")

    html = (await browser.get(f"/cases/{CASE}")).text

    page = text(html)
    assert "Case of Robin Example" in page
    assert "Riverside Primary (100401)" in page
    assert "Fri 18 Sep 2026, afternoon" in page
    assert "Mon 14 Sep 2026 Morning O: Absent, and no other code applies" in page
    assert "Sam Example" in page
    assert "threshold_sessions" not in page
    assert "National framework for penalty notices, August 2024" in page
    assert "Decide what happens next Possible now" in page
    assert "Issue a Notice to Improve No decision for a Notice to Improve names this parent. Not now" in page
    assert html.count("console-strip__half--counts") == 10


async def test_a_case_shows_its_notices_with_dates_amounts_and_letters(browser: Browser, upstreams: Upstreams):
    notices = [
        steps.a_notice_of_a_case(IMPROVEMENT_NOTICE, "notice-to-improve", responses.MOTHER, "ended", "2026-09-21"),
        steps.a_notice_of_a_case(PENALTY_NOTICE, "penalty-notice", responses.FATHER, "served", "2026-11-16"),
    ]
    decisions, agreements = [steps.a_decision()], [steps.an_agreement()]
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(notices=notices, decisions=decisions, agreements=agreements))
    await browser.sign_in("aco")

    html = (await browser.get(f"/cases/{CASE}")).text

    page = text(html)
    assert "Notice to Improve to Sam Example" in page
    assert "28 September 2026 to 13 November 2026" in page
    assert "2 sessions since the day after it was received" in page
    assert "£80 up to 8 December 2026, then £160 up to 15 December 2026" in page
    assert f'href="/letters/{LETTER}.pdf"' in html
    assert "Penalty notice: Alex Example" in page
    assert "The authority agrees: penalty notice" in page


async def test_a_case_links_to_the_other_open_cases_of_the_child(browser: Browser, upstreams: Upstreams):
    other = {"id": FILE, "urn": 100402, "met_at": {"date": "2026-10-09", "session": "PM"}, "status": "open"}
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(other_cases=[other]))
    await browser.sign_in("aco")

    page = (await browser.get(f"/cases/{CASE}")).text

    assert f'href="/cases/{FILE}"' in page
    assert "Threshold met on 9 October 2026 at school 100402" in text(page)


async def test_a_case_is_shown_while_notifications_is_down(browser: Browser, upstreams: Upstreams):
    notice = steps.a_notice_of_a_case(PENALTY_NOTICE, "penalty-notice", responses.FATHER, "served", "2026-11-16")
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(notices=[notice]))
    upstreams.stop("notifications")
    await browser.sign_in("aco")

    page = text((await browser.get(f"/cases/{CASE}")).text)

    assert "The service notifications does not answer at the moment." in page
    assert "Letters not known at the moment" in page


async def test_texts_from_services_are_never_markup(browser: Browser, upstreams: Upstreams):
    nasty = '<script>alert("x")</script>'
    parents = [{"id": responses.MOTHER, "name": nasty, "relationship": nasty, "lives_with_pupil": None, "open_match": False}]
    upstreams.respond("registers", "/v1/people", {"items": [responses.people(forename=nasty)["pupil"]]})
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(pupil_name=nasty, parents=parents))
    await browser.sign_in("aco")

    for path in ("/", "/cases", f"/cases/{CASE}", f"/cases/{CASE}/decision", f"/files/{FILE}", "/files"):
        html = (await browser.get(path)).text

        assert "<script" not in html
        assert "&lt;script&gt;" in html


async def test_a_missing_case_and_a_case_of_another_school_show_an_error_page(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{PUPIL}", {"title": "Forbidden", "detail": "This is not yours to see."}, status=403)
    await browser.sign_in("school", schools=(100402,))

    missing, foreign, no_id = (
        await browser.get(f"/cases/{FILE}"),
        await browser.get(f"/cases/{PUPIL}"),
        await browser.get("/cases/not-an-id"),
    )

    assert (missing.status_code, foreign.status_code, no_id.status_code) == (404, 403, 404)
    assert "Page not found" in missing.text
    assert "This is not yours to see." in foreign.text


async def test_a_page_whose_own_service_is_down_names_the_service(browser: Browser, upstreams: Upstreams):
    upstreams.stop("penalties")
    await browser.sign_in("aco")

    response = await browser.get(f"/cases/{CASE}")

    assert response.status_code == 502
    assert "penalties does not answer at the moment" in response.text


async def test_a_response_that_does_not_match_its_model_counts_as_no_response(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", {"id": CASE, "surname": "Secret"})
    await browser.sign_in("aco")

    with structlog.testing.capture_logs() as logs:
        response = await browser.get(f"/cases/{CASE}")

    assert response.status_code == 502
    assert "Secret" not in str(logs)
    assert any(each["event"] == "response does not match its model" for each in logs)


async def test_a_threshold_is_explained_and_the_upn_stays_out_of_addresses_and_logs(browser: Browser):
    await browser.sign_in("aco")

    with structlog.testing.capture_logs() as logs:
        response = await browser.fill_in("/pupils", upn=f" {UPN.lower()} ")

    assert response.status_code == 200
    assert "The threshold was met on Fri 18 Sep 2026, in the afternoon." in text(response.text)
    assert "National framework for penalty notices" in response.text
    assert UPN not in str(logs)
    assert not re.findall(rf'(?:href|action)="[^"]*{UPN}', response.text)


async def test_a_pupils_cases_are_asked_for_beside_the_threshold(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    asked, get = asyncio.Event(), Services.get

    async def get_in_turn(self: Services, service: str, path: str, model: Any, **query: Any) -> Any:
        if service == "penalties":
            asked.set()
        if service == "thresholds":
            await asyncio.wait_for(asked.wait(), 5)
        return await get(self, service, path, model, **query)

    monkeypatch.setattr(Services, "get", get_in_turn)
    await browser.sign_in("aco")

    response = await browser.fill_in("/pupils", upn=UPN)

    assert response.status_code == 200


async def test_a_threshold_that_is_not_met_shows_how_many_sessions_count(browser: Browser, upstreams: Upstreams):
    below = responses.a_threshold(status="below", count=2, met_at=None, window=None, sessions=[], counting=responses.sessions("2026-09-14"))
    upstreams.respond("thresholds", f"/v1/pupils/{UPN}/threshold", below)
    await browser.sign_in("aco")

    page = text((await browser.fill_in("/pupils", upn=UPN)).text)

    assert "2 of ten sessions count. The threshold is not met." in page
    assert "Mon 14 Sep 2026 Morning" in page


@pytest.mark.parametrize(
    ("status", "upn", "sentence"),
    [(None, "12345", "Enter a UPN"), (404, UPN, "No pupil with this UPN is known"), (403, UPN, "This pupil is not within your reach")],
)
async def test_a_pupil_who_cannot_be_shown(browser: Browser, upstreams: Upstreams, status: int | None, upn: str, sentence: str):
    upstreams.respond("thresholds", f"/v1/pupils/{UPN}/threshold", {"title": "No"}, status=status or 200)
    await browser.sign_in("aco")

    response = await browser.fill_in("/pupils", upn=upn)

    assert response.status_code == (status or 422)
    assert sentence in response.text


async def test_a_court_file_shows_limits_chronology_and_open_questions(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-03-13")
    await browser.sign_in("aco")

    listed, page = text((await browser.get("/files")).text), text((await browser.get(f"/files/{FILE}")).text)

    assert "Robin Example" in listed
    assert "This is a draft, no charge." in page
    assert "14 March 2027 (tomorrow)" in page
    assert "6 April 2027 (in 24 days)" in page
    assert "Penalty notice issued (Ann Officer)" in page
    assert "Is a prosecution in the public interest? Code for Crown Prosecutors Not answered yet" in page


@pytest.mark.parametrize(
    ("service", "path", "page"),
    [
        ("prosecutions", f"/v1/files/{FILE}/bundle.pdf", f"/files/{FILE}/bundle.pdf"),
        ("notifications", f"/v1/letters/{LETTER}.pdf", f"/letters/{LETTER}.pdf"),
    ],
)
async def test_documents_come_through_as_they_are(browser: Browser, upstreams: Upstreams, service: str, path: str, page: str):
    made = b"%PDF-1.7 " + bytes(100_000)
    upstreams.respond(service, path, made)
    await browser.sign_in("aco")

    response = await browser.get(page)

    assert (response.status_code, response.headers["content-type"], response.content) == (200, "application/pdf", made)
    assert response.headers["cache-control"] == "no-store"
