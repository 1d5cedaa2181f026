"""Notices to Improve through the service: when they are issued, what service makes of them, how they end."""

from datetime import date

import pytest

from shared.contracts.penalties import CaseClosed, ImprovementEnded, NoticeIssued
from tests.penalties.chain import IMPROVE, URN, both_sessions, missing


async def test_a_notice_is_published_with_the_sessions_it_relies_on_and_no_word_of_its_text(chain):
    case_id = await chain.opened()
    await chain.warn(case_id, 0)

    issued = (await chain.published())[-1]
    assert isinstance(issued, NoticeIssued)
    assert (issued.kind, issued.parent_id, len(issued.sessions), issued.urn) == ("notice-to-improve", chain.parents[0], 10, URN)
    assert {finding["provision"] for finding in issued.findings} == {"threshold_sessions", "improvement_weeks"}
    assert "breakfast" not in issued.model_dump_json()


async def test_a_notice_needs_a_decision_that_names_the_parent(chain):
    case_id = await chain.opened()
    await chain.decide(case_id, "notice-to-improve", 0)

    refused = await chain.post(f"/v1/cases/{case_id}/notices-to-improve", {"parents": chain.ids(), **IMPROVE}, expect=409)

    assert [(each["code"], each["parent_id"]) for each in refused["missing"]] == [("decision", chain.ids(1)[0])]
    assert "notice-issued" not in await chain.published_names(), "all or none"


async def test_one_notice_runs_at_a_time_per_parent_and_a_new_one_needs_a_new_decision(chain):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    assert missing(await chain.warn(case_id, 0, expect=409)) == ["already-running"]
    await chain.end(notice, "cancelled")

    (again,) = await chain.warn(case_id, 0)

    assert again != notice


async def test_a_notice_is_refused_while_the_threshold_is_withdrawn(chain):
    case_id = await chain.opened()
    await chain.deliver(chain.withdrawn(both_sessions("2026-09-14", "2026-09-17")))

    assert missing(await chain.warn(case_id, expect=409)) == ["threshold-withdrawn"]


async def test_a_notice_is_refused_while_it_would_rely_on_an_n(chain):
    ten = [*both_sessions("2026-09-14", "2026-09-17"), *both_sessions("2026-09-18", "2026-09-18", "N")]
    case_id = await chain.opened(counting=ten, policy="england")

    assert missing(await chain.warn(case_id, expect=409)) == ["reason-not-established"]


async def test_a_notice_is_refused_while_a_mark_relied_on_has_just_changed(chain):
    case_id = await chain.opened()
    await chain.deliver(chain.register("2026-09-14", "AM", "I", 2))
    assert missing(await chain.warn(case_id, expect=409)) == ["mark-changed"]

    await chain.deliver(chain.register("2026-09-14", "AM", "O", 3))

    assert len(await chain.warn(case_id)) == 2


async def test_a_notice_is_refused_to_a_parent_who_may_be_another_person(chain):
    case_id = await chain.opened()
    await chain.deliver(chain.parents_changed(open_match=True, revision=2))

    assert set(missing(await chain.warn(case_id, expect=409))) == {"open-match"}


@pytest.mark.parametrize(
    "body", [{}, {**IMPROVE, "contact": {}}, {**IMPROVE, "support_offered": " "}, {**IMPROVE, "expected_improvement": None}]
)
async def test_a_notice_without_its_mandatory_content_is_refused(chain, body):
    case_id = await chain.opened()

    await chain.post(f"/v1/cases/{case_id}/notices-to-improve", {"parents": chain.ids(), **body}, role="school", expect=422)


async def test_a_missing_calendar_is_named(chain):
    await chain.deliver(chain.roll(), chain.parents_changed(), chain.met())
    case_id = (await chain.get("/v1/cases"))["items"][0]["id"]

    refused = await chain.warn(case_id, expect=409)

    assert (refused["urn"], refused["year"]) == (URN, "2026-27")


async def test_the_weeks_are_those_of_the_pupils_present_school(chain):
    case_id = await chain.opened()
    late_half_term = ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"]
    await chain.deliver(
        chain.roll((URN, "2025-09-01", "2026-09-18"), (100402, "2026-09-21", None), revision=2),
        chain.calendar(urn=100402, closed=late_half_term),
    )

    (notice,) = await chain.warn(case_id, 0)

    assert (await chain.get(f"/v1/notices-to-improve/{notice}"))["planned_ends_on"] == "2026-11-20"


async def test_service_by_hand_sooner_than_planned_does_not_shorten_what_was_printed(chain):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)

    await chain.deliver(chain.served(notice, "2026-09-21", method="hand"))

    shown = await chain.get(f"/v1/notices-to-improve/{notice}")
    assert (shown["served_on"], shown["starts_on"], shown["ends_on"]) == ("2026-09-21", "2026-09-28", "2026-11-13")


async def test_both_parents_keep_one_end_the_later(chain):
    case_id = await chain.opened()
    first, second = await chain.warn(case_id)
    await chain.deliver(chain.served(first, "2026-09-21"), chain.served(second, "2026-09-28"))

    shown = [await chain.get(f"/v1/notices-to-improve/{notice}") for notice in (first, second)]

    assert [(each["starts_on"], each["ends_on"]) for each in shown] == [("2026-09-28", "2026-11-20"), ("2026-10-05", "2026-11-20")]


async def test_a_notice_issued_later_to_the_other_parent_prints_and_gives_the_later_end(chain, today):
    case_id = await chain.opened()
    (first,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(first, "2026-09-21"))
    today("2026-10-05")

    (second,) = await chain.warn(case_id, 1)

    shown = [await chain.get(f"/v1/notices-to-improve/{notice}") for notice in (first, second)]
    assert (shown[0]["ends_on"], shown[1]["planned_ends_on"]) == ("2026-11-27", "2026-11-27")


async def test_an_older_proof_of_service_changes_nothing(chain):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)

    await chain.deliver(chain.served(notice, "2026-09-28", revision=2), chain.served(notice, "2026-09-21", revision=1))

    assert (await chain.get(f"/v1/notices-to-improve/{notice}"))["served_on"] == "2026-09-30"


async def test_a_receipt_proven_on_another_day_is_found_as_such(chain):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)

    await chain.deliver(chain.served(notice, "2026-09-21", received_on="2026-09-29"))

    shown = await chain.get(f"/v1/notices-to-improve/{notice}")
    receipt = next(finding for finding in shown["findings"] if finding["provision"] == "receipt_by_first_class_post")
    assert (receipt["outcome"], receipt["facts"]["received_on"]) == ("received on another day, as proven", "2026-09-29")
    assert (shown["starts_on"], shown["ends_on"]) == ("2026-10-05", "2026-11-20")


async def test_a_closure_during_the_period_lengthens_it_and_one_after_it_does_not(chain, today):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(notice, "2026-09-21"))
    flood = ["2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09"]

    await chain.deliver(chain.calendar(closed=flood, revision=2))
    assert (await chain.get(f"/v1/notices-to-improve/{notice}"))["ends_on"] == "2026-11-20"

    today("2026-11-23")
    late = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]
    await chain.deliver(chain.calendar(closed=[*flood, *late], revision=3))
    assert (await chain.get(f"/v1/notices-to-improve/{notice}"))["ends_on"] == "2026-11-20"


async def test_a_period_whose_calendar_is_missing_is_settled_when_it_comes(chain, today):
    today("2027-06-01")
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(notice, "2027-06-18"))
    assert (await chain.get(f"/v1/notices-to-improve/{notice}"))["ends_on"] is None
    next_year = chain.calendar("2025-26").model_copy(
        update={"year": "2027-28", "open": tuple(day.model_copy(update={"date": day.date.replace(year=2027)}) for day in _autumn(chain))}
    )

    await chain.deliver(next_year)

    shown = await chain.get(f"/v1/notices-to-improve/{notice}")
    assert (shown["starts_on"], shown["ends_on"]) == ("2027-06-28", "2027-09-10")


def _autumn(chain):
    return [day for day in chain.calendar("2026-27").open if date(2026, 9, 1) <= day.date <= date(2026, 10, 23)]


@pytest.mark.parametrize(("day", "status"), [("2026-11-13", 409), ("2026-11-14", 200)])
async def test_a_notice_fails_only_after_its_last_day(chain, today, day, status):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(notice, "2026-09-21"))
    today(day)

    answer = await chain.end(notice, "failed", expect=status)

    if status == 409:
        assert missing(answer) == ["still-running"]
    else:
        assert (answer["status"], answer["ended_on"], answer["ended_by"]) == ("failed", day, "Ann Officer")
        ended = (await chain.published())[-1]
        assert isinstance(ended, ImprovementEnded)
        assert (ended.outcome, ended.ended_on) == ("failed", date(2026, 11, 14))


async def test_a_notice_is_met_only_when_its_time_is_over(chain, today):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(notice, "2026-09-21"))

    today("2026-11-13")
    assert missing(await chain.end(notice, "met", expect=409)) == ["still-running"]
    today("2026-11-14")
    assert (await chain.end(notice, "met"))["status"] == "met"


async def test_a_notice_fails_early_only_on_grounds_that_it_printed(chain, today):
    case_id = await chain.opened()
    (without_grounds,) = await chain.warn(case_id, 0)
    (early,) = await chain.warn(case_id, 1, early_grounds="Any unauthorised absence in the first three weeks.")
    await chain.deliver(chain.served(without_grounds, "2026-09-21"), chain.served(early, "2026-09-21"))
    today("2026-10-07")

    assert missing(await chain.end(without_grounds, "failed-early", expect=409)) == ["no-early-grounds"]
    assert (await chain.end(early, "failed-early"))["status"] == "failed-early"


async def test_absence_counts_as_after_warning_from_the_day_after_service(chain):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(notice, "2026-09-21"), chain.met(both_sessions("2026-09-14", "2026-09-24")))

    shown = await chain.get(f"/v1/notices-to-improve/{notice}")

    assert {session["date"] for session in shown["sessions_since_service"]} == {"2026-09-24"}


async def test_an_unserved_notice_can_only_be_cancelled(chain):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)

    assert missing(await chain.end(notice, "met", expect=409)) == ["not-served"]
    await chain.end(notice, "cancelled")
    assert missing(await chain.end(notice, "cancelled", expect=409)) == ["ended"]


async def test_when_every_notice_is_met_the_case_closes_as_improved(chain, today):
    case_id = await chain.opened()
    notices = await chain.warn(case_id)
    await chain.deliver(*(chain.served(notice, "2026-09-21") for notice in notices))
    today("2026-11-16")
    await chain.end(notices[0], "met")
    assert (await chain.get(f"/v1/cases/{case_id}"))["status"] == "open"

    await chain.end(notices[1], "met")

    closed = (await chain.published())[-1]
    assert isinstance(closed, CaseClosed)
    assert (closed.outcome, closed.set_aside_to) == ("improved", date(2026, 11, 16))


async def test_ended_notices_are_a_persons_list(chain, today, api):
    case_id = await chain.opened()
    first, second = await chain.warn(case_id)
    await chain.deliver(chain.served(first, "2026-09-21"), chain.served(second, "2026-09-21"))
    assert (await chain.get("/v1/notices-to-improve?status=ended"))["items"] == []
    today("2026-11-16")
    await chain.end(first, "failed")

    found = (await chain.get(f"/v1/notices-to-improve?status=ended&urn={URN}", role="school"))["items"]

    assert [(notice["id"], notice["status"]) for notice in found] == [(second, "ended")]
    assert (await api.as_("school", schools=[100402]).get("/v1/notices-to-improve?status=ended")).json()["items"] == []
    assert (await api.as_("school", schools=[100402]).get(f"/v1/notices-to-improve/{second}")).status_code == 403


async def test_a_changed_mark_stops_a_notice_until_an_officer_clears_it(chain, today):
    case_id = await chain.opened()
    (notice,) = await chain.warn(case_id, 0)
    await chain.deliver(chain.served(notice, "2026-09-21"), chain.changed(notice, "2026-09-14", "AM", kind="notice-to-improve"))
    today("2026-11-16")
    assert missing(await chain.end(notice, "failed", expect=409)) == ["held"]
    body = {"about": notice, "reason": "Nine sessions remain, and four since."}
    await chain.post(f"/v1/cases/{case_id}/clearances", body, role="school", expect=403)

    cleared = await chain.post(f"/v1/cases/{case_id}/clearances", body)

    assert (cleared["cleared"], cleared["cleared_by"]) == (1, "Ann Officer")
    assert (await chain.end(notice, "failed"))["held"] is False
    assert missing(await chain.post(f"/v1/cases/{case_id}/clearances", body, expect=409)) == ["nothing-held"]
