"""A request for leave is recorded, and a mark that contradicts granted leave is confirmed by a person."""

import pytest

from tests.console import responses
from tests.console.conftest import Browser, act_done
from tests.console.responses import LEAVE, MOTHER, PUPIL, UPN, URN
from tests.console.upstreams import Upstreams

NEW = f"/schools/{URN}/leave/new"
PARENT = {"id": MOTHER, "forename": "Sam", "surname": "Example", "urn": URN}
ELSEWHERE = {"id": PUPIL, "forename": "Kim", "surname": "Other", "urn": 100999}
DATES = {
    f"{name}-{unit}": value
    for name, day in (("asked_on", "4"), ("from", "18"), ("to", "22"))
    for unit, value in (("day", day), ("month", "1"), ("year", "2027"))
}
REQUEST = {"step": "request", "upn": UPN, "parent_id": MOTHER, "reason": "A wedding.", **DATES}
FLAGGED = f"/schools/{URN}/flagged"


@pytest.fixture(autouse=True)
def _with_parents(upstreams: Upstreams) -> None:
    upstreams.respond("registers", f"/v1/people/{PUPIL}", responses.people() | {"parents": [PARENT, ELSEWHERE]})


async def test_the_pupil_is_named_in_a_form_and_the_parents_of_this_school_are_offered(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    response = await browser.fill_in(NEW, upn=f" {UPN.lower()} ")

    assert "Robin Example" in response.text
    assert f'value="{MOTHER}"' in response.text
    assert "Kim Other" not in response.text


async def test_a_request_is_recorded_and_shown(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/leave-requests", responses.a_leave_request(), method="POST", status=201)
    await browser.sign_in("business-support")

    response = await browser.fill_in(NEW, **REQUEST)

    assert act_done(response) == (303, f"/leave/{LEAVE}", "leave-recorded")
    (sent,) = upstreams.posted()
    assert sent.body == {
        "upn": UPN,
        "urn": URN,
        "parent_id": MOTHER,
        "asked_on": "2027-01-04",
        "from": "2027-01-18",
        "to": "2027-01-22",
        "reason": "A wedding.",
    }
    assert "The request is recorded." in (await browser.get(response.headers["location"])).text


@pytest.mark.parametrize(
    ("changes", "field", "text"),
    [
        ({"upn": "12"}, "upn", "Enter a UPN: a letter, eleven digits, and a digit or a letter"),
        ({"parent_id": ""}, "parent_id", "Choose the parent who asks"),
        ({"from-day": "", "from-month": "", "from-year": ""}, "from", "Enter the first day of the leave"),
        ({"reason": " "}, "reason", "Give the reason, in the words of the parent"),
    ],
)
async def test_a_request_that_lacks_something_is_shown_again(
    browser: Browser, upstreams: Upstreams, changes: dict[str, str], field: str, text: str
):
    await browser.sign_in("manager")

    response = await browser.fill_in(NEW, **(REQUEST | changes))

    assert response.status_code == 422
    assert f'<a href="#{field}">{text}</a>' in response.text
    assert upstreams.posted() == []


async def test_a_refused_request_keeps_what_was_entered(browser: Browser, upstreams: Upstreams):
    problem = {"title": "The pupil is not on this school's roll when the leave begins", "status": 409}
    upstreams.respond("registers", "/v1/leave-requests", problem, method="POST", status=409)
    await browser.sign_in("aco")

    response = await browser.fill_in(NEW, **REQUEST)

    assert response.status_code == 409
    assert "The pupil is not on this school" in response.text
    assert "A wedding." in response.text


async def test_a_pupil_without_parents_or_out_of_reach_is_explained(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")
    upstreams.respond("registers", f"/v1/people/{PUPIL}", responses.people())
    assert "No parent of this pupil is recorded at this school." in (await browser.fill_in(NEW, upn=UPN)).text

    upstreams.respond("registers", f"/v1/pupils/{UPN}/upns", {"title": "Forbidden"}, status=403)
    assert "This pupil is not within your reach" in (await browser.fill_in(NEW, upn=UPN)).text


async def test_only_who_may_record_leave_is_offered_the_form(browser: Browser):
    await browser.sign_in("operations")

    assert (await browser.get(NEW)).status_code == 403


async def test_flagged_marks_are_listed_and_one_on_a_day_of_leave_can_be_confirmed(browser: Browser, upstreams: Upstreams):
    path = f"/v1/schools/{URN}/registers/2027-01-05/AM/marks/{UPN}/confirmation"
    upstreams.respond("registers", path, {}, method="POST", status=201)
    await browser.sign_in("school", schools=(URN,))

    html = (await browser.get(FLAGGED)).text
    hidden, confirmation = await browser.hidden(FLAGGED), f"{FLAGGED}/2027-01-05/AM"
    asked = await browser.send(confirmation, **hidden)
    empty = await browser.send(confirmation, **hidden, step="confirm", reason="", title="")
    done = await browser.send(confirmation, **hidden, step="confirm", reason="Seen abroad.", title="Head", idempotency_key="k")

    assert "Leave was granted for this day." in html
    assert f'action="{FLAGGED}/2027-01-05/AM"' in html
    assert "Why is the mark right?" in asked.text
    assert (empty.status_code, "Give the reason" in empty.text) == (422, True)
    assert act_done(done) == (303, f"{FLAGGED}?to=2027-01-05", "mark-confirmed")
    (sent,) = upstreams.posted()
    assert sent.body == {"reason": "Seen abroad.", "confirmed_by": {"name": "Ann Officer", "title": "Head"}}


async def test_a_person_who_may_not_confirm_is_offered_no_button(browser: Browser):
    await browser.sign_in("aco")

    assert "Confirm the mark" not in (await browser.get(FLAGGED)).text


async def test_an_import_shows_its_warnings_its_mapping_and_what_is_stored_with_a_remark(browser: Browser, upstreams: Upstreams):
    found = responses.an_import(warnings=["There is more."], noted=1, mapping='date_format = "%d"')
    upstreams.respond("registers", f"/v1/imports/{responses.IMPORT}", found)
    upstreams.respond_list("registers", f"/v1/imports/{responses.IMPORT}/report", responses.a_refused_line(stored=True))
    await browser.sign_in("manager")

    html = (await browser.get(f"/imports/{responses.IMPORT}")).text

    assert "There is more." in html
    assert "date_format = " in html
    assert "The mark is stored." in html
    assert f'href="{FLAGGED}"' in html


async def test_a_part_time_timetable_is_sent_as_sessions_of_the_week(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/leave-requests", responses.a_leave_request(), method="POST", status=201)
    await browser.sign_in("business-support")
    week = {"week-monday": "AM", "week-tuesday-from": "8.45", "week-tuesday-to": "10:00"}

    await browser.fill_in(NEW, **REQUEST, **week)

    (sent,) = upstreams.posted()
    assert sent.body["sessions_of_week"] == [
        {"weekday": "monday", "sessions": ["AM"]},
        {"weekday": "tuesday", "sessions": [], "from": "08:45", "to": "10:00"},
    ]


async def test_a_request_for_sessions_of_the_week_shows_them_and_proposes_them_for_the_decision(browser: Browser, upstreams: Upstreams):
    days = [{"weekday": "monday", "sessions": ["AM"], "from": "08:45", "to": "10:00"}]
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}", responses.a_leave_request(sessions_of_week=days))
    await browser.sign_in("school", schools=(URN,))

    shown = (await browser.get(f"/leave/{LEAVE}")).text
    form = (await browser.get(f"/leave/{LEAVE}/decision")).text

    assert "Monday morning, 08:45 to 10:00" in shown
    assert 'name="week-monday" type="checkbox" value="AM" checked' in form
    assert 'name="week-monday-from" type="text" autocomplete="off" spellcheck="false" value="08:45"' in form


async def test_a_refused_time_marks_the_sessions_of_the_week(browser: Browser, upstreams: Upstreams):
    error = {"loc": ["body", "sessions_of_week", 0, "from"], "msg": "Input should be a valid time", "type": "time_parsing"}
    problem = {
        "title": "Invalid",
        "status": 422,
        "errors": [{"field": "sessions_of_week.0.from", "where": error["loc"], "detail": "No time"}],
    }
    upstreams.respond("registers", "/v1/leave-requests", problem, method="POST", status=422)
    await browser.sign_in("business-support")

    response = await browser.fill_in(NEW, **REQUEST, **{"week-monday-from": "ten", "week-monday-to": "12:00"})

    assert response.status_code == 422
    assert 'href="#sessions_of_week"' in response.text
    assert 'value="ten"' in response.text
