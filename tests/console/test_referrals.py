"""The form of referral in the console, and the thread of what was sent."""

from typing import Any

import pytest

from tests.console.conftest import Browser, act_done, text
from tests.console.referrals import a_form, a_sent_referral
from tests.console.responses import CASE, MOTHER, URN
from tests.console.upstreams import Upstreams

PAGE = f"/cases/{CASE}/referral"
THREAD = f"/v1/cases/{CASE}/referrals"


@pytest.fixture
def referred(upstreams: Upstreams) -> Upstreams:
    """A case with a referral that was declined."""
    upstreams.respond("penalties", f"/v1/cases/{CASE}/referral-form", a_form())
    upstreams.respond("penalties", THREAD, {"items": [a_sent_referral()]})
    return upstreams


async def test_the_form_is_filled_in_and_shows_why_the_last_one_was_declined(browser: Browser, referred: Upstreams):
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(PAGE)).text)

    assert "The authority did not agree on 24 September 2026" in page
    assert "Ask the form tutor first." in page
    assert "Nothing recorded shows a parent in law" in page
    assert "Why not: View of the SENCO" in page
    assert "Staff contacts checked: The tutor is ill." in page
    assert "The statement is another one." in page


async def test_a_referral_is_sent_with_what_is_declared_and_the_reasons_for_the_rest(browser: Browser, referred: Upstreams):
    referred.respond("penalties", THREAD, {}, method="POST", status=201)
    await browser.sign_in("school", schools=(URN,))
    filled: dict[str, Any] = {
        "parents": [MOTHER], "course": "penalty-notice", "statement": "The tutor was asked.", "declare-leads-in-support": "yes",
        "declare_why-leads-in-support": "", "declare_why-staff-contacts-checked": "The tutor is ill.", "support_why-senco-view": "She is away.",
    }  # fmt: skip

    response = await browser.fill_in(PAGE, **filled)

    assert act_done(response) == (303, PAGE, "referral")
    (sent,) = referred.posted()
    assert (sent.path, sent.body) == (
        THREAD,
        {
            "parents": [MOTHER],
            "course": "penalty-notice",
            "statement": "The tutor was asked.",
            "declarations": [
                {"item": "leads-in-support", "declared": True},
                {"item": "staff-contacts-checked", "declared": False, "why_not": "The tutor is ill."},
            ],
            "support_gaps": [{"item": "senco-view", "why_not": "She is away."}],
        },
    )


async def test_a_refused_referral_marks_the_item_that_lacks_a_reason(browser: Browser, referred: Upstreams):
    lacking = [{"code": "support-senco-view", "detail": "The log lacks an outcome: senco view."}]
    problem = {"type": "referral-refused", "title": "Not now.", "status": 409, "missing": lacking}
    referred.respond("penalties", THREAD, problem, method="POST", status=409)
    await browser.sign_in("school", schools=(URN,))

    response = await browser.fill_in(PAGE, parents=[MOTHER], course="prosecution", statement="Kept as typed.")

    assert response.status_code == 409
    assert 'href="#support_why-senco-view"' in response.text
    assert "Kept as typed." in response.text


async def test_an_empty_referral_is_not_sent(browser: Browser, referred: Upstreams):
    await browser.sign_in("school", schools=(URN,))

    response = await browser.fill_in(PAGE)

    assert response.status_code == 422
    assert "Say why this course is likely to effect change" in response.text
    assert referred.posted() == []


async def test_an_assistant_who_does_not_refer_reads_the_thread_without_a_form(browser: Browser, referred: Upstreams):
    await browser.sign_in("acsa")

    page = (await browser.get(PAGE)).text

    assert "Referral 1" in page
    assert "Send the referral" not in page
    assert [each for each in referred.requests if each.path.endswith("referral-form")] == []
