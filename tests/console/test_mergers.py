"""Records of two authorities that may be of one child: an officer sees what awaits an answer, answers with a reason, and sees the answer."""

import pytest

from tests.console.conftest import Browser, act_done, text
from tests.console.mergers import OTHER_UPN, PROPOSAL, a_proposal, refused
from tests.console.upstreams import Upstreams

PATH = f"/mergers/{PROPOSAL}"
API = f"/v1/merger-proposals/{PROPOSAL}"


async def test_an_officer_sees_the_proposals_that_await_an_answer_and_both_children(browser: Browser):
    await browser.sign_in("aco")

    listed, page = [(await browser.get(path)).text for path in ("/mergers", PATH)]

    assert f'href="{PATH}"' in listed
    assert "Awaits you" in listed
    assert "Robyn Example" in page
    assert "The transfer file came under another number." in page


async def test_the_work_list_counts_the_proposals_that_await_an_officer(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    html = (await browser.get("/")).text

    assert "1 records that may be of one child" in text(html)
    assert 'href="/mergers"' in html
    assert upstreams.last("/v1/merger-proposals").query["deciding"] == "True"


async def test_a_school_is_shown_no_proposals_on_its_work_list(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("school", schools=(100401,))

    html = (await browser.get("/")).text

    assert "records that may be of one child" not in html
    assert not [each for each in upstreams.requests if each.path == "/v1/merger-proposals"]


async def test_a_confirmation_is_sent_once_with_the_reason_and_the_wrong_date_of_birth(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, {}, method="POST")
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, same="yes", reason="We have the file.", wrong_upn=OTHER_UPN, wrong_reason="The certificate.")

    assert act_done(response) == (303, PATH, "merger")
    (sent,) = upstreams.posted()
    wrong = {"upn": OTHER_UPN, "reason": "The certificate."}
    assert sent.body == {"same": True, "reason": "We have the file.", "wrong_birth_date": wrong}
    assert sent.headers["idempotency-key"]


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"same": "no"}, "Give the reason"),
        ({"reason": "Cousins."}, "Choose whether the two records are of one child"),
        ({"same": "yes", "reason": "The file.", "wrong_upn": OTHER_UPN}, "Say how the right date of birth is known"),
    ],
)
async def test_an_answer_that_lacks_something_shows_the_form_again(browser: Browser, fields: dict[str, str], missing: str):
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, **fields)

    assert response.status_code == 422
    assert missing in response.text


async def test_an_officer_who_asked_sees_nothing_of_the_other_record_and_can_take_the_question_back(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, a_proposal(other=None, decides=False))
    await browser.sign_in("aco")

    page = (await browser.get(PATH)).text

    assert "Not shown" in page
    assert 'value="yes"' not in page
    assert "Take the question back" in page


async def test_an_officer_who_asked_sees_what_became_of_the_proposal(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, refused())
    await browser.sign_in("acsa")

    page = text((await browser.get(PATH)).text)

    assert "Refused" in page
    assert "Kim Officer" in page
    assert "They are cousins." in page
    assert "Record the answer" not in page


async def test_a_refused_answer_is_explained_beside_the_form(browser: Browser, upstreams: Upstreams):
    problem = {"title": "The proposal has been decided", "detail": "It was refused.", "status": 409}
    upstreams.respond("registers", API, problem, method="POST", status=409)
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, same="no", reason="Cousins.")

    assert response.status_code == 409
    assert "It was refused." in response.text
