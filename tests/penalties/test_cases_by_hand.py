"""Cases that a named person opens: beside any other, and below the threshold only where the authority's policy allows it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from shared.contracts.penalties import CaseClosed, CaseOpened
from shared.contracts.thresholds import CountingSession
from shared.messaging.recovery import NOT_RECOVERED
from shared.settings import settings
from tests.penalties.chain import UPN, URN, Chain, both_sessions, judged, missing
from tests.penalties.test_recovery import bring_back, go_back
from tests.support.kept_log import KeptLog

THERE, ELSEWHERE = 100402, "935"
BODY = {"upn": UPN, "urn": URN, "reason": "Absent every Friday; the family was seen twice.", "kind": "attendance"}


def standing(counting: list[CountingSession], *, met: bool) -> dict[str, Any]:
    """What thresholds shows of a pupil."""
    shown = [each.model_dump(mode="json") for each in counting]
    window = {"from": "2026-07-13", "to": "2026-09-20"} if met else None
    return {
        "counting": shown, "sessions": shown[:10] if met else [], "window": window, "holiday_period": None,
        "findings": [{"provision": "threshold_sessions"}],
    }  # fmt: skip


@pytest.fixture
async def enrolled(chain: Chain, registers: Any) -> Chain:
    """Give a pupil on a roll, whom thresholds sees with six sessions."""
    registers.judged[:] = [judged()]
    registers.people["threshold"] = standing(both_sessions("2026-09-14", "2026-09-16"), met=False)
    await chain.deliver(chain.roll(), chain.parents_changed(), chain.calendar("2025-26"), chain.calendar())
    return chain


@pytest.fixture
def england(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let authorities without a pack of their own use the national text alone."""
    monkeypatch.setenv("ATTENDANCE_POLICY", "england")
    settings.cache_clear()
    yield
    settings.cache_clear()


async def in_another_authority(chain: Chain) -> None:
    await chain.deliver(chain.roll(la_code=ELSEWHERE, revision=2))


async def test_below_the_threshold_no_case_is_opened_where_the_policy_does_not_allow_it(enrolled: Chain):
    refused = await enrolled.post("/v1/cases", BODY, role="school", expect=409)

    assert missing(refused) == ["below-threshold"]
    assert await enrolled.published() == []


async def test_below_the_threshold_a_case_is_opened_and_marked_where_the_policy_allows_it(enrolled: Chain, england: None):
    await in_another_authority(enrolled)

    opened = await enrolled.post("/v1/cases", BODY)

    case = await enrolled.get(f"/v1/cases/{opened['id']}")
    assert (case["threshold"], case["by_hand"], case["count"], case["urn"]) == ("below", True, 6, URN)
    assert (case["opening_reason"], case["opened_by"], case["opened_by_role"]) == (BODY["reason"], "Ann Officer", "aco")
    assert (case["met_at"], case["earliest_time_bar"]) == ({"date": "2026-09-16", "session": "PM"}, "2027-03-14")
    (event,) = await enrolled.published()
    assert isinstance(event, CaseOpened)
    assert (str(event.case_id), event.by_hand, event.opened_on) == (opened["id"], True, date(2026, 9, 21))
    steps = {step["action"]: step for step in case["actions"]}
    assert "only where the threshold was met" in steps["issue-notice-to-improve"]["why_not"]


async def test_a_case_by_hand_is_walked_to_its_end(enrolled: Chain, england: None):
    await in_another_authority(enrolled)
    case = (await enrolled.post("/v1/cases", BODY))["id"]

    await enrolled.ask_for_notices(case, 0)
    (notice,) = await enrolled.fine(case, 0)
    assert len((await enrolled.get(f"/v1/penalty-notices/{notice['id']}"))["sessions"]) == 6

    await enrolled.post(f"/v1/penalty-notices/{notice['id']}/withdrawal", {"ground": "outside-code", "reason": "Not to be."})
    await enrolled.decide(case, "no-action", 1)
    closed = [event for event in await enrolled.published() if isinstance(event, CaseClosed)]
    assert [str(event.case_id) for event in closed] == [case]


@pytest.mark.parametrize("order", ["by hand first", "threshold first"])
async def test_a_case_by_hand_and_one_of_the_threshold_stand_beside_each_other(enrolled: Chain, registers: Any, order: str):
    registers.people["threshold"] = standing(both_sessions("2026-09-14", "2026-09-18"), met=True)
    met = enrolled.met()
    if order == "threshold first":
        await enrolled.deliver(met)
    opened = await enrolled.post("/v1/cases", BODY, role="school")
    if order == "by hand first":
        await enrolled.deliver(met)

    found = (await enrolled.get(f"/v1/cases?upn={UPN}"))["items"]
    assert sorted((case["by_hand"], case["threshold"], case["count"]) for case in found) == [(False, "met", 10), (True, "met", 10)]
    (other,) = (await enrolled.get(f"/v1/cases/{opened['id']}"))["other_cases"]
    assert other["id"] in {case["id"] for case in found} - {opened["id"]}


async def test_the_threshold_s_word_about_a_run_never_changes_a_case_by_hand(enrolled: Chain, registers: Any):
    registers.people["threshold"] = standing(both_sessions("2026-09-14", "2026-09-18"), met=True)
    opened = await enrolled.post("/v1/cases", BODY)
    await enrolled.deliver(enrolled.met())

    await enrolled.deliver(enrolled.met(both_sessions("2026-09-14", "2026-09-22")), enrolled.withdrawn())

    case = await enrolled.get(f"/v1/cases/{opened['id']}")
    assert (case["threshold"], case["count"]) == ("met", 10)


async def test_a_case_of_an_excluded_pupil_is_refused_by_name(enrolled: Chain):
    refused = await enrolled.post("/v1/cases", BODY | {"kind": "exclusion"}, expect=422)

    assert "excluded pupil" in refused["title"].lower()


async def test_a_case_is_opened_only_at_a_school_with_the_pupil_on_its_roll_and_within_reach(enrolled: Chain):
    api = enrolled.api
    body = BODY | {"urn": THERE}

    answers = [
        await api.as_("aco", name="Ann Officer").post("/v1/cases", body),
        await api.as_("school", name="Head", schools=[THERE]).post("/v1/cases", body),
        await api.as_("school", name="Head", schools=[THERE]).post("/v1/cases", BODY),
        await api.as_("aco", name="Ann Officer", la_code=ELSEWHERE).post("/v1/cases", BODY),
        await api.as_("aco", name="Ann Officer").post("/v1/cases", BODY | {"upn": "A881400020499"}),
        await api.as_("acsa", name="Ann Officer").post("/v1/cases", BODY),
    ]

    assert [each.status_code for each in answers] == [404, 403, 403, 403, 404, 403]


async def test_a_case_by_hand_comes_back_without_its_sessions_from_its_event(enrolled: Chain, registers: Any):
    registers.people["threshold"] = standing(both_sessions("2026-09-14", "2026-09-18"), met=True)
    opened, log = await enrolled.post("/v1/cases", BODY), KeptLog()
    await go_back(enrolled, log)

    await bring_back(enrolled.database, log)

    case = await enrolled.get(f"/v1/cases/{opened['id']}")
    assert (case["by_hand"], case["threshold"], case["count"], case["opening_reason"]) == (True, "below", 0, NOT_RECOVERED)
