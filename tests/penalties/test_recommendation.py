"""What named rules recommend about one parent, a row for each edge: a day or a session before, on and after it."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.penalties.advice.domain import ParentFacts, recommend
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.law import law_of
from services.penalties.notices.domain.tariff import EarlierNotice
from shared.contracts.event import Period
from shared.contracts.prosecutions import ProsecutionConcluded
from tests.penalties.chain import Chain, both_sessions

TODAY = date(2030, 3, 15)
OFFENCE = OffencePeriod(date(2030, 1, 7), date(2030, 2, 8))
NOTICE, PROSECUTION, NEITHER = "penalty-notice", "prosecution", "neither"
HOLIDAY = "A holiday: support is not appropriate."


def issued(*days: str, **changes: Any) -> tuple[EarlierNotice, ...]:
    """Notices to this parent about this child."""
    return tuple(EarlierNotice("s444a", date.fromisoformat(day), **changes) for day in days)


def on(*days: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(day) for day in days)


EDGES: list[tuple[str, dict[str, Any], str, str]] = [
    # what is said of the parent                                   facts                                                   recommended    by
    ("nothing is known of earlier years", {}, NOTICE, "no-other-rule"),
    ("one notice in three years", {"earlier": issued("2029-05-01")}, NOTICE, "no-other-rule"),
    ("two, the first three years less a day ago", {"earlier": issued("2027-03-16", "2029-05-01")}, PROSECUTION, "notices-in-three-years"),
    ("two, the first three years ago to the day", {"earlier": issued("2027-03-15", "2029-05-01")}, NOTICE, "no-other-rule"),
    ("two, the first three years and a day ago", {"earlier": issued("2027-03-14", "2029-05-01")}, NOTICE, "no-other-rule"),
    ("two, the second today", {"earlier": issued("2029-05-01", "2030-03-15")}, PROSECUTION, "notices-in-three-years"),
    ("two, withdrawn", {"earlier": issued("2028-05-01", "2029-05-01", withdrawn=True)}, NOTICE, "no-other-rule"),
    ("two, acquitted of both", {"earlier": issued("2028-05-01", "2029-05-01", acquitted=True)}, NOTICE, "no-other-rule"),
    ("a conviction three years less a day ago", {"convicted_on": on("2027-03-16")}, PROSECUTION, "conviction"),
    ("a conviction three years ago to the day", {"convicted_on": on("2027-03-15")}, NOTICE, "no-other-rule"),
    ("a conviction three years and a day ago", {"convicted_on": on("2027-03-14")}, NOTICE, "no-other-rule"),
    ("a conviction today", {"convicted_on": on("2030-03-15")}, PROSECUTION, "conviction"),
    ("a holiday of 19 sessions", {"holiday_sessions": 19}, NOTICE, "no-other-rule"),
    ("a holiday of 20 sessions", {"holiday_sessions": 20}, NOTICE, "no-other-rule"),
    ("a holiday of 21 sessions", {"holiday_sessions": 21}, PROSECUTION, "long-holiday"),
    ("a short holiday after two notices", {"holiday_sessions": 10, "earlier": issued("2028-05-01", "2029-05-01")}, PROSECUTION, "notices-in-three-years"),
    ("support untried", {"untried": ("meeting",)}, NEITHER, "support-first"),
    ("support untried after two notices", {"untried": ("meeting",), "earlier": issued("2028-05-01", "2029-05-01")}, NEITHER, "support-first"),
    ("support untried after a conviction", {"untried": ("meeting",), "convicted_on": on("2029-05-01")}, NEITHER, "support-first"),
    ("support untried, but a holiday", {"untried": ("meeting",), "holiday_sessions": 10}, NOTICE, "no-other-rule"),
    ("support untried, but a long holiday", {"untried": ("meeting",), "holiday_sessions": 21}, PROSECUTION, "long-holiday"),
    ("two notices about a sibling", {"sibling_notices_on": on("2028-05-01", "2029-05-01")}, NOTICE, "no-other-rule"),
    ("a conviction about a sibling", {"sibling_convicted_on": on("2029-05-01")}, NOTICE, "no-other-rule"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "recommended", "rule"), [pytest.param(*edge[1:], id=edge[0]) for edge in EDGES])
def test_the_recommendation_follows_the_first_rule_that_applies(facts: dict[str, Any], recommended: str, rule: str):
    advice = recommend(law_of("881"), TODAY, ParentFacts(OFFENCE, **facts))

    assert (advice.recommendation, advice.decided_by) == (recommended, rule)


def test_every_rule_is_shown_with_its_finding_whether_it_applies_or_not():
    advice = recommend(law_of("881"), TODAY, ParentFacts(OFFENCE))

    assert [(each.rule, each.applies, each.finding.provision) for each in advice.rules] == [
        ("support-first", False, "support_checklist"),
        ("notices-in-three-years", False, "cap_notices"),
        ("conviction", False, "recommendation_conviction_years"),
        ("long-holiday", False, "recommendation_long_holiday"),
        ("siblings", False, "recommendation_sibling_years"),
    ]
    assert all(each.text.endswith(".") for each in advice.rules)


@pytest.mark.parametrize(
    ("day", "weighed"), [("2027-03-14", False), ("2027-03-15", False), ("2027-03-16", True), ("2030-03-15", True), ("2030-03-16", False)]
)
def test_a_siblings_notice_is_weighed_for_three_years_and_decides_nothing(day: str, weighed: bool):
    advice = recommend(law_of("881"), TODAY, ParentFacts(OFFENCE, sibling_notices_on=on(day)))

    siblings = advice.rules[-1]
    assert (siblings.rule, siblings.applies, siblings.recommends) == ("siblings", weighed, None)


async def advised(chain: Chain, case: str, which: int = 0, role: str = "aco") -> Any:
    return await chain.get(f"/v1/cases/{case}/recommendation?parent_id={chain.parents[which]}", role=role)


async def log_everything(chain: Chain, case: str) -> None:
    """Record of every item of the checklist why it was not done."""
    found = await chain.get(f"/v1/cases/{case}/support-completeness")
    for item in found["items"]:
        entry = {"kind": item["kinds"][0], "made_on": "2026-09-17", "notes": "Considered.", "not_done_because": "The family moved."}
        await chain.post(f"/v1/cases/{case}/support-entries", entry, role="school")


async def test_support_that_nobody_tried_is_recommended_before_anything_else(chain: Chain, today: Callable[[str], None]):
    today("2026-09-21")
    case = await chain.opened()

    before = await advised(chain, case)
    await log_everything(chain, case)
    after = await advised(chain, case)

    assert (before["recommendation"], before["decided_by"]) == (NEITHER, "support-first")
    assert "meeting" in before["rules"][0]["text"]
    assert (after["recommendation"], after["decided_by"]) == (NOTICE, "no-other-rule")
    assert after["rules"][0]["text"].startswith("Everything")


async def test_a_conviction_of_one_parent_is_not_the_others(chain: Chain, today: Callable[[str], None]):
    today("2026-09-21")
    case = await chain.opened()
    await log_everything(chain, case)
    mother = chain.parents[0]
    court = {"file_id": mother, "case_id": UUID(case), "pupil_id": chain.pupil, "parent_id": mother, "notice_ids": ()}
    await chain.deliver(ProsecutionConcluded(**court, concluded_on=date(2026, 9, 20), acquitted=False, outcome="fine"))

    assert (await advised(chain, case, 0))["decided_by"] == "conviction"
    assert (await advised(chain, case, 1))["decided_by"] == "no-other-rule"


async def test_a_long_holiday_is_counted_by_its_own_sessions(chain: Chain):
    counting = [*both_sessions("2026-09-07", "2026-09-08"), *both_sessions("2026-09-10", "2026-09-24", "G")]
    holiday = Period(start=date(2026, 9, 10), end=date(2026, 9, 24))
    case = await chain.opened(counting=counting, holiday=True, holiday_period=holiday)

    found = await advised(chain, case)

    assert (found["recommendation"], found["decided_by"]) == (PROSECUTION, "long-holiday")
    assert "22 sessions" in found["rules"][3]["text"]
    assert found["refer_by"] == "2026-10-08"


async def test_the_authority_has_ten_working_days_from_the_request(chain: Chain, today: Callable[[str], None]):
    today("2026-09-21")
    case = await chain.opened()

    before = await advised(chain, case)
    await chain.decide(case, "penalty-notice", 0, no_improvement_notice_reason=HOLIDAY)

    assert before["answer_by"] is None
    assert (await advised(chain, case, 0))["answer_by"] == "2026-10-05"
    assert (await advised(chain, case, 1))["answer_by"] is None


async def test_a_recommendation_about_a_stranger_is_refused(chain: Chain):
    case = await chain.opened()

    answer = await chain.api.as_("aco").get(f"/v1/cases/{case}/recommendation?parent_id={case}")

    assert answer.status_code == 422


async def test_the_policy_of_an_authority_names_its_code_in_force_on_that_day(chain: Chain):
    before, since = [await chain.get(f"/v1/policy?la_code=881&on={day}") for day in ("2024-08-18", "2024-08-19")]

    assert before["code"] is None
    assert since["code"]["in_force_from"] == "2024-08-19"
    assert "Case by case" in since["code"]["discretion"]
    assert since["code"]["address"].startswith("https://schools.essex.gov.uk/")
    assert {each["name"] for each in since["parameters"]} >= {"recommendation_long_holiday", "referral_days_to_answer", "cap_notices"}


def cited(findings: list[dict[str, Any]]) -> list[str]:
    return [each["outcome"] for each in findings if each["provision"] == "code_of_conduct"]


async def test_decisions_answers_and_notices_name_the_code_in_force(chain: Chain):
    case = await chain.opened()
    await chain.ask_for_notices(case, 0)
    (issued_notice,) = await chain.fine(case, 0)

    shown = await chain.get(f"/v1/cases/{case}")
    notice = await chain.get(f"/v1/penalty-notices/{issued_notice['id']}")

    assert cited(shown["decisions"][0]["findings"]) == ["decided under"]
    assert cited(shown["agreement"]["findings"]) == ["answered under"]
    assert cited(notice["findings"]) == ["issued under"]


@pytest.mark.parametrize(("ground", "named"), [("outside-code", ["issued under", "issued outside"]), ("wrong-person", ["issued under"])])
async def test_a_withdrawal_as_outside_the_code_names_the_code_of_the_day_of_issue(chain: Chain, ground: str, named: list[str]):
    case = await chain.opened()
    await chain.ask_for_notices(case, 0)
    (notice,) = await chain.fine(case, 0)

    await chain.post(f"/v1/penalty-notices/{notice['id']}/withdrawal", {"ground": ground, "reason": "Support was not enough."})

    shown = await chain.get(f"/v1/penalty-notices/{notice['id']}")
    assert cited(shown["findings"]) == named
    assert all(each["facts"]["on"] == shown["issued_on"] for each in shown["findings"] if each["provision"] == "code_of_conduct")
