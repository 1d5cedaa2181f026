"""The report of fairness and timeliness: by school and month, its marks, the reasons used again, and who sees what."""

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from services.penalties.tables.cases import agreements, cases, decisions
from shared.ids import new_id
from tests.penalties.chain import URN

OTHER = 100402
PERIOD = "from=2026-09-01&to=2026-10-31"
REPORT = f"/v1/reports/fairness?{PERIOD}"
STANDARD = "Unauthorised absence is never acceptable."


@pytest.fixture
async def first(chain) -> str:
    """A case of this pupil, without a decision."""
    return str(await chain.opened())


async def add_case(chain, *kinds: str, urn: int = URN, opened_on: date = date(2026, 9, 21), days: int = 1, **changes: Any) -> UUID:
    """Store a case like the first one, with a decision of each kind so many days later; return its id."""
    columns = {column: changes.pop(column) for column in tuple(changes) if column in cases.c}
    async with chain.database.begin() as tx:
        row = dict((await tx.execute(cases.select().limit(1))).mappings().one())
        new = {**row, "id": new_id(), "pupil_id": new_id(), "run_id": new_id(), "urn": urn, "opened_on": opened_on}
        await tx.execute(insert(cases).values({**new, **columns}))
        for kind in kinds:
            await add_decision(tx, new["id"], kind, opened_on + timedelta(days=days), **changes)
    return UUID(str(new["id"]))


async def add_decision(tx, case: UUID, kind: str, day: date, reason: str | None = None, without: str | None = None) -> None:
    await tx.execute(
        insert(decisions).values(
            id=new_id(), case_id=case, decision=kind, reason=reason or f"About this family alone: {new_id()}.", decided_by="Jo Hale",
            decided_by_role="school", decided_by_subject="jo", no_improvement_notice_reason=without, parent_ids=(), decided_on=day,
            decided_at=datetime.fromisoformat(f"{day}T12:00:00Z"),
        )
    )  # fmt: skip


async def add_answer(tx, case: UUID, day: date, *, agreed: bool) -> None:
    await tx.execute(
        insert(agreements).values(
            id=new_id(), case_id=case, agreed=agreed, recommendation="penalty-notice", reason="Read.", agreed_by="Ann Officer",
            agreed_by_role="aco", agreed_by_subject="ann", parent_ids=(), agreed_on=day, agreed_at=datetime.fromisoformat(f"{day}T13:00:00Z"),
        )
    )  # fmt: skip


async def report(chain, role: str = "manager", path: str = REPORT) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await chain.get(path, role))["schools"]
    return found


async def test_a_school_that_asks_for_a_notice_in_every_case_is_marked_and_stands_first(chain, first: str):
    await add_case(chain, "support", urn=OTHER - 2)
    for _ in range(10):
        await add_case(chain, "penalty-notice", urn=OTHER)

    schools = await report(chain)

    assert [each["urn"] for each in schools] == [OTHER, OTHER - 2, URN]
    assert [(mark["kind"], mark["extent"], mark["cases"], mark["percent"]) for mark in schools[0]["marks"]] == [
        ("penalty-notice", "nearly-all", 10, 100),
        ("notice-to-improve", "nearly-none", 0, 0),
    ]
    assert [(each["judged"], each["marks"]) for each in schools[1:]] == [(False, []), (False, [])]


async def test_the_report_counts_cases_by_what_became_of_them(chain, first: str, today):
    today("2026-10-31")
    asked = await add_case(chain, "penalty-notice", without="A holiday.")
    async with chain.database.begin() as tx:
        await add_answer(tx, asked, date(2026, 9, 24), agreed=False)
        await add_decision(tx, asked, "penalty-notice", date(2026, 9, 28), without="A holiday.")
        await add_answer(tx, asked, date(2026, 9, 30), agreed=True)
    await chain.warn(first, 0)
    await add_case(chain)

    (school,) = await report(chain)

    assert school["figures"] == {
        "cases": 3, "thresholds_met": 3, "decided": 2, "undecided": 1, "late": 2, "decisions": 3,
        "kinds": {"notice-to-improve": 1, "penalty-notice": 1}, "days_median": 12.5, "days_longest": 24, "improvement_notice": 1,
        "without_improvement_notice": 1, "agreed": 1, "declined": 1, "resubmitted": 1,
    }  # fmt: skip


async def test_a_case_opened_by_hand_below_the_threshold_is_a_case_and_no_threshold_met(chain, first: str):
    await add_case(chain, "support", threshold="below", by_hand=True)
    await add_case(chain, "support", threshold="withdrawn")

    (school,) = await report(chain)

    assert (school["figures"]["cases"], school["figures"]["thresholds_met"]) == (3, 2)


async def test_a_request_after_an_agreement_is_not_resubmitted(chain, first: str):
    case = await add_case(chain, "penalty-notice")
    async with chain.database.begin() as tx:
        await add_answer(tx, case, date(2026, 9, 24), agreed=True)
        await add_decision(tx, case, "prosecution", date(2026, 9, 28))

    (school,) = await report(chain)

    assert (school["figures"]["agreed"], school["figures"]["declined"], school["figures"]["resubmitted"]) == (1, 0, 0)


async def test_a_cancelled_notice_to_improve_does_not_count_as_used(chain, first: str):
    (notice,) = await chain.warn(first, 0)
    await chain.end(notice, "cancelled")

    (school,) = await report(chain)

    assert school["figures"]["improvement_notice"] == 0


async def test_the_months_of_a_school_go_by_the_day_on_which_its_cases_were_opened(chain, first: str, today):
    today("2026-11-30")
    for day in (date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)):
        await add_case(chain, "support", opened_on=day)

    months = (await chain.get(f"/v1/reports/fairness/months?{PERIOD}&urn={URN}"))["items"]

    assert [(each["month"], each["figures"]["thresholds_met"]) for each in months] == [("2026-09-01", 2), ("2026-10-01", 2)]


async def test_a_school_sees_its_own_line_alone(chain, api, first: str):
    await add_case(chain, "support", urn=OTHER)

    own = await report(chain, "school")
    elsewhere = await api.as_("school", schools=[URN]).get(f"{REPORT}&urn={OTHER}")

    assert [each["urn"] for each in own] == [URN]
    assert elsewhere.status_code == 403


async def test_an_officer_of_one_authority_sees_no_line_of_another(chain, api, first: str):
    await add_case(chain, "support", urn=OTHER, la_code="882")

    own = await api.as_("manager", la_code="881").get(REPORT)
    foreign = await api.as_("manager", la_code="881").get(f"{REPORT}&la_code=882")
    everyone = await api.as_("manager").get(f"{REPORT}&la_code=882")

    assert [each["urn"] for each in own.json()["schools"]] == [URN]
    assert foreign.status_code == 403
    assert [each["urn"] for each in everyone.json()["schools"]] == [OTHER]


@pytest.mark.parametrize(
    ("period", "status"),
    [
        ("from=2026-09-01&to=2027-09-01", 200),
        ("from=2026-09-01&to=2027-09-02", 422),
        ("from=2026-09-02&to=2026-09-01", 422),
        ("from=2026-09-01", 422),
    ],
)
async def test_a_report_is_of_a_year_at_most(chain, api, period: str, status: int):
    assert (await api.as_("manager").get(f"/v1/reports/fairness?{period}")).status_code == status


async def test_a_report_of_days_before_the_law_was_in_force_is_empty(api):
    found = await api.as_("manager").get("/v1/reports/fairness?from=2000-01-01&to=2000-01-01")

    assert (found.status_code, found.json()["schools"]) == (200, [])


async def add_reasons(chain, *reasons: str, urn: int = URN, **changes: Any) -> list[UUID]:
    return [await add_case(chain, "penalty-notice", urn=urn, reason=reason, **changes) for reason in reasons]


async def test_a_reason_is_used_again_whatever_its_capitals_punctuation_and_spaces(chain, first: str):
    await add_reasons(chain, STANDARD, "unauthorised  absence is never ACCEPTABLE", " Unauthorised absence is never acceptable!", "Other.")

    (school,) = await report(chain)
    reasons = await chain.get(f"/v1/reports/fairness/reasons?{PERIOD}&urn={URN}")

    assert school["most_reused"] == 3
    assert reasons["reused"] == [3]
    assert [each["cases"] for each in reasons["reused_texts"]] == [3]


async def test_a_reason_given_about_both_parents_of_one_case_is_not_used_again(chain, first: str):
    await add_case(chain, "penalty-notice", "penalty-notice", reason=STANDARD)

    (school,) = await report(chain)

    assert school["most_reused"] == 0


async def test_the_text_of_a_reason_used_again_is_for_officers_alone(chain, first: str):
    await add_reasons(chain, STANDARD, STANDARD)

    reasons = await chain.get(f"/v1/reports/fairness/reasons?{PERIOD}&urn={URN}", "school")

    assert (reasons["reused"], reasons["reused_texts"]) == ([2], [])


async def test_reasons_of_two_schools_are_not_counted_together(chain, first: str):
    await add_reasons(chain, STANDARD)
    await add_reasons(chain, STANDARD, urn=OTHER)

    assert [each["most_reused"] for each in await report(chain)] == [0, 0]


async def test_the_report_names_why_there_was_no_notice_to_improve(chain, first: str):
    for reason in ("A holiday.", "a holiday", "One failed in the spring."):
        await add_case(chain, "penalty-notice", without=reason)

    reasons = await chain.get(f"/v1/reports/fairness/reasons?{PERIOD}&urn={URN}", "school")

    assert [each["cases"] for each in reasons["without_improvement_notice"]] == [2, 1]


async def test_an_officer_who_answers_sees_how_often_the_reason_was_given_in_twelve_months(chain, first: str, today):
    today("2026-10-31")
    mine, *_ = await add_reasons(chain, STANDARD, STANDARD)
    await add_reasons(chain, STANDARD, opened_on=date(2025, 10, 30))  # decided on the 31st: not within the twelve months
    await add_reasons(chain, STANDARD, opened_on=date(2025, 10, 31))
    await add_reasons(chain, STANDARD, urn=OTHER)

    answer = await chain.get(f"/v1/cases/{mine}/reused-reasons")

    found = answer["items"]
    assert answer["since"] == "2025-10-31"
    assert [(each["reason"], each["cases"]) for each in found] == [(STANDARD, 3)]


async def test_only_the_reasons_of_requests_are_counted_for_the_answer(chain, first: str):
    case = await add_case(chain, "support", "notice-to-improve", reason=STANDARD)

    assert (await chain.get(f"/v1/cases/{case}/reused-reasons"))["items"] == []


async def test_the_figures_are_downloaded_by_school_and_month_without_a_text(chain, api, first: str, today):
    today("2026-10-31")
    await add_reasons(chain, STANDARD, STANDARD, urn=OTHER)
    await add_case(chain, "support", "penalty-notice", opened_on=date(2026, 10, 5))

    response = await api.as_("manager").get(f"/v1/reports/fairness.csv?{PERIOD}")
    lines: Sequence[dict[str, str]] = list(csv.DictReader(response.text.splitlines()))

    assert response.headers["content-type"].startswith("text/csv")
    assert [(each["urn"], each["month"], each["thresholds_met"], each["cases_with_penalty_notice"]) for each in lines] == [
        (str(URN), "2026-09", "1", "0"),
        (str(URN), "2026-10", "1", "1"),
        (str(OTHER), "2026-09", "2", "2"),
    ]
    assert STANDARD not in response.text
