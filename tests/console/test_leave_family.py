"""Leave for several children of a family: one form, and one decision about all that await one."""

import pytest

from tests.console.conftest import Browser
from tests.console.families import BROTHER, FAMILY, a_child, a_family, family_leave
from tests.console.responses import LEAVE, MOTHER, PUPIL, UPN, URN
from tests.console.test_leave_and_register import ELSEWHERE, NEW, PARENT, REQUEST
from tests.console.upstreams import Upstreams

PAGE = f"/family-leave/{FAMILY}"
BROTHERS = "D881400020404"
THERE = 100999


@pytest.fixture(autouse=True)
def _family(upstreams: Upstreams) -> None:
    stays = [
        {"urn": urn, "name": f"School {urn}", "la_code": "881", "admitted_on": "2025-09-01", "left_on": left}
        for urn, left in ((URN, None), (THERE, None), (100998, "2026-07-21"))
    ]
    children = [a_child(), a_child(BROTHER, "Alex", upn=BROTHERS, schools=stays)]
    upstreams.respond("registers", f"/v1/people/{PUPIL}/family", a_family(children=children))
    people = {"pupil": a_child() | {"difference": None}, "parents": [PARENT, ELSEWHERE]}
    upstreams.respond("registers", f"/v1/people/{PUPIL}", people)


async def test_siblings_are_offered_at_the_schools_where_they_are(browser: Browser):
    await browser.sign_in("business-support")

    html = (await browser.fill_in(NEW, upn=UPN)).text

    assert f'value="{BROTHERS}_{URN}"' in html
    assert f'value="{BROTHERS}_{THERE}"' in html
    assert f'value="{BROTHERS}_100998"' not in html


async def test_a_school_is_offered_the_children_at_that_school_alone(browser: Browser):
    await browser.sign_in("school", schools=(URN,))

    html = (await browser.fill_in(NEW, upn=UPN)).text

    assert f'value="{BROTHERS}_{URN}"' in html
    assert f'value="{BROTHERS}_{THERE}"' not in html


async def test_one_form_asks_for_all_children_that_were_ticked(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", "/v1/family-leave-requests", family_leave(), method="POST", status=201)
    upstreams.respond("registers", f"/v1/family-leave-requests/{FAMILY}", family_leave())
    await browser.sign_in("business-support")

    response = await browser.fill_in(NEW, **REQUEST, children=f"{BROTHERS}_{THERE}")

    assert (response.status_code, response.headers["location"]) == (303, PAGE)
    (sent,) = upstreams.posted()
    assert sent.path == "/v1/family-leave-requests"
    assert sent.body["children"] == [{"upn": UPN, "urn": URN}, {"upn": BROTHERS, "urn": THERE}]
    assert sent.body["parent_id"] == MOTHER
    assert "The requests are recorded, one for each child." in (await browser.get(PAGE)).text


async def test_a_form_for_a_family_that_is_refused_gives_the_reason(browser: Browser, upstreams: Upstreams):
    problem = {"title": "Leave cannot be asked for one of these children", "detail": "Child 2: not on the roll.", "status": 409}
    upstreams.respond("registers", "/v1/family-leave-requests", problem, method="POST", status=409)
    await browser.sign_in("business-support")

    response = await browser.fill_in(NEW, **REQUEST, children=f"{BROTHERS}_{THERE}")

    assert response.status_code == 409
    assert "Child 2: not on the roll." in response.text
    assert f'value="{BROTHERS}_{THERE}" checked' in response.text


async def test_one_decision_is_sent_about_all_that_await_one(browser: Browser, upstreams: Upstreams):
    upstreams.respond(
        "registers", f"/v1/family-leave-requests/{FAMILY}/decision", family_leave("granted", "granted"), method="POST", status=201
    )
    await browser.sign_in("school", schools=(URN,))

    shown = (await browser.get(PAGE)).text
    response = await browser.fill_in(f"{PAGE}/decision", outcome="C", reason="A close relative.")

    assert f"{PAGE}/decision" in shown
    assert (response.status_code, response.headers["location"]) == (303, PAGE)
    (sent,) = upstreams.posted()
    assert sent.body == {"outcome": "granted", "code": "C", "reason": "A close relative."}


@pytest.mark.parametrize(
    ("role", "statuses", "why"),
    [
        ("business-support", ("asked", "asked"), "This needs another role."),
        ("manager", ("granted", "withdrawn"), "None of these requests awaits a decision."),
    ],
)
async def test_a_decision_that_cannot_be_made_shows_the_reason(
    browser: Browser, upstreams: Upstreams, role: str, statuses: tuple[str, str], why: str
):
    upstreams.respond("registers", f"/v1/family-leave-requests/{FAMILY}", family_leave(*statuses))
    await browser.sign_in(role)

    assert f"{PAGE}/decision" not in (await browser.get(PAGE)).text
    assert why in (await browser.get(f"{PAGE}/decision")).text


async def test_a_request_links_to_those_that_were_asked_for_with_it(browser: Browser, upstreams: Upstreams):
    upstreams.respond("registers", f"/v1/leave-requests/{LEAVE}", family_leave()["items"][0])
    await browser.sign_in("aco")

    assert f'href="{PAGE}"' in (await browser.get(f"/leave/{LEAVE}")).text
