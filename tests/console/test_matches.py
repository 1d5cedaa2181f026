"""Parents who may be one person: an officer sees both as far as they may, answers with a reason, sees the answer and takes it back."""

import pytest

from tests.console.conftest import Browser, act_done, text
from tests.console.matches import MATCH, a_confirmation, a_match, decided
from tests.console.upstreams import Upstreams

PATH = f"/matches/{MATCH}"
API = f"/v1/parent-matches/{MATCH}"


async def test_an_officer_sees_the_matches_and_of_the_other_authority_the_school_alone(browser: Browser):
    await browser.sign_in("aco")

    listed, page = [(await browser.get(path)).text for path in ("/matches", PATH)]

    assert f'href="{PATH}"' in listed
    assert "Mill Lane School, Borough School" in listed
    assert "Borough School" in page
    assert "Not shown" in page
    assert "an officer there is asked" in page


async def test_the_work_list_counts_the_matches_that_await_an_officer(browser: Browser):
    await browser.sign_in("aco")

    html = (await browser.get("/")).text

    assert "1 parents who may be one person" in text(html)
    assert 'href="/matches"' in html


async def test_an_answer_about_two_parents_is_sent_once_with_its_reason(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, {}, method="POST")
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, same="yes", reason="Spoke to both schools.")

    assert act_done(response) == (303, PATH, "match")
    (sent,) = upstreams.posted()
    assert sent.body == {"same": True, "reason": "Spoke to both schools."}
    assert sent.headers["idempotency-key"]


@pytest.mark.parametrize(
    ("fields", "missing"), [({"same": "no"}, "Give the reason"), ({"reason": "Cousins."}, "Choose whether the two are one person")]
)
async def test_an_answer_about_two_parents_that_lacks_something_shows_the_form_again(
    browser: Browser, fields: dict[str, str], missing: str
):
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, **fields)

    assert response.status_code == 422
    assert missing in response.text


async def test_the_second_officer_sees_the_answer_of_the_first(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, a_match(confirmation=a_confirmation(), decides=True))
    await browser.sign_in("aco")

    page = text((await browser.get(PATH)).text)

    assert "Kim Officer, authority 935" in page
    assert "The school knows her." in page
    assert "The other authority is asked" not in page


async def test_an_answer_about_two_parents_is_shown_and_taken_back(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", API, decided())
    upstreams.respond("registers", f"{API}/undo", {}, method="POST")
    await browser.sign_in("aco")

    page = text((await browser.get(PATH)).text)
    response = await browser.fill_in(PATH, to=f"{PATH}/undo", reason="Two cousins.")

    assert "Ann Officer, 4 September 2026" in page
    assert act_done(response) == (303, PATH, "match-undone")
    assert upstreams.posted()[0].body == {"reason": "Two cousins."}


async def test_other_officers_see_the_match_without_a_form(browser: Browser):
    await browser.sign_in("acsa")

    assert "Record the answer" not in (await browser.get(PATH)).text
