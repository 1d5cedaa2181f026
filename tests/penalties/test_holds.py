"""What stops a notice until a named officer lets it go on."""

from shared.ids import new_id


async def test_a_session_that_a_closure_or_the_roll_takes_away_holds_the_notice_each_time_anew(chain):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    (issued,) = await chain.fine(case_id, 0)
    mark = chain.changed(issued["id"], "2026-09-14", "AM", "O")
    lost = mark.model_copy(update={"version": 1, "lost": "not-held", "loss_id": new_id()})

    await chain.says(lost, lost)
    assert (await chain.get(f"/v1/penalty-notices/{issued['id']}"))["held"]
    cleared = await chain.post(f"/v1/cases/{case_id}/clearances", {"about": issued["id"], "reason": "The school was open after all."})
    await chain.says(lost.model_copy(update={"loss_id": new_id()}))

    (first, second) = (await chain.get(f"/v1/cases/{case_id}"))["holds"]
    assert cleared["cleared"] == 1
    assert (first["cause"], first["change"]["lost"], first["cleared_by"]) == ("mark-changed", "not-held", "Ann Officer")
    assert second["cleared_on"] is None
    assert (await chain.get(f"/v1/penalty-notices/{issued['id']}"))["held"]
