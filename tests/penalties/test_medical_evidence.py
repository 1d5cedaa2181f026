"""Medical evidence that was received is reviewed before a referral relies on its days."""

import asyncio
from datetime import date
from uuid import uuid4

import pytest

from services.penalties.support.domain.completeness import LoggedEntry, assess_log
from services.penalties.support.domain.entries import EntryContent
from services.penalties.support.domain.medical import review_refusals
from services.penalties.support.domain.steps import Step
from shared import clock
from tests.penalties.chain import URN, missing
from tests.penalties.test_support_completeness import PACKS, TODAY
from tests.penalties.test_support_log import THERE, record, take

EVIDENCE = {"kind": "medical-evidence", "made_on": "2026-09-14", "notes": "A letter of the clinic is asked for: three weeks of absence."}
NOT_REVIEWED = ["medical-evidence-not-reviewed"]
FIRST, LAST = date(2026, 9, 14), date(2026, 9, 18)


@pytest.fixture
async def case(chain):
    return await chain.opened()


async def request(chain, case, decision="penalty-notice", role="school", expect=201):
    body = {"decision": decision, "reason": "R.", "no_improvement_notice_reason": "A holiday."}
    return await chain.post(f"/v1/cases/{case}/decisions", body, role=role, expect=expect)


async def agree(chain, case, agreed=True, recommendation="penalty-notice", expect=201):
    body = {"agreed": agreed, "recommendation": recommendation, "reason": "R."}
    return await chain.post(f"/v1/cases/{case}/agreement", body, expect=expect)


def logged(*steps, **content):
    entry = EntryContent(kind="medical-evidence", made_on=FIRST, notes="Asked.", **content)
    taken = [Step(uuid4(), uuid4(), step, LAST, "Words.", "Ann", "school", "x", clock.now()) for step in steps]
    return LoggedEntry(uuid4(), entry, tuple(taken))


@pytest.mark.parametrize(
    ("entry", "relied_on", "refused"),
    [
        (logged("received"), date(2026, 9, 14), True),
        (logged("received", about_from=FIRST, about_to=LAST), date(2026, 9, 13), False),
        (logged("received", about_from=FIRST, about_to=LAST), date(2026, 9, 14), True),
        (logged("received", about_from=FIRST, about_to=LAST), date(2026, 9, 18), True),
        (logged("received", about_from=FIRST, about_to=LAST), date(2026, 9, 19), False),
        (logged("not-received", "received"), date(2026, 9, 14), True),
        (logged(), date(2026, 9, 14), False),
        (logged("not-received"), date(2026, 9, 14), False),
        (logged("received", "coding-changed"), date(2026, 9, 14), False),
        (logged("received", "coding-not-changed"), date(2026, 9, 14), False),
    ],
)
def test_evidence_stops_a_referral_from_its_receipt_to_its_review_on_its_own_days(entry, relied_on, refused):
    assert [each.code for each in review_refusals([entry], [relied_on])] == (NOT_REVIEWED if refused else [])


@pytest.mark.parametrize(
    ("entries", "state", "words"),
    [
        ([logged()], "without-outcome", "Asked for on 14 September 2026. Record whether it came."),
        ([logged("received")], "without-outcome",
         "Received on 18 September 2026. Record whether the marks of its days were changed, and why: a referral needs it."),
        ([logged("received"), logged("received", "coding-changed")], "without-outcome",
         "Received on 18 September 2026. Record whether the marks of its days were changed, and why: a referral needs it."),
        ([logged("received", "coding-not-changed")], "done", "14 September 2026: coding not changed on 18 September 2026. Words."),
        ([logged("not-received")], "done", "14 September 2026: not received on 18 September 2026. Words."),
        ([logged(not_done_because="Nobody is ill.")], "not-done", "Not done, because: Nobody is ill. (14 September 2026)"),
    ],
)  # fmt: skip
def test_medical_evidence_is_an_item_of_the_checklist_once_it_was_asked_for(entries, state, words):
    items = {each.item: each for each in assess_log(entries, date(2026, 7, 13), None, PACKS["essex"], TODAY).items}

    assert (items["medical-evidence"].state, items["medical-evidence"].words) == (state, words)


def test_a_log_without_medical_evidence_lacks_none():
    assert "medical-evidence" not in [each.item for each in assess_log([], date(2026, 7, 13), None, PACKS["essex"], TODAY).items]


@pytest.mark.parametrize("decision", ["penalty-notice", "prosecution"])
async def test_a_request_waits_for_the_review_of_medical_evidence(chain, case, decision):
    entry = await record(chain, case, EVIDENCE)
    await take(chain, entry["id"], "received")

    refused = await request(chain, case, decision, expect=409)
    await request(chain, case, "support")
    await take(chain, entry["id"], "coding-not-changed")

    assert missing(refused) == NOT_REVIEWED
    await request(chain, case, decision)


async def test_evidence_that_comes_after_the_request_stops_the_agreement_and_no_refusal_of_it(chain, case):
    entry = await record(chain, case, EVIDENCE)
    await request(chain, case)
    await take(chain, entry["id"], "received")

    assert missing(await agree(chain, case, expect=409)) == NOT_REVIEWED
    await agree(chain, case, agreed=False)
    await take(chain, entry["id"], "coding-not-changed")

    await agree(chain, case)


async def test_evidence_about_other_days_stops_nothing(chain, case):
    entry = await record(chain, case, EVIDENCE, about_from="2026-06-01", about_to="2026-06-30")
    await take(chain, entry["id"], "received")

    await request(chain, case)


async def test_evidence_and_a_request_at_the_same_moment_leave_no_agreement_without_a_review(chain, case):
    entry = await record(chain, case, EVIDENCE)
    person = chain.api.as_("school", name="Ann", schools=[URN])
    body = {"decision": "penalty-notice", "reason": "R.", "no_improvement_notice_reason": "A holiday."}

    answer, _ = await asyncio.gather(person.post(f"/v1/cases/{case}/decisions", body), take(chain, entry["id"], "received"))

    assert answer.status_code in {201, 409}
    if answer.status_code == 201:
        assert missing(await agree(chain, case, expect=409)) == NOT_REVIEWED


async def test_evidence_that_the_next_school_received_stops_a_request_of_the_former_one(chain, case, today):
    today("2026-09-29")
    await chain.deliver(chain.roll((URN, "2025-09-01", "2026-09-25"), (THERE, "2026-09-28", None), revision=2))
    there = chain.api.as_("school", name="Ben", schools=[THERE])
    made = await there.post(f"/v1/cases/{case}/support-entries", {**EVIDENCE, "made_on": "2026-09-28"})
    step = {"step": "received", "taken_on": "2026-09-29", "notes": "It came."}
    assert (await there.post(f"/v1/support-entries/{made.json()['id']}/steps", step)).status_code == 201

    refused = await request(chain, case, expect=409)
    assert missing(refused) == NOT_REVIEWED
    assert f"for school {THERE} records that first" in refused["detail"]
