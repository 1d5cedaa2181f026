"""A case is opened by hand on a page: by those who decide, with a UPN that stands in no address."""

import pytest

from tests.console.conftest import Browser, text
from tests.console.responses import CASE, UPN, URN, a_case
from tests.console.upstreams import Upstreams

NEW = "/cases/new"
FORM = {"upn": f" {UPN.lower()} ", "urn": str(URN), "reason": "Absent every Friday."}


async def test_a_case_is_opened_once_and_shown_with_who_opened_it_and_why(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("school", schools=(URN,))
    upstreams.respond("penalties", "/v1/cases", {"id": CASE}, method="POST", status=201)
    by_hand = a_case(by_hand=True, threshold="below", opening_reason="Absent every Friday.", opened_by="Jo Hale", opened_by_role="school")
    upstreams.respond("penalties", f"/v1/cases/{CASE}", by_hand)

    response = await browser.fill_in(NEW, **FORM)
    page = text((await browser.get(response.headers["location"])).text)

    assert (response.status_code, response.headers["location"]) == (303, f"/cases/{CASE}")
    (posted,) = upstreams.posted()
    assert posted.body == {"upn": UPN, "urn": URN, "reason": "Absent every Friday.", "kind": "attendance"}
    assert posted.headers["idempotency-key"]
    for words in ("The case is open.", "Opened by hand", "by Jo Hale: Absent every Friday.", "Below the threshold"):
        assert words in page


async def test_an_incomplete_form_names_what_is_missing_and_opens_nothing(browser: Browser, upstreams: Upstreams):
    await browser.sign_in("aco")

    response = await browser.fill_in(NEW, upn="A1", urn="12", reason=" ")

    assert response.status_code == 422
    for words in ("Enter a UPN", "six-digit URN", "Give the reason"):
        assert words in response.text
    assert upstreams.posted() == []


@pytest.mark.parametrize(
    ("status", "words"), [(403, "not within your reach"), (404, "not within your reach"), (409, "The threshold is not met")]
)
async def test_a_refusal_is_shown_beside_the_entries(browser: Browser, upstreams: Upstreams, status: int, words: str):
    detail = "The threshold is not met: by the policy of the school's authority, no case is opened below it."
    problem = {"title": "No case can be opened by hand now", "detail": detail}
    upstreams.respond("penalties", "/v1/cases", problem, method="POST", status=status)
    await browser.sign_in("aco")

    response = await browser.fill_in(NEW, **FORM)

    assert response.status_code == status
    assert words in text(response.text)
    assert "Absent every Friday." in response.text


async def test_a_person_who_decides_on_no_case_sees_no_form(browser: Browser):
    await browser.sign_in("acsa")

    assert (await browser.get(NEW)).status_code == 403
    assert NEW not in (await browser.get("/cases")).text
