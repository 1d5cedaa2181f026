"""The steps of a case: those that can never be this person's are left out, the others say for whom, or why not, in sentences."""

from typing import Any

from attendance.documentation.catalogue import ROOT
from services.console.pages.steps import steps_of
from services.console.responses.cases import OTHER_ROLE, Case
from tests.console import responses
from tests.console.conftest import Browser, text
from tests.console.responses import CASE, an_action
from tests.console.upstreams import Upstreams

NO_DECISION = "No decision for a Notice to Improve names this parent."


def a_matter(*actions: dict[str, Any], stage: str = "to-consider", **changes: Any) -> dict[str, Any]:
    return {"stage": stage, "outcome": None, "provisional": False, "ended_on": None, "next": None, "actions": list(actions)} | changes


def two_parents(mothers: dict[str, Any], fathers: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the parents of the case, each with a matter in which one step stands as given."""
    mother, father = responses.a_case()["parents"]
    return [mother | {"matter": a_matter(mothers)}, father | {"matter": a_matter(fathers)}]


def steps(**changes: Any) -> dict[str, tuple[bool, str, tuple[str, ...]]]:
    found = steps_of(Case.model_validate(responses.a_case(**changes)))
    return {each.slug: (each.allowed, each.whom, each.obstacles) for each in found}


def test_a_step_that_is_never_for_this_person_is_left_out():
    actions = [an_action("decide"), an_action("agree", False, "This needs another role.")]

    assert list(steps(actions=actions)) == ["decision"]


def test_a_step_names_the_parent_for_whom_it_is_possible_and_why_not_for_the_other():
    name = "issue-notice-to-improve"
    parents = two_parents(an_action(name), an_action(name, False, NO_DECISION))

    found = steps(actions=[an_action(name)], parents=parents)

    expected = (True, "Sam Example", ("No decision for a Notice to Improve names Alex Example.",))
    assert found == {"notice-to-improve": expected}


def test_an_obstacle_of_every_parent_is_given_once_and_one_of_a_single_parent_with_the_name():
    name = "record-outcome"
    mothers = an_action(name, False, "The case is closed. The notice counts as served on 2026-10-09.")

    found = steps(actions=[an_action(name, False, "x")], parents=two_parents(mothers, an_action(name, False, "The case is closed.")))

    assert found["outcome"] == (
        False,
        "",
        ("The case is closed.", "Sam Example: The notice counts as served on 9 October 2026."),
    )


def test_a_step_of_a_case_without_matters_has_a_sentence_for_each_obstacle():
    actions = [an_action("close-without-action"), an_action("decide", False, "A penalty notice is not paid. A court file is open.")]

    assert steps(actions=actions) == {"decision": (False, "", ("A penalty notice is not paid.", "A court file is open."))}


async def test_a_case_page_shows_only_the_steps_of_the_person_with_the_parent_and_the_day_in_words(browser: Browser, upstreams: Upstreams):
    never = an_action("agree", False, "This needs another role.")
    ends = an_action("record-outcome", False, "The period ends on 2026-10-09.")
    parents = two_parents(ends, an_action("record-outcome"))
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(actions=[never, an_action("record-outcome")], parents=parents))
    await browser.sign_in("school", schools=(responses.URN,))

    page = text((await browser.get(f"/cases/{CASE}")).text)

    assert "Answer for the authority" not in page
    assert "another role" not in page
    assert "Possible now for Alex Example" in page
    assert "Sam Example: The period ends on 9 October 2026." in page


async def test_a_person_without_a_step_in_a_case_reads_so(browser: Browser, upstreams: Upstreams):
    never = an_action("agree", False, "This needs another role.")
    upstreams.respond("penalties", f"/v1/cases/{CASE}", responses.a_case(actions=[never]))
    await browser.sign_in("acsa")

    assert "No step in this case is yours to take." in text((await browser.get(f"/cases/{CASE}")).text)


def test_a_step_of_another_role_is_refused_by_penalties_in_the_words_that_the_console_looks_for():
    source = (ROOT / "services" / "penalties" / "overview" / "domain.py").read_text(encoding="utf-8")

    assert f'"{OTHER_ROLE}"' in source
