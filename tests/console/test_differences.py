"""Pupils whom schools record differently: an officer sees what each school records, and decides with a reason."""

import pytest

from tests.console.conftest import Browser, act_done
from tests.console.differences import DIFFERENCE, a_claim, a_difference
from tests.console.responses import CASE, PUPIL, URN, a_case
from tests.console.upstreams import Upstreams

PATH = f"/differences/{DIFFERENCE}"


async def test_an_officer_sees_what_each_school_records(browser: Browser):
    await browser.sign_in("aco")

    listed, page = [(await browser.get(path)).text for path in ("/differences", PATH)]

    assert f'href="{PATH}"' in listed
    assert "South School (awaits an answer)" in listed
    assert "Robin Stranger" in page
    assert "Awaits an answer" in page
    assert "Kim Officer: the details of school" in page


async def test_an_officer_sees_which_authority_still_has_to_decide_alike(browser: Browser, upstreams: Upstreams):
    one = {"la_code": "935", "urn": URN, "claims": {}, "reason": "We have the file.", "confirmed_at": "2026-09-02T09:00:00Z"}
    waiting = a_difference(confirmations=[{**one, "confirmed_by": "Ann Other"}], awaits=["881"])
    upstreams.respond("registers", f"/v1/pupil-differences/{DIFFERENCE}", waiting)
    await browser.sign_in("aco")

    page = (await browser.get(PATH)).text

    assert f"Ann Other of authority 935 decided: the details of school {URN} count. We have the file." in page
    assert "Nothing changes until an officer of authority 881 has decided alike." in page


async def test_a_decision_is_sent_once_with_its_answers_and_its_reason(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/pupil-differences/{DIFFERENCE}", {}, method="POST")
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, counts=str(URN), **{f"claim-{URN + 1}": "no"}, reason="The file came.")

    assert act_done(response) == (303, PATH, "difference")
    (sent,) = upstreams.posted()
    assert sent.body == {"counts": str(URN), "claims": [{"urn": str(URN + 1), "same_child": False}], "reason": "The file came."}


async def test_a_decision_without_a_reason_shows_the_form_again(browser: Browser):
    await browser.sign_in("aco")

    response = await browser.fill_in(PATH, counts=str(URN))

    assert response.status_code == 422
    assert "Give the reason" in response.text


@pytest.mark.parametrize("role", ["acsa", "business-support"])
async def test_other_officers_see_the_difference_without_a_form(browser: Browser, role: str):
    await browser.sign_in(role)

    assert "Record the decision" not in (await browser.get(PATH)).text


async def test_a_case_shows_in_what_schools_record_the_pupil_differently(browser: Browser, upstreams: Upstreams):
    record = {"urn": URN, "forename": "Robin", "surname": "Stranger", "date_of_birth": "2014-03-03", "claim": "waiting"}
    difference = {"id": DIFFERENCE, "differing": ["surname", "date_of_birth"], "schools": [record]}
    upstreams.respond("penalties", f"/v1/cases/{CASE}", a_case(pupil_difference=difference, pupil_id=PUPIL))
    await browser.sign_in("aco")

    page = (await browser.get(f"/cases/{CASE}")).text

    assert "Schools record this pupil differently (surname, date of birth)" in page
    assert f'href="{PATH}"' in page


async def test_a_school_sees_in_plain_words_what_its_claims_are_worth(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/schools/{URN}/claims", {"items": [a_claim()]})
    await browser.sign_in("school", schools=(URN,))

    assert "Another school has this UPN" in (await browser.get(f"/schools/{URN}")).text
