"""What stops a notice until a named officer lets it go on."""

from shared.contracts.penalties import CaseDecided
from shared.ids import new_id
from tests.penalties.chain import judged


async def test_a_session_that_a_closure_or_the_roll_takes_away_holds_the_notice_each_time_anew(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    mark = chain.changed(issued["id"], "2026-09-14", "AM", "O")
    lost = mark.model_copy(update={"version": 1, "lost": "not-held", "loss_id": new_id()})

    await chain.deliver(lost, lost)
    assert (await chain.get(f"/v1/penalty-notices/{issued['id']}"))["held"]
    cleared = await chain.post(f"/v1/cases/{case_id}/clearances", {"about": issued["id"], "reason": "The school was open after all."})
    await chain.deliver(lost.model_copy(update={"loss_id": new_id()}))

    (first, second) = (await chain.get(f"/v1/cases/{case_id}"))["holds"]
    assert cleared["cleared"] == 1
    assert (first["cause"], first["change"]["lost"], first["cleared_by"]) == ("mark-changed", "not-held", "Ann Officer")
    assert second["cleared_on"] is None
    assert (await chain.get(f"/v1/penalty-notices/{issued['id']}"))["held"]


async def test_a_mark_that_was_another_childs_holds_the_notice_each_time_anew(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    gone = chain.changed(issued["id"], "2026-09-14", "AM", "-").model_copy(update={"version": 1, "loss_id": new_id()})

    await chain.deliver(gone, gone)
    await chain.post(f"/v1/cases/{case_id}/clearances", {"about": issued["id"], "reason": "They are one child after all."})
    await chain.deliver(gone.model_copy(update={"loss_id": new_id()}))

    assert [each["cleared_on"] is None for each in (await chain.get(f"/v1/cases/{case_id}"))["holds"]] == [False, True]


async def test_no_further_notice_relies_on_a_session_that_was_taken_away(chain, registers):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    lost = chain.changed(issued["id"], "2026-09-14", "AM", "O").model_copy(update={"version": 1, "lost": "not-held", "loss_id": new_id()})
    await chain.deliver(lost)
    await chain.post(f"/v1/cases/{case_id}/clearances", {"about": issued["id"], "reason": "Nine sessions remain."})
    registers.judged = [judged(lost=[("2026-09-14", "AM")])]

    (other,) = await chain.fine(case_id, 1)

    sessions = (await chain.get(f"/v1/penalty-notices/{other['id']}"))["sessions"]
    assert len(sessions) == 9
    assert ("2026-09-14", "AM") not in {(each["date"], each["session"]) for each in sessions}


async def test_a_referral_to_court_carries_no_session_that_was_taken_away(chain, registers):
    case_id = await chain.opened()
    await chain.decide(case_id, "prosecution", 0, no_improvement_notice_reason="A third notice is not possible.")
    registers.judged = [judged(lost=[("2026-09-14", "AM"), ("2026-09-14", "PM")])]

    await chain.agree(case_id, "prosecution")

    published = [each for each in await chain.published() if isinstance(each, CaseDecided) and each.stage == "agreement"]
    assert [len(each.sessions) for each in published] == [8]
