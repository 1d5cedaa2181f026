"""Assessing a notice that is only thought of, by the public path."""

from typing import Any

import pytest

from tests.support import ApiClient

PATH = "/v1/penalty-notices/assessments"
FACTS: dict[str, Any] = {"kind": "s444a", "proposed_on": "2026-10-06", "offence": {"from": "2026-09-14", "to": "2026-09-18"}, "earlier": []}
DATES = ("received_on", "early_deadline", "final_deadline", "overdue_from")


async def assess(api: ApiClient, **changes: Any) -> Any:
    answer = await api.as_("aco").post(PATH, {**FACTS, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_first_notice_with_its_dates(api: ApiClient) -> None:
    found = await assess(api, posted_on="2026-10-06")

    assert (found["available"], found["tier"], found["early_pence"], found["full_pence"]) == (True, "first", 8000, 16000)
    assert [found[name] for name in DATES] == ["2026-10-08", "2026-10-28", "2026-11-04", "2026-11-05"]
    provisions = ["counts_to_cap", "cap_notices", "first_early_amount", "first_full_amount"]
    assert [f["provision"] for f in found["findings"]] == [*provisions, "receipt_by_first_class_post", "lower_rate_days", "payment_days"]


async def test_a_notice_given_by_hand_is_received_that_day(api: ApiClient) -> None:
    assert (await assess(api, posted_on="2026-10-09", served_by="hand"))["received_on"] == "2026-10-09"


async def test_an_assessment_without_a_day_of_posting_has_no_dates(api: ApiClient) -> None:
    assert [(await assess(api))[name] for name in DATES] == [None] * 4


async def test_a_refused_notice_has_no_amounts_but_its_dates(api: ApiClient) -> None:
    earlier = [{"kind": "s444a", "issued_on": "2025-01-10"}, {"kind": "s444a", "issued_on": "2026-01-09"}]

    found = await assess(api, posted_on="2026-10-06", earlier=earlier)

    assert (found["available"], found["tier"], found["early_pence"], found["full_pence"]) == (False, "refused", None, None)
    assert found["received_on"] == "2026-10-08"
    assert found["findings"]


async def test_old_offences_and_excluded_pupils_are_flat(api: ApiClient) -> None:
    old = await assess(api, proposed_on="2024-09-20", offence={"from": "2024-07-08", "to": "2024-07-12"})
    excluded = await assess(api, kind="s105", offence={"from": "2026-10-01", "to": "2026-10-01"})

    for found in (old, excluded):
        assert (found["available"], found["tier"], found["early_pence"], found["full_pence"]) == (True, "flat", 6000, 12000)


@pytest.mark.parametrize(
    "changes",
    [
        {"offence": {"from": "2024-08-18", "to": "2024-08-19"}},
        {"offence": {"from": "2026-09-18", "to": "2026-09-14"}},
        {"offence": {"from": "2026-09-14", "to": "2026-10-07"}},
        {"offence": {"from": "2026-09-14"}},
        {"offence": {"from": "2005-09-14", "to": "2005-09-14"}},
        {"posted_on": "2026-10-05"},
        {"posted_on": "2026-10-06", "served_by": "email"},
        {"kind": "s103"},
        {"proposed_on": "2026-02-31"},
        {"proposed_on": "9999-12-31"},
        {"proposed_on": None},
        {"earlier": [{"kind": "s444a"}]},
        {"earlier": [{"kind": "penalty", "issued_on": "2025-01-10"}]},
        {"earlier": [{"kind": "s444a", "issued_on": "2025-01-10", "offence_from": "2025-01-11"}]},
    ],
)
async def test_an_assessment_of_nonsense_is_refused(api: ApiClient, changes: dict[str, Any]) -> None:
    answer = await api.as_("aco").post(PATH, {**FACTS, **changes})

    assert (answer.status_code, answer.json()["status"]) == (422, 422)


async def test_the_limits_are_those_of_the_callers_authority(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = [{"kind": "s105", "issued_on": "2026-03-02"}, {"kind": "s105", "issued_on": "2026-06-01"}]
    body = {**FACTS, "kind": "s105", "earlier": earlier}

    assert (await api.as_("aco", la_code="881").post(PATH, body)).json()["tier"] == "refused"
    assert (await api.as_("aco").post(PATH, body)).json()["tier"] == "refused"


async def test_an_assessment_is_given_to_those_who_decide_on_notices(api: ApiClient) -> None:
    roles = ("aco", "acsa", "accredited", "business-support", "manager", "school", "service", "mis", "operations")
    statuses = [(await api.as_(role, schools=[100401]).post(PATH, FACTS)).status_code for role in roles]

    assert statuses == [200] * 7 + [403] * 2
    assert (await api.post(PATH, FACTS)).status_code == 401
