"""Absences after an illness in the console: the school's list, the answer, and what the case shows."""

import pytest

from tests.console import responses
from tests.console.conftest import Browser, act_done, text
from tests.console.responses import CASE, UPN, URN
from tests.console.sickness import a_question, an_answer
from tests.console.upstreams import Upstreams

PAGE = f"/schools/{URN}/sickness"
API = f"/v1/schools/{URN}/sickness-questions"
ANSWER = f"{PAGE}/2027-01-05/AM"


async def test_a_school_finds_its_open_questions_first(browser: Browser, upstreams: Upstreams):
    settled = a_question(date="2027-01-06", answer=an_answer())
    away = a_question(date="2027-01-07", answer=an_answer(turned_away=True, reason="Sent home."))
    upstreams.respond("registers", API, {"items": [settled, a_question(), away]})
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(PAGE)).text)

    assert page.index("5 January 2027") < page.index("7 January 2027") < page.index("6 January 2027")
    assert "Not answered yet." in page
    assert "Turned away: amend the mark. Sent home. (Jo Head" in page
    assert "Not turned away: Seen in town. (Jo Head" in page
    assert "Ill on 4 January 2027; rule of 48 hours" in page


async def test_the_school_leads_to_its_absences_after_an_illness(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    assert f'href="{PAGE}"' in (await browser.get(f"/schools/{URN}")).text


async def test_a_list_without_questions_explains_when_one_appears(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, {"items": []})
    await browser.sign_in("school", schools=(URN,))

    assert "has a sickness rule" in (await browser.get(PAGE)).text


@pytest.mark.parametrize(("chosen", "turned_away", "done"), [("yes", True, "turned-away"), ("no", False, "not-turned-away")])
async def test_a_person_answers_once_and_the_upn_stands_in_no_address(
    browser: Browser, upstreams: Upstreams, chosen: str, turned_away: bool, done: str
):
    path = f"/v1/schools/{URN}/registers/2027-01-05/AM/marks/{UPN}/turned-away"
    upstreams.respond("registers", path, {}, method="POST", status=201)
    await browser.sign_in("school", schools=(URN,))
    hidden = await browser.hidden(PAGE)

    asked = await browser.send(ANSWER, **hidden)
    fields = {**hidden, "step": "answer", "idempotency_key": "k", "turned_away": chosen, "reason": "The register of visitors."}
    response = await browser.send(ANSWER, **fields)

    assert "Was the child turned away?" in asked.text
    assert act_done(response) == (303, f"{PAGE}?to=2027-01-05", done)
    (sent,) = upstreams.posted()
    assert sent.body == {"turned_away": turned_away, "reason": "The register of visitors."}
    assert sent.headers["idempotency-key"] == "k"


async def test_an_answer_that_lacks_something_shows_the_form_again(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("school", schools=(URN,))
    hidden = await browser.hidden(PAGE)

    response = await browser.send(ANSWER, **hidden, step="answer")

    assert response.status_code == 422
    assert '<a href="#turned_away">Choose whether the child was turned away</a>' in response.text
    assert '<a href="#reason">Give the reason</a>' in response.text
    assert upstreams.posted() == []


async def test_an_officer_reads_the_questions_and_answers_none(browser: Browser):
    await browser.sign_in("aco")

    html = (await browser.get(PAGE)).text

    assert "Not answered yet." in html
    assert "Answer<span" not in html


async def test_a_case_shows_the_questions_about_the_sessions_relied_on(browser: Browser, upstreams: Upstreams):
    case = responses.a_case()
    session = next(each for each in case["sessions"] if each["urn"] == case["urn"])
    mine = a_question(date=session["date"], session=session["session"], answer=an_answer(turned_away=True, reason="Sent home."))
    upstreams.respond("registers", f"/v1/schools/{case['urn']}/sickness-questions", {"items": [mine, a_question(date="2020-01-06")]})
    await browser.sign_in("school", schools=(URN,))

    page = text((await browser.get(f"/cases/{CASE}")).text)

    assert "Turned away: amend the mark. Sent home." in page
    assert "6 January 2020" not in page
