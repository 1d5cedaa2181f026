"""The operations page: what fails, what waits, who has not read what, and what an operator may do about it."""

import pytest

from tests.console import responses
from tests.console.conftest import Browser, act_done, text
from tests.console.upstreams import Upstreams


async def test_operations_sees_why_a_service_that_answers_does_not_work(browser: Browser, upstreams: Upstreams):
    why = "Its topic holds 3 events that its database does not (3 notice-issued)."
    upstreams.responses["penalties", "GET", "/health/ready"] = (
        503,
        {"title": "This service's database is older", "detail": why, "status": 503},
    )
    await browser.sign_in("operations")

    html = (await browser.get("/operations")).text

    assert "Does not work" in html
    assert why in html


async def test_operations_sees_which_service_is_down_and_what_failed(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list(
        "penalties", "/v1/dead-letters", responses.a_dead_letter(), responses.a_dead_letter(id=8, error=None, attempts=0)
    )
    upstreams.stop("thresholds")
    await browser.sign_in("operations")

    html = (await browser.get("/operations")).text

    page = text(html)
    assert "thresholds attendance thresholds Does not answer" in page
    assert "threshold-met.v1 in penalties, number 7" in page
    assert "18 November 2026, 14:05" in page
    assert "Waits behind an earlier one." in page
    assert html.count('action="/operations/penalties/7/replay"') == 1
    assert "/operations/penalties/8/replay" not in html


async def test_operations_sees_every_failure_a_page_of_each_service_at_a_time(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("penalties", "/v1/dead-letters", responses.a_dead_letter(), more="further", total=384)
    upstreams.respond_list("registers", "/v1/dead-letters", responses.a_dead_letter(id=9))
    await browser.sign_in("operations")

    html = (await browser.get("/operations")).text
    asked = upstreams.last("/v1/dead-letters").query
    upstreams.respond_list("penalties", "/v1/dead-letters", responses.a_dead_letter(id=8), previous="", first=26, total=384)
    further = (await browser.get("/operations?service=penalties&after=further")).text

    assert "1 to 1 of 384 failures in penalties" in text(html)
    assert 'href="/operations?service=penalties&amp;after=further" rel="next"' in html or "service=penalties&after=further" in html
    assert "26 to 26 of 384 failures in penalties" in text(further)
    assert "in registers, number 9" in text(further)
    assert (asked["limit"], "after" in asked) == ("25", False)
    after = {each.service: each.query.get("after") for each in upstreams.requests[-20:] if each.path == "/v1/dead-letters"}
    assert (after["penalties"], after["registers"]) == ("further", None)


async def test_an_operator_replays_and_dismisses(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("penalties", "/v1/dead-letters", responses.a_dead_letter())
    upstreams.respond("penalties", "/v1/dead-letters/7/replay", {"replayed": 1}, method="POST")
    upstreams.respond("penalties", "/v1/dead-letters/7/dismissal", {"title": "An earlier one comes first"}, method="POST", status=409)
    await browser.sign_in("operations")

    replayed = await browser.fill_in("/operations", to="/operations/penalties/7/replay")
    after = await browser.get("/operations")
    silent = await browser.fill_in("/operations", to="/operations/penalties/7/dismissal", reason=" ")
    refused = await browser.fill_in("/operations", to="/operations/penalties/7/dismissal", reason="A test pupil")

    assert act_done(replayed) == (303, "/operations", "replayed")
    assert "The event was handled again." in after.text
    assert (silent.status_code, refused.status_code) == (422, 409)
    assert "Say why the event is dismissed" in silent.text
    assert "An earlier one comes first" in refused.text
    assert [each.body for each in upstreams.posted()] == [{}, {"reason": "A test pupil"}]


@pytest.mark.parametrize(
    ("action", "sentence"),
    [("replay", "The event was handled again. A later one"), ("dismissal", "The event was dismissed. The next one")],
)
async def test_an_operator_learns_that_the_action_worked_and_a_later_event_failed(
    browser: Browser, upstreams: Upstreams, action: str, sentence: str
):
    upstreams.respond_list("penalties", "/v1/dead-letters", responses.a_dead_letter())
    upstreams.respond("penalties", f"/v1/dead-letters/7/{action}", {"replayed": 0, "next": 8}, method="POST")
    await browser.sign_in("operations")

    done = await browser.fill_in("/operations", to=f"/operations/penalties/7/{action}", reason="A test pupil")

    assert f"{sentence} of the same pupil or school then failed" in (await browser.get(done.headers["location"])).text


async def test_operations_sees_parked_work(browser: Browser, upstreams: Upstreams):
    parked = responses.a_dead_letter(topic="due-work", type="overdue", key="a-notice", attempts=4)
    upstreams.respond_list("penalties", "/v1/dead-letters", parked, responses.a_dead_letter(id=8, topic="due-work", type="overdue", key=""))
    await browser.sign_in("operations")

    page = text((await browser.get("/operations")).text)

    assert "Due work “overdue” in penalties, number 7 Parked 18 November 2026, 14:05. It is about a-notice . Failed 4 times." in page
    assert "The job fails as a whole since 18 November 2026, 14:05, and is tried all the same." in page


async def test_operations_sees_how_much_waits_and_since_when(browser: Browser, upstreams: Upstreams):
    waits = {
        "unpublished": 12, "unpublished_seconds": 200.0, "failed": 1, "waiting": 2, "dead_letter_seconds": 7300.0, "parked": 3,
        "parked_seconds": 90000.0, "failing": 4,
    }  # fmt: skip
    upstreams.respond("penalties", "/v1/backlog", waits)
    await browser.sign_in("operations")

    page = text((await browser.get("/operations")).text)

    assert "penalties 12; oldest 3 minutes 1; oldest 2 hours 2 3; oldest 1 day 4" in page


async def test_operations_sees_who_has_not_read_what_as_it_was_looked_up_last(browser: Browser, upstreams: Upstreams):
    nothing = dict.fromkeys(
        ("unpublished", "unpublished_seconds", "failed", "waiting", "dead_letter_seconds", "parked", "parked_seconds", "failing"), 0
    )
    reader = {"reader": "thresholds", "topic": "registers", "events": 0, "seconds": 0.0, "kept_seconds": None, "seen_seconds": 7000.0}
    late = {**reader, "events": 12, "seconds": 200.0, "kept_seconds": 90000.0, "seen_seconds": 20.0}
    upstreams.respond("thresholds", "/v1/backlog", {**nothing, "readers": [reader, {**reader, "topic": "penalties"}]})
    upstreams.respond("registers", "/v1/backlog", {**nothing, "readers": [late]})
    await browser.sign_in("operations")

    page = text((await browser.get("/operations")).text)

    assert "thresholds penalties None 1 hour ago Nobody looks" in page
    assert "thresholds registers 12; oldest 3 minutes Late ; the broker deletes it in 1 day 20 seconds ago" in page


async def test_operations_sees_a_service_that_responds_and_is_not_ready(browser: Browser, upstreams: Upstreams):
    upstreams.respond("thresholds", "/health/ready", {"title": "Not everything has been read", "detail": "12 events wait"}, status=503)
    upstreams.respond_list("thresholds", "/v1/dead-letters", responses.a_dead_letter())
    await browser.sign_in("operations")

    page = text((await browser.get("/operations")).text)

    assert "thresholds attendance thresholds Does not work 12 events wait" in page
    assert "in thresholds, number 7" in page


async def test_operations_is_for_operations(browser: Browser):
    await browser.sign_in("aco")

    assert (await browser.get("/operations")).status_code == 403
