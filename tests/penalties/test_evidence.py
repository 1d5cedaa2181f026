"""A notice rests on the register as it stands when it is issued."""

from datetime import timedelta

from services.penalties.use_cases import evidence
from tests.penalties.chain import judged, marked, whole_days


async def test_a_notice_waits_for_marks_that_the_register_holds_and_nobody_has_judged_yet(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "N", "O")]
    on_its_way, arrived = (judged([marked("2026-09-18", "PM", *codes)]) for codes in (["N"], ["N", "O"]))
    registers.judged = [judged(), on_its_way, on_its_way, arrived]

    await chain.fine(case_id, 0)

    assert registers.judged == [arrived]
    monkeypatch.setattr(evidence, "PATIENCE", timedelta(0))
    registers.judged = [on_its_way]
    refused = await chain.fine(case_id, 1, expect=503)
    assert (refused["type"], refused["sessions"]) == ("/problems/evidence-on-its-way", ["2026-09-18 PM"])


async def test_a_notice_waits_for_a_judgement_that_has_not_arrived_here(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.judged = [judged(runs=[{"run_id": str(chain.run), "revision": chain.revision + 1}])]
    monkeypatch.setattr(evidence, "PATIENCE", timedelta(0))

    assert (await chain.fine(case_id, expect=503))["sessions"] == []

    await chain.says(chain.met(whole_days("2026-09-14", "2026-09-21")))
    assert {
        len((await chain.get(f"/v1/penalty-notices/{each['id']}"))["sessions"]) for each in await chain.fine(case_id, last="2026-09-21")
    } == {12}


async def test_a_present_mark_that_was_never_amended_has_nothing_to_be_judged(chain, registers):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "\\")]

    assert len(await chain.fine(case_id)) == 2


async def test_a_notice_does_not_wait_for_a_judgement_of_other_minutes_late(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-17", "AM", "L", "L"), marked("2026-09-18", "PM", "N", "U", "U")]
    registers.judged = [judged([marked("2026-09-18", "PM", "N", "U")])]
    monkeypatch.setattr(evidence, "PATIENCE", timedelta(0))

    assert len(await chain.fine(case_id)) == 2
