"""Who is a parent in law, as the case page and the decision's form show it, and the form that records it."""

from tests.console import responses
from tests.console.conftest import Browser
from tests.console.responses import CASE, FATHER, MOTHER
from tests.console.upstreams import Upstreams

RECORDS = [
    {
        "parent_id": FATHER, "parent_by": "care", "basis": "allowed", "shown_by": "Lives with him since June.", "withdrawal_reason": None,
        "recorded_on": "2026-09-21", "recorded_by": "Ann Officer", "recorded_by_role": "aco",
    },
    {
        "parent_id": FATHER, "parent_by": None, "basis": None, "shown_by": None, "withdrawal_reason": "He moved out in May.",
        "recorded_on": "2026-09-22", "recorded_by": "Ben Head", "recorded_by_role": "school",
    },
]  # fmt: skip


def show_a_contact(upstreams: Upstreams) -> None:
    """Respond with a case whose second contact is not shown to be a parent."""
    mother, contact = responses.a_case()["parents"]
    contact |= {"relationship": "grandmother", "parent_by": None, "liability_basis": "care"}
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(parents=[mother, contact], liability=RECORDS))


async def test_the_case_page_shows_who_is_no_parent_yet_and_every_word_recorded(browser: Browser, upstreams: Upstreams):
    show_a_contact(upstreams)
    await browser.sign_in("manager")

    text = (await browser.get(f"/cases/{CASE}")).text

    assert "Not shown" in text
    assert "Lives with him since June." in text
    assert "taken back: He moved out in May." in text
    assert "Ben Head" in text
    assert f"/cases/{CASE}/liability-withdrawal" in text


async def test_the_decision_form_names_a_contact_of_whom_nothing_shows_a_parent(browser: Browser, upstreams: Upstreams):
    show_a_contact(upstreams)
    await browser.sign_in("manager")

    text = (await browser.get(f"/cases/{CASE}/decision")).text

    assert text.count("Nothing recorded shows a parent in law") == 1
    assert f'href="/cases/{CASE}/liability"' in text


async def test_a_form_without_an_answer_about_the_parent_is_not_sent(browser: Browser, upstreams: Upstreams):
    show_a_contact(upstreams)
    await browser.sign_in("manager")

    response = await browser.fill_in(f"/cases/{CASE}/liability", parent_id=MOTHER, shown_by="Seen.")

    assert response.status_code == 422
    assert "Choose what makes them a parent, or whether they allowed the absence" in response.text
    assert upstreams.posted() == []
