"""Operations see that due work is paused, and let it go on."""

from tests.console.conftest import Browser, act_done, text
from tests.console.upstreams import Upstreams


async def test_operations_sees_why_due_work_is_paused_and_lets_it_go_on(browser: Browser, upstreams: Upstreams):
    waits = dict.fromkeys(("unpublished", "unpublished_seconds", "failed", "waiting", "dead_letter_seconds", "parked", "parked_seconds"), 0)
    upstreams.respond("penalties", "/v1/backlog", {**waits, "failing": 0, "paused": "absence", "paused_seconds": 60.0})
    state = {"cause": "absence", "paused_at": "2026-11-18T14:05:00Z", "worked_at": "2026-09-18T14:05:00Z", "confirmed_by": None,
             "confirmed_at": None, "jobs": [{"job": "overdue", "due": 12}, {"job": "open-payments", "due": 1000}]}  # fmt: skip
    upstreams.respond("penalties", "/v1/due-work", state)
    upstreams.respond("penalties", "/v1/due-work/confirmation", {**state, "cause": None}, method="POST")
    await browser.sign_in("operations")

    page = text((await browser.get("/operations")).text)
    without = await browser.fill_in("/operations", to="/operations/penalties/due-work", reason=" ")
    done = await browser.fill_in("/operations", to="/operations/penalties/due-work", reason="The summer is over")

    assert "Due work of penalties is paused It was last at work 18 September 2026" in page
    assert "overdue 12 open-payments 1000 or more" in page
    assert (without.status_code, act_done(done)) == (422, (303, "/operations", "confirmed"))
