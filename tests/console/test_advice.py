"""What the rules recommend, shown to whoever answers for the authority, and the page of the policy in force."""

from tests.console import responses
from tests.console.advice import POLICY, advice_about
from tests.console.conftest import Browser
from tests.console.responses import CASE
from tests.console.upstreams import Upstreams

ADVICE = f"/v1/cases/{CASE}/recommendation"


async def test_the_form_for_the_authoritys_answer_shows_what_the_rules_recommend_as_advice(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(actions=[responses.an_action("agree")]))
    upstreams.respond("penalties", ADVICE, advice_about())
    await browser.sign_in("aco")

    text = (await browser.get(f"/cases/{CASE}/agreement")).text

    assert "Advice about Sam Example: a prosecution" in text
    assert "It is advice: you decide" in text
    assert "A single holiday of 22 sessions: more than 20." in text
    assert "The authority answers by 5 October 2026." in text
    assert 'href="/policy?la_code=881"' in text


async def test_the_form_for_the_authoritys_answer_works_without_advice(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(actions=[responses.an_action("agree")]))
    upstreams.respond("penalties", ADVICE, {}, status=500)
    await browser.sign_in("aco")

    response = await browser.get(f"/cases/{CASE}/agreement")

    assert response.status_code == 200
    assert "Advice about" not in response.text


async def test_nobody_who_cannot_answer_for_the_authority_is_given_advice(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case())
    await browser.sign_in("manager")

    await browser.get(f"/cases/{CASE}/agreement")

    assert [each for each in upstreams.requests if each.path == ADVICE] == []


async def test_the_page_of_the_policy_shows_the_code_and_every_value_with_its_source(browser: Browser, upstreams: Upstreams):
    upstreams.respond("penalties", "/v1/policy", POLICY)
    await browser.sign_in("aco")

    text = (await browser.get("/policy?la_code=881")).text

    assert "Essex code" in text
    assert "1 July 2024" in text
    assert "20 sessions" in text
    assert "Meeting, Contact" in text
