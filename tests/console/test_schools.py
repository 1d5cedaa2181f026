"""Pages of a school: its list, the marks that await their reason, requests for leave."""

from typing import Any

import pytest

from tests.console import responses
from tests.console.conftest import Browser, act_done
from tests.console.responses import LEAVE, MOTHER, PUPIL, UPN, URN
from tests.console.upstreams import Upstreams

OTHER = 100402


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-10")


async def test_an_officer_sees_the_schools_of_a_district(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    html = (await browser.get("/schools?district=Braintree+")).text

    assert f'href="/schools/{URN}">Mill Lane School</a>' in html
    assert upstreams.requests[-1].query == {"district": "Braintree", "limit": "100"}
    upstreams.respond_list("registers", "/v1/schools")
    assert "No school of this district is known" in (await browser.get("/schools?district=Nowhere")).text
    assert "No school is known yet." in (await browser.get("/schools")).text


async def test_the_next_page_keeps_the_district(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("registers", "/v1/schools", responses.a_school(), more="100401")
    await browser.sign_in("aco")

    assert 'href="/schools?district=Braintree&amp;after=100401"' in (await browser.get("/schools?district=Braintree")).text.replace(
        "&after", "&amp;after"
    )


async def test_a_person_with_one_school_is_redirected_to_its_page(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    response = await browser.get("/schools")

    assert (response.status_code, response.headers["location"]) == (303, f"/schools/{URN}")


async def test_a_person_with_several_schools_chooses_among_those_alone(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/schools/{OTHER}", responses.a_school(urn=OTHER, name="High Road Primary"))
    await browser.sign_in("school", schools=(URN, OTHER))

    html = (await browser.get("/schools")).text

    assert "Mill Lane School" in html
    assert "High Road Primary" in html
    assert 'name="district"' not in html
    assert {each.path for each in upstreams.requests} == {f"/v1/schools/{URN}", f"/v1/schools/{OTHER}"}


async def test_a_school_s_page_counts_what_waits(browser: Browser, upstreams: Upstreams):
    late = responses.an_unresolved_mark(overdue=True, days_left=-3)
    upstreams.respond_list("registers", f"/v1/schools/{URN}/unresolved", late, responses.an_unresolved_mark(session="PM"), more="x")
    await browser.sign_in("school", schools=(URN,))

    html = (await browser.get(f"/schools/{URN}")).text

    assert "<strong>2+</strong> marks await their reason" in html
    assert "<strong>1</strong> request for leave awaits a decision" in html
    assert "The time for the reason has passed for 1 mark among the oldest." in html
    assert "/imports" not in html
    await browser.sign_in("manager")
    assert f"/imports/new?urn={URN}" in (await browser.get(f"/schools/{URN}")).text


@pytest.mark.parametrize(("pupils", "marks", "shown"), [(2, 2_500, "2,500 marks of 2 pupils wait"), (1, 1, "1 mark of 1 pupil waits")])
async def test_a_school_s_page_shows_how_many_quarantined_marks_are_being_stored(
    browser: Browser, upstreams: Upstreams, pupils: int, marks: int, shown: str
):
    await browser.sign_in("school", schools=(URN,))
    assert "to be stored" not in (await browser.get(f"/schools/{URN}")).text
    upstreams.respond("registers", f"/v1/schools/{URN}/releases", {"pupils": pupils, "marks": marks})

    assert f"{shown} to be stored." in (await browser.get(f"/schools/{URN}")).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "2 school days"),
        ({"days_left": 1}, "1 school day"),
        ({"days_left": 0}, "Today is the last day"),
        ({"days_left": -1, "overdue": True}, "Overdue"),
        ({"days_left": None, "due_on": None}, "calendar does not reach that far"),
    ],
)
async def test_an_unresolved_mark_shows_the_time_left_for_its_reason(
    browser: Browser, upstreams: Upstreams, changes: dict[str, Any], words: str
):
    upstreams.respond_list("registers", f"/v1/schools/{URN}/unresolved", responses.an_unresolved_mark(**changes), more="2027-01-05/AM/x")
    await browser.sign_in("aco")

    html = (await browser.get(f"/schools/{URN}/unresolved")).text

    assert words in html
    assert UPN in html
    assert f"/schools/{URN}/unresolved?after=2027-01-05/AM/x" in html


async def test_empty_lists_of_a_school_have_a_sentence_each(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("registers", f"/v1/schools/{URN}/unresolved")
    upstreams.respond_list("registers", "/v1/leave-requests")
    await browser.sign_in("aco")

    assert "No mark awaits its reason." in (await browser.get(f"/schools/{URN}/unresolved")).text
    assert "No request awaits a decision." in (await browser.get(f"/schools/{URN}/leave")).text
    assert "There is no such request." in (await browser.get(f"/schools/{URN}/leave?status=refused")).text


async def test_requests_for_leave_are_listed_by_status(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    html = (await browser.get(f"/schools/{URN}/leave")).text
    assert upstreams.last("/v1/leave-requests").query == {"urn": str(URN), "status": "asked", "limit": "100"}
    await browser.get(f"/schools/{URN}/leave?status=all")
    assert "status" not in upstreams.last("/v1/leave-requests").query

    assert f'href="/leave/{LEAVE}"' in html
    assert "Sibling on the same days" in html
    assert "in 8 days" in html
    assert UPN not in str(browser.http.cookies)


async def test_a_request_is_shown_with_who_asked_and_the_siblings(browser: Browser, upstreams: Upstreams):
    parent = {"id": MOTHER, "forename": "Sam", "surname": "Example"}
    upstreams.respond("registers", f"/v1/people/{PUPIL}", responses.people() | {"parents": [parent]})
    await browser.sign_in("school", schools=(URN,))

    html = (await browser.get(f"/leave/{LEAVE}")).text

    assert "Sam Example, with whom the pupil lives" in html
    assert "A wedding abroad." in html
    assert "High Road Primary" in html
    assert f"/leave/{LEAVE}/decision" in html
    assert f"/leave/{LEAVE}/withdrawal" in html


async def test_a_person_who_may_not_decide_is_offered_no_decision(browser: Browser):
    await browser.sign_in("acsa")

    html = (await browser.get(f"/leave/{LEAVE}")).text
    assert f"/leave/{LEAVE}/decision" not in html
    assert f"/leave/{LEAVE}/withdrawal" in html
    form = (await browser.get(f"/leave/{LEAVE}/decision")).text
    assert "This needs another role." in form
    assert "idempotency_key" not in form


async def test_a_withdrawn_request_shows_its_decision_and_offers_no_action(browser: Browser, upstreams: Upstreams):
    done = responses.a_leave_request(status="withdrawn", decision=responses.a_leave_decision(), withdrawal=responses.a_withdrawal())
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}", done)
    await browser.sign_in("manager")

    html = (await browser.get(f"/leave/{LEAVE}")).text

    assert "No letter goes out about a withdrawal. The parents keep the letter about the decision." in html
    assert "H. Head" in html
    assert f"/leave/{LEAVE}/decision" not in html
    assert "The request was withdrawn." in (await browser.get(f"/leave/{LEAVE}/withdrawal")).text


async def test_a_request_for_leave_that_has_begun_shows_a_warning(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-18")
    await browser.sign_in("aco")

    assert "The leave has begun." in (await browser.get(f"/leave/{LEAVE}")).text


@pytest.mark.parametrize(
    ("slug", "fields", "body"),
    [
        (
            "decision",
            {"outcome": "C1", "reason": " A close relative. "},
            {"outcome": "granted", "code": "C1", "reason": "A close relative."},
        ),
        ("decision", {"outcome": "refused", "reason": "A holiday."}, {"outcome": "refused", "reason": "A holiday."}),
        (
            "withdrawal",
            {"withdrawn_on-day": "8", "withdrawn_on-month": "1", "withdrawn_on-year": "2027", "reason": "It is off."},
            {"withdrawn_on": "2027-01-08", "reason": "It is off."},
        ),
    ],
)
async def test_an_action_about_leave_is_sent_once_in_the_shape_that_the_service_accepts(
    browser: Browser, upstreams: Upstreams, slug: str, fields: dict[str, str], body: dict[str, str]
):
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}/{slug}", {}, method="POST", status=201)
    await browser.sign_in("manager")

    response = await browser.fill_in(f"/leave/{LEAVE}/{slug}", **fields)

    assert act_done(response) == (303, f"/leave/{LEAVE}", f"leave-{slug}")
    (sent,) = upstreams.posted()
    assert sent.body == body
    assert len(sent.headers["idempotency-key"]) == 36
    assert 'role="alert"' in (await browser.get(response.headers["location"])).text


@pytest.mark.parametrize("slug", ["decision", "withdrawal"])
async def test_an_action_about_leave_without_a_reason_shows_an_error(browser: Browser, upstreams: Upstreams, slug: str):
    await browser.sign_in("manager")

    response = await browser.fill_in(f"/leave/{LEAVE}/{slug}")

    assert response.status_code == 422
    assert "<title>Error: " in response.text
    assert '<a href="#reason">Give the reason</a>' in response.text
    assert upstreams.posted() == []


async def test_a_refused_action_about_leave_shows_why_and_keeps_the_entries(browser: Browser, upstreams: Upstreams):
    problem = {"title": "The law does not allow this leave", "detail": "C is for leave that was asked for before it began.", "status": 409}
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}/decision", problem, method="POST", status=409)
    await browser.sign_in("aco")

    response = await browser.fill_in(f"/leave/{LEAVE}/decision", outcome="C", reason="A <wedding>.")

    assert response.status_code == 409
    assert "C is for leave that was asked for before it began." in response.text
    assert "A &lt;wedding&gt;.</textarea>" in response.text
    assert 'value="C" checked' in response.text


async def test_the_form_is_kept_while_registers_is_down(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}/decision", {"title": "Unavailable"}, method="POST", status=503)
    await browser.sign_in("aco")

    response = await browser.fill_in(f"/leave/{LEAVE}/decision", outcome="refused", reason="A holiday.")

    assert response.status_code == 502
    assert "Send it again" in response.text
    assert "A holiday." in response.text


async def test_an_unknown_action_about_leave_is_not_found(browser: Browser):
    await browser.sign_in("manager")

    assert (await browser.get(f"/leave/{LEAVE}/abolition")).status_code == 404
    assert (await browser.get("/schools/1")).status_code == 404


@pytest.mark.parametrize("path", ["/unresolved", "/leave"])
async def test_an_officer_works_through_a_district(browser: Browser, upstreams: Upstreams, path: str):
    await browser.sign_in("aco")

    html = (await browser.get(f"{path}?district=Castle+Point")).text

    assert upstreams.requests[-1].query["district"] == "Castle Point"
    assert "Mill Lane School" in html or "Robin Example" in html
    assert 'href="/schools?district=Castle%20Point"' in html
    assert 'value="Castle Point"' in html
    assert f'href="{path}?district=Castle%20Point"' in (await browser.get("/schools?district=Castle+Point")).text
    await browser.get(path)
    assert "district" not in upstreams.requests[-1].query


async def test_another_status_keeps_the_district_and_another_district_the_status(browser: Browser):
    await browser.sign_in("aco")

    html = (await browser.get("/leave?district=Harlow&status=refused")).text

    assert "/leave?district=Harlow&amp;status=granted" in html.replace("Harlow&status", "Harlow&amp;status")
    assert '<input type="hidden" name="status" value="refused">' in html
