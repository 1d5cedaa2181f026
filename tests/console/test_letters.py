"""Letters that were not sent: an officer sees why, and requests them again once what stood in the way is put right."""

from tests.console.conftest import Browser, act_done, text
from tests.console.responses import CASE, LETTER, PENALTY_NOTICE, a_case, a_letter
from tests.console.steps import a_notice_of_a_case
from tests.console.upstreams import Upstreams

PATH = f"/letters/{LETTER}"
WHY = "O. Perator gave it up: The school has moved."


async def test_an_officer_sees_which_letters_were_not_sent_and_why(browser: Browser, upstreams: Upstreams):
    upstreams.respond_list("notifications", "/v1/letters", a_letter(status="failed", posted_on=None, trouble=WHY))
    await browser.sign_in("aco")

    listed = (await browser.get("/letters")).text
    asked = upstreams.last("/v1/letters").query
    work = (await browser.get("/")).text

    assert f'href="{PATH}"' in listed
    assert WHY in text(listed)
    assert asked["status"] == "failed"
    assert "1 letters that were not sent" in text(work)


async def test_a_letter_is_requested_again_once_with_what_was_put_right(browser: Browser, upstreams: Upstreams):
    upstreams.respond("notifications", f"/v1/letters/{LETTER}/retries", {}, method="POST", status=201)
    await browser.sign_in("business-support")

    response = await browser.fill_in(PATH, reason="The address is right now.")

    assert act_done(response) == (303, PATH, "letter-requested")
    (sent,) = upstreams.posted()
    assert sent.body == {"reason": "The address is right now."}
    assert sent.headers["idempotency-key"]


async def test_a_letter_is_not_requested_again_without_a_reason_nor_by_a_school(browser: Browser):
    await browser.sign_in("aco")

    assert (await browser.fill_in(PATH)).status_code == 422

    await browser.sign_in("school", schools=(100401,))
    assert "Request the letter again" not in (await browser.get(PATH)).text


async def test_a_case_shows_which_letter_was_not_sent(browser: Browser, upstreams: Upstreams):
    notice = a_notice_of_a_case(PENALTY_NOTICE, "penalty-notice", a_letter()["parent_id"], "issued", "2026-11-16")
    upstreams.respond("penalties", f"/v1/cases/{CASE}", a_case(notices=[notice]))
    upstreams.respond_list("notifications", "/v1/letters", a_letter(status="failed", posted_on=None, trouble=WHY))
    await browser.sign_in("aco")

    page = (await browser.get(f"/cases/{CASE}")).text

    assert f"not sent: {WHY}" in text(page)
    assert f'href="{PATH}"' in page


async def test_an_officer_sees_which_letters_went_out_with_a_wrong_date_and_decides(browser: Browser, upstreams: Upstreams):
    misdated = a_letter(made_on="2026-12-26", misdated_on="2026-11-17")
    upstreams.respond_list("notifications", "/v1/letters", misdated)
    upstreams.respond("notifications", f"/v1/letters/{LETTER}", misdated)
    upstreams.respond("notifications", f"/v1/letters/{LETTER}/date-decision", {}, method="POST", status=201)
    await browser.sign_in("aco")

    listed, work = (await browser.get("/letters/misdated")).text, (await browser.get("/")).text
    unanswered = await browser.fill_in(PATH, to=f"{PATH}/date-decision")
    decided = await browser.fill_in(PATH, to=f"{PATH}/date-decision", corrects="yes", reason="The parent asked.")

    assert f'href="{PATH}"' in listed
    assert "26 December 2026" in text(listed)
    assert "1 letters that bear a wrong date" in text(work)
    assert unanswered.status_code == 422
    assert act_done(decided) == (303, PATH, "date-decided")
    (sent,) = upstreams.posted()
    assert sent.body == {"corrects": True, "reason": "The parent asked."}


async def test_a_case_shows_which_letter_bears_a_wrong_date(browser: Browser, upstreams: Upstreams):
    notice = a_notice_of_a_case(PENALTY_NOTICE, "penalty-notice", a_letter()["parent_id"], "served", "2026-11-16")
    upstreams.respond("penalties", f"/v1/cases/{CASE}", a_case(notices=[notice]))
    upstreams.respond_list("notifications", "/v1/letters", a_letter(made_on="2026-12-26", misdated_on="2026-11-17"))
    await browser.sign_in("aco")

    page = (await browser.get(f"/cases/{CASE}")).text

    assert "bears a wrong date" in text(page)
    assert f'href="{PATH}"' in page


async def test_a_decided_wrong_date_shows_who_decided_and_offers_no_form(browser: Browser, upstreams: Upstreams):
    decision = {"corrects": False, "reason": "Said on the telephone.", "decided_by": "Bob Officer", "decided_by_role": "aco"}
    upstreams.respond("notifications", f"/v1/letters/{LETTER}", a_letter(misdated_on="2026-11-17", date_decision=decision))
    await browser.sign_in("aco")

    page = (await browser.get(PATH)).text

    assert "Bob Officer decided that no correcting letter is sent: Said on the telephone." in text(page)
    assert "Record the decision" not in page
