"""Penalty notices: everything that must be there before one is issued, and what it relies on."""

import asyncio
from datetime import date
from uuid import UUID

import pytest

from services.penalties.notices.domain.references import ALPHABET, is_reference, new_reference
from shared.contracts.penalties import CaseClosed, NoticeIssued
from shared.contracts.prosecutions import ProsecutionConcluded, ProsecutionFileOpened
from shared.contracts.registers import ParentChanged, PupilParent
from shared.ids import new_id
from tests.penalties.chain import URN, both_sessions, judged, marked, missing


async def test_nothing_is_issued_without_decision_agreement_and_notice_to_improve(chain):
    case_id = await chain.opened()
    assert set(missing(await chain.fine(case_id, 0, expect=409))) == {"decision"}

    await chain.decide(case_id, "penalty-notice", 0, no_improvement_notice_reason="A holiday.")
    assert set(missing(await chain.fine(case_id, 0, expect=409))) == {"agreement"}

    await chain.agree(case_id)
    assert missing(await chain.fine(case_id, expect=409)) == ["decision"], "it names the first parent alone: none is issued"
    issued = await chain.fine(case_id, 0)
    assert [notice["parent_id"] for notice in issued] == chain.ids(0)


@pytest.mark.parametrize(("agreed", "recommendation"), [(False, "penalty-notice"), (True, "neither")])
async def test_the_authoritys_latest_answer_counts(chain, agreed, recommendation):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.agree(case_id, recommendation, agreed=agreed)

    assert set(missing(await chain.fine(case_id, expect=409))) == {"agreement"}


async def test_an_agreement_given_before_the_decision_does_not_cover_it(chain):
    case_id = await chain.opened()
    await chain.agree(case_id)
    await chain.decide(case_id, "penalty-notice", no_improvement_notice_reason="A holiday.")

    assert set(missing(await chain.fine(case_id, expect=409))) == {"agreement"}


async def test_a_later_course_supersedes_the_request(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.decide(case_id, "support", 0)
    await chain.decide(case_id, "notice-to-improve", 1)

    assert missing(await chain.fine(case_id, 1, expect=409)) == ["decision"]
    assert len(await chain.fine(case_id, 0)) == 1


async def test_a_running_notice_to_improve_stops_a_penalty_notice_and_a_met_one_ends_the_matter(chain, today):
    case_id = await chain.opened()
    running, met = await chain.warn(case_id)
    await chain.deliver(chain.served(running, "2026-09-21"), chain.served(met, "2026-09-21"))
    await chain.decide(case_id, "penalty-notice")
    await chain.agree(case_id)
    assert missing(await chain.fine(case_id, 0, expect=409)) == ["notice-to-improve-running"]

    today("2026-11-16")
    await chain.end(met, "met")
    await chain.end(running, "failed")

    assert missing(await chain.fine(case_id, 1, expect=409)) == ["matter-ended"]
    assert len(await chain.fine(case_id, 0)) == 1


async def test_a_notice_is_refused_while_the_threshold_is_withdrawn_and_possible_when_it_is_met_again(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.deliver(chain.withdrawn(both_sessions("2026-09-14", "2026-09-17")))
    assert missing(await chain.fine(case_id, expect=409)) == ["threshold-withdrawn"]

    await chain.deliver(chain.met())

    assert len(await chain.fine(case_id)) == 2


async def test_a_notice_is_refused_to_a_parent_who_may_be_another_person(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.deliver(chain.parents_changed(open_match=True, revision=2))

    assert set(missing(await chain.fine(case_id, 0, expect=409))) == {"open-match"}


async def test_a_notice_is_refused_while_the_offence_period_has_an_n_that_counts(chain):
    counting = [*both_sessions("2026-09-14", "2026-09-18"), *both_sessions("2026-09-21", "2026-09-21", "N")]
    case_id = await chain.opened(counting=counting, policy="england")
    await chain.ask_for_notices(case_id)

    assert missing(await chain.fine(case_id, 0, last="2026-09-21", expect=409)) == ["reason-not-established"]
    assert len(await chain.fine(case_id, 0)) == 1


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-07-15", "2024-09-10"), ("2024-08-18", "2024-08-19"), ("2024-07-08", "2024-07-12"), ("2026-09-18", "2026-09-14"), ("2026-09-14", "2026-09-22")],
    ids=["across the change of the law", "across it by a day", "before it", "backwards", "in the future"],
)  # fmt: skip
async def test_an_offence_period_for_which_no_notice_exists_is_refused(chain, first, last):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)

    await chain.fine(case_id, first=first, last=last, expect=422)


async def test_a_notice_relies_on_every_counting_session_of_the_period_and_on_no_other(chain):
    case_id = await chain.opened(counting=both_sessions("2026-09-07", "2026-09-18"))
    await chain.ask_for_notices(case_id)

    (issued,) = await chain.fine(case_id, 0)

    shown = await chain.get(f"/v1/penalty-notices/{issued['id']}")
    assert len(shown["sessions"]) == 10
    assert {session["date"] for session in shown["sessions"]} == {f"2026-09-{day}" for day in range(14, 19)}


async def test_a_period_without_a_counting_session_is_refused(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)

    assert set(missing(await chain.fine(case_id, first="2026-09-07", last="2026-09-11", expect=409))) == {"no-sessions"}


async def test_a_notice_does_not_rely_on_a_mark_that_has_just_changed(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.deliver(chain.register("2026-09-14", "AM", "I", 2))

    (issued,) = await chain.fine(case_id, 0)

    assert len((await chain.get(f"/v1/penalty-notices/{issued['id']}"))["sessions"]) == 9


async def test_sessions_that_were_set_aside_need_a_reason(chain, registers):
    case_id = await chain.opened()
    registers.judged = [judged(set_aside=both_sessions("2026-09-07", "2026-09-08"))]
    await chain.ask_for_notices(case_id)
    assert missing(await chain.fine(case_id, 0, first="2026-09-07", expect=409)) == ["set-aside-reason"]

    (issued,) = await chain.fine(case_id, 0, first="2026-09-07", set_aside_reason="The first case was closed by mistake.")

    assert len((await chain.get(f"/v1/penalty-notices/{issued['id']}"))["sessions"]) == 14


async def test_spent_sessions_are_not_relied_on_again_against_that_parent_but_free_against_the_other(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.fine(case_id, 0)
    await chain.deliver(chain.met(both_sessions("2026-09-14", "2026-09-21")))
    await chain.ask_for_notices(case_id)

    (again,) = await chain.fine(case_id, 0, last="2026-09-21")
    (other,) = await chain.fine(case_id, 1, last="2026-09-21")

    assert (again["tier"], len((await chain.get(f"/v1/penalty-notices/{again['id']}"))["sessions"])) == ("second", 2)
    assert (other["tier"], len((await chain.get(f"/v1/penalty-notices/{other['id']}"))["sessions"])) == ("first", 12)
    await chain.ask_for_notices(case_id, 0)
    assert missing(await chain.fine(case_id, 0, last="2026-09-21", expect=409)) == ["no-sessions"]


async def test_the_other_parents_notice_stays_possible_when_the_threshold_no_longer_counts_the_sessions(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    await chain.fine(case_id, 0)
    await chain.deliver(chain.met(both_sessions("2026-10-05", "2026-10-09"), run_id=new_id()))

    (other,) = await chain.fine(case_id, 1)

    assert len((await chain.get(f"/v1/penalty-notices/{other['id']}"))["sessions"]) == 10


async def test_one_decision_and_one_agreement_make_one_notice(chain):
    case_id = await chain.opened(counting=both_sessions("2026-09-07", "2026-09-18"))
    await chain.ask_for_notices(case_id)
    await chain.fine(case_id, 0)

    assert missing(await chain.fine(case_id, 0, first="2026-09-07", last="2026-09-11", expect=409)) == ["decision"]


async def test_a_third_notice_in_three_years_is_refused_with_its_findings(chain):
    case_id = await chain.opened(counting=both_sessions("2026-09-07", "2026-09-18"))
    for first, last, tier in (("2026-09-07", "2026-09-08", "first"), ("2026-09-09", "2026-09-10", "second")):
        await chain.ask_for_notices(case_id)
        assert {notice["tier"] for notice in await chain.fine(case_id, first=first, last=last)} == {tier}
    await chain.ask_for_notices(case_id)

    refused = await chain.fine(case_id, expect=409)

    assert set(missing(refused)) == {"cap"}
    assert any(finding["provision"] == "cap_notices" and finding["outcome"] == "refused" for finding in refused["findings"])
    assert (await chain.published_names()).count("notice-issued") == 4


async def test_a_notice_issued_to_a_former_id_of_the_same_person_counts(chain):
    case_id = await chain.opened(counting=both_sessions("2026-09-07", "2026-09-18"))
    await chain.ask_for_notices(case_id, 0)
    await chain.fine(case_id, 0, first="2026-09-07", last="2026-09-11")
    former, person = chain.parents
    merged = PupilParent(parent_id=person, urn=URN, relationship="mother", formerly=(former,))
    await chain.deliver(ParentChanged(pupil_id=chain.pupil, parents=(merged,), revision=2))
    await chain.ask_for_notices(case_id, 1)

    (issued,) = await chain.fine(case_id, 1, first="2026-09-07")

    assert (issued["tier"], len((await chain.get(f"/v1/penalty-notices/{issued['id']}"))["sessions"])) == ("second", 10)


async def test_a_holiday_needs_the_mark_of_the_return(chain, registers):
    case_id = await chain.opened(counting=both_sessions("2026-09-14", "2026-09-18", "G"), holiday=True)
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "G")]
    registers.judged = [judged(registers.marks)]
    assert missing(await chain.fine(case_id, main_reason="holiday", expect=409)) == ["return-mark"]
    registers.marks.append(marked("2026-09-21", "AM", "I"))
    assert missing(await chain.fine(case_id, main_reason="holiday", expect=409)) == ["return-mark"]

    registers.marks.append(marked("2026-09-21", "PM", "\\"))

    assert len(await chain.fine(case_id, main_reason="holiday")) == 2


async def test_a_return_on_the_last_afternoon_of_the_period_ends_a_holiday(chain, registers):
    half_day = both_sessions("2026-09-11", "2026-09-17", "G")
    case_id = await chain.opened(counting=[*half_day, both_sessions("2026-09-18", "2026-09-18", "G")[0]], holiday=True)
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "L")]

    assert len(await chain.fine(case_id, first="2026-09-11", main_reason="holiday")) == 2


async def test_a_holiday_waits_while_registers_cannot_be_asked(chain, monkeypatch):
    case_id = await chain.opened(holiday=True)
    await chain.ask_for_notices(case_id)
    monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", "http://127.0.0.1:9")

    await chain.fine(case_id, main_reason="holiday", expect=503)

    assert "notice-issued" not in await chain.published_names()


@pytest.mark.parametrize(
    ("role", "holiday", "status"),
    [
        ("school", True, 403),
        ("acsa", True, 403),
        ("business-support", False, 403),
        ("business-support", True, 201),
        ("accredited", False, 403),  # not without a referral
    ],
)
async def test_a_notice_is_issued_only_by_those_who_may(chain, role, holiday, status):
    case_id = await chain.opened(holiday=holiday)
    await chain.ask_for_notices(case_id)
    body = {"parents": chain.ids(), "offence": {"from": "2026-09-14", "to": "2026-09-18"}, "main_reason": "other"}

    await chain.post(f"/v1/cases/{case_id}/penalty-notices", body, role=role, expect=status)


async def test_the_clocks_start_with_receipt_and_are_never_shortened(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    path = f"/v1/penalty-notices/{issued['id']}"
    planned = await chain.get(path)
    assert (planned["planned_received_on"], planned["planned_early_deadline"], planned["received_on"]) == ("2026-09-23", "2026-10-13", None)

    await chain.deliver(chain.served(issued["id"], "2026-09-21", method="hand"))
    by_hand = await chain.get(path)
    assert (by_hand["received_on"], by_hand["early_deadline"], by_hand["final_deadline"]) == ("2026-09-21", "2026-10-13", "2026-10-20")

    await chain.deliver(chain.served(issued["id"], "2026-09-22", revision=2))
    later = await chain.get(path)
    assert (later["received_on"], later["early_deadline"], later["final_deadline"]) == ("2026-09-24", "2026-10-14", "2026-10-21")
    assert (later["overdue_from"], later["status"]) == ("2026-10-22", "served")


async def test_a_returned_letter_stops_the_clock_until_the_notice_is_served_again_and_cleared(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    notice = issued["id"]
    await chain.deliver(chain.served(notice, "2026-09-21"), chain.returned(notice, "2026-09-21"))
    assert (await chain.get(f"/v1/penalty-notices/{notice}"))["held"] is True
    body = {"about": case_id, "reason": "New address found."}
    assert missing(await chain.post(f"/v1/cases/{case_id}/clearances", body, expect=409)) == ["served-again"]

    await chain.deliver(chain.served(notice, "2026-10-05", revision=2))
    await chain.post(f"/v1/cases/{case_id}/clearances", body)

    shown = await chain.get(f"/v1/penalty-notices/{notice}")
    assert (shown["held"], shown["early_deadline"]) == (False, "2026-10-27")


async def test_a_changed_mark_holds_the_notice_and_every_further_one_of_the_case(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    change = chain.changed(issued["id"], "2026-09-14", "AM")
    await chain.deliver(change, change)
    assert missing(await chain.fine(case_id, 1, expect=409)) == ["held"]
    await chain.post(f"/v1/cases/{case_id}/clearances", {"about": str(new_id()), "reason": "r"}, expect=404)
    await chain.post(f"/v1/cases/{case_id}/clearances", {"about": issued["id"]}, expect=422)

    cleared = await chain.post(f"/v1/cases/{case_id}/clearances", {"about": issued["id"], "reason": "Nine sessions remain."})

    assert cleared["cleared"] == 1
    (other,) = await chain.fine(case_id, 1)
    sessions = (await chain.get(f"/v1/penalty-notices/{other['id']}"))["sessions"]
    assert len(sessions) == 9, "the amended mark is relied on no more"


async def test_a_notice_judged_by_the_court_ends_the_matter_and_an_acquittal_frees_the_cap(chain):
    case_id = await chain.opened(counting=both_sessions("2026-09-07", "2026-09-18"))
    await chain.ask_for_notices(case_id, 0)
    (issued,) = await chain.fine(case_id, 0)
    file = {
        "file_id": new_id(),
        "case_id": UUID(case_id),
        "pupil_id": chain.pupil,
        "parent_id": chain.parents[0],
        "notice_ids": (UUID(issued["id"]),),
    }
    opened = ProsecutionFileOpened(
        **file, offence="s444", sessions=(), safe_limit=date(2027, 3, 14), outer_limit=date(2027, 3, 18), opened_on=date(2026, 12, 1)
    )
    await chain.deliver(opened, ProsecutionConcluded(**file, outcome="acquitted", acquitted=True, concluded_on=date(2027, 2, 1)))
    await chain.decide(case_id, "no-action", 1)
    closed = (await chain.published())[-1]
    assert isinstance(closed, CaseClosed)
    assert closed.outcome == "court"

    await chain.deliver(chain.met(both_sessions("2026-09-07", "2026-09-11"), run_id=new_id()))
    again = (await chain.get("/v1/cases?status=open"))["items"][0]["id"]
    await chain.ask_for_notices(again, 0)

    assert [notice["tier"] for notice in await chain.fine(again, 0, first="2026-09-07", last="2026-09-11")] == ["first"]


async def test_notices_are_listed_for_and_seen_by_their_own_schools_and_officers(chain, api):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    issued = await chain.fine(case_id)

    assert len((await chain.get(f"/v1/penalty-notices?case_id={case_id}&status=issued", role="school"))["items"]) == 2
    assert len((await chain.get(f"/v1/penalty-notices?urn={URN}&limit=1"))["items"]) == 1
    other = api.as_("school", schools=[100402])
    assert (await other.get("/v1/penalty-notices")).json()["items"] == []
    assert (await other.get(f"/v1/penalty-notices/{issued[0]['id']}")).status_code == 403
    assert (await api.as_("aco").get(f"/v1/penalty-notices/{new_id()}")).status_code == 404
    letter = (await api.as_("service").get(f"/v1/penalty-notices/{issued[0]['id']}")).json()
    assert (letter["issued_by"], letter["issued_by_role"], letter["offence"]) == (
        "Ann Officer",
        "aco",
        {"from": "2026-09-14", "to": "2026-09-18"},
    )


async def test_the_same_order_again_with_its_key_gets_the_same_answer(chain, api):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    body = {"parents": chain.ids(), "offence": {"from": "2026-09-14", "to": "2026-09-18"}, "main_reason": "other"}
    aco = api.as_("aco", name="Ann Officer")

    first, again = [await aco.post(f"/v1/cases/{case_id}/penalty-notices", body, headers={"Idempotency-Key": "k-1"}) for _ in range(2)]

    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert len([event for event in await chain.published() if isinstance(event, NoticeIssued)]) == 2


def test_a_reference_finds_every_single_error_and_every_swap():
    drawn = iter("7K2M9Q")
    reference = new_reference(lambda _: next(drawn))
    body = reference.removeprefix("PN-")
    wrong = {f"PN-{body[:position]}{other}{body[position + 1 :]}" for position in range(7) for other in ALPHABET if other != body[position]}
    swapped = {f"PN-{body[:position]}{body[position + 1]}{body[position]}{body[position + 2 :]}" for position in range(6)}

    assert is_reference(reference)
    assert not any(is_reference(text) for text in (wrong | swapped) - {reference})
    assert not any(is_reference(text) for text in ("", "PN-", body, f"PN-{body}2", reference.replace("7", "0")))


async def test_of_two_orders_at_once_one_is_issued(chain, api):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    body = {"parents": chain.ids(), "offence": {"from": "2026-09-14", "to": "2026-09-18"}, "main_reason": "other"}
    officers = [api.as_("aco", name=name) for name in ("Ann Officer", "Ben Officer")]

    answers = await asyncio.gather(*(officer.post(f"/v1/cases/{case_id}/penalty-notices", body) for officer in officers))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert (await chain.published_names()).count("notice-issued") == 2
