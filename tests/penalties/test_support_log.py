"""The support log: what may be recorded, who reads and corrects it, and what happens beside it."""

import asyncio
from uuid import UUID

import pytest

from tests.penalties.chain import UPN, URN, missing

THERE = 100402
CALL = {"kind": "call", "made_on": "2026-09-21", "way": "telephone", "notes": "Rang the mother; she will come on Thursday."}
MEETING = {"kind": "meeting", "made_on": "2026-09-14", "way": "school", "notes": "Offered a meeting about the first week."}


@pytest.fixture
async def case(chain):
    return await chain.opened()


async def record(chain, case, body=CALL, role="school", expect=None, **more):
    return await chain.post(f"/v1/cases/{case}/support-entries", {**body, **more}, role=role, expect=expect)


async def log(chain, case, role="school"):
    return (await chain.get(f"/v1/cases/{case}/support-entries", role=role))["items"]


async def correct(chain, entry, body=CALL, role="school", expect=None, **more):
    body = {**body, "version": 1, "reason": "It was the father.", **more}
    return await chain.post(f"/v1/support-entries/{entry}/versions", body, role=role, expect=expect)


async def test_an_entry_holds_who_was_invited_and_came_and_when_each_parent_got_the_notes(chain, case):
    mother, father = chain.ids()
    people = [
        {"parent_id": mother, "came": True, "engaged": True, "notes_given_on": "2026-09-18"},
        {"parent_id": father, "came": False},
        {"name": "Ms Lane, SENCO", "came": True},
    ]

    made = await record(
        chain,
        case,
        MEETING,
        offered_for="2026-09-17",
        offered_at="15:30",
        held_on="2026-09-17",
        participants=people,
        outcome="Breakfast club.",
    )

    assert [each["content"] for each in await log(chain, case)] == [made["content"]]
    assert made["content"] | {"participants": 0} == {
        **MEETING, "offered_for": "2026-09-17", "offered_at": "15:30:00", "held_on": "2026-09-17", "missed": False, "participants": 0,
        "child_present": False, "outcome": "Breakfast club.", "contract": None, "agency": None, "not_done_because": None, "evidence": False,
        "sensitive": False, "sensitive_reason": None, "agreed": [], "about_from": None, "about_to": None, "offices_absent": [],
    }  # fmt: skip
    assert [(each["came"], each["engaged"], each["notes_given_on"]) for each in made["content"]["participants"]] == [
        (True, True, "2026-09-18"), (False, None, None), (True, None, None)
    ]  # fmt: skip
    assert (made["version"], made["written_by"], made["written_for"], made["urn"]) == (1, "Ann Officer", "school", URN)


REFUSED: dict[str, dict[str, object]] = {
    "contract-without-parent": {"kind": "attendance-contract", "contract": "made", "held_on": "2026-09-21"},
    "contract-state": {"kind": "attendance-contract"},
    "agency": {"kind": "agency-referral"},
    "contract-of-another-kind": {"contract": "offered"},
    "child-meeting-as-evidence": {"kind": "meeting", "held_on": "2026-09-21", "child_present": True, "evidence": True},
    "made-in-future": {"made_on": "2026-09-22"},
    "held-in-future": {"held_on": "2026-09-22"},
    "held-before-offered": {"held_on": "2026-09-20"},
    "offered-for-the-past": {"offered_for": "2026-09-20"},
    "hour-without-day": {"offered_at": "15:30"},
    "came-to-nothing": {"participants": [{"name": "Ms Lane", "came": True}]},
    "participant": {"participants": [{"came": True}], "held_on": "2026-09-21"},
    "notes-in-future": {"participants": [{"name": "Ms Lane", "notes_given_on": "2026-09-22"}]},
    "notes-before-meeting": {"participants": [{"name": "Ms Lane", "notes_given_on": "2026-09-20"}]},
    "done-and-not-done": {"not_done_because": "No reply.", "held_on": "2026-09-21"},
    "about-of-another-kind": {"about_from": "2026-09-14", "about_to": "2026-09-14"},
    "about-in-part": {"kind": "medical-evidence", "about_from": "2026-09-14"},
    "about-backwards": {"kind": "medical-evidence", "about_from": "2026-09-15", "about_to": "2026-09-14"},
    "nothing-as-evidence": {"not_done_because": "No reply.", "evidence": True},
}


@pytest.mark.parametrize("code", REFUSED)
async def test_an_entry_that_cannot_be_so_is_refused_with_its_reason(chain, case, code):
    refused = await record(chain, case, expect=409, **REFUSED[code])

    assert missing(refused) == [code]
    assert await log(chain, case) == []


async def test_a_parent_is_named_once_in_an_entry(chain, case):
    twice = [{"parent_id": chain.ids()[0]}, {"parent_id": chain.ids()[0]}]

    assert missing(await record(chain, case, participants=twice, expect=409)) == ["participant-twice"]


@pytest.mark.parametrize(
    "allowed",
    [
        {"made_on": "2026-09-21", "held_on": "2026-09-21", "offered_for": "2026-09-21"},
        {"offered_for": "2026-10-21", "offered_at": "09:00"},
        {"kind": "meeting", "held_on": "2026-09-21", "child_present": True},
        {"kind": "attendance-contract", "contract": "refused"},
        {"kind": "attendance-contract", "not_done_because": "A holiday."},
    ],
)
async def test_an_entry_at_the_edge_of_a_refusal_is_recorded(chain, case, allowed):
    await record(chain, case, **allowed)

    assert len(await log(chain, case)) == 1


async def test_a_contract_with_somebody_who_is_no_parent_is_refused_and_with_a_parent_is_made(chain, case):
    contract = {"kind": "attendance-contract", "contract": "made", "held_on": "2026-09-21"}
    stranger, parent = {"name": "A grandmother", "came": True}, {"parent_id": chain.ids()[0], "came": True}

    refused = await record(chain, case, participants=[stranger, parent | {"came": False}], expect=409, **contract)
    await record(chain, case, participants=[parent], **contract)

    assert [each["provision"] for each in refused["findings"]] == ["contract_needs_parent_present"]
    assert refused["findings"][0]["outcome"] == "refused"


async def test_nobody_is_a_participant_by_the_id_of_a_stranger(chain, case):
    await record(chain, case, participants=[{"parent_id": str(UUID(int=1))}], expect=422)


async def test_a_correction_is_a_new_version_and_what_was_written_first_stays(chain, case):
    made = await record(chain, case)

    await correct(chain, made["id"], notes="Rang the father.")

    shown = await chain.get(f"/v1/support-entries/{made['id']}")
    assert [(each["version"], each["content"]["notes"], each["correction_reason"]) for each in shown["versions"]] == [
        (1, CALL["notes"], None), (2, "Rang the father.", "It was the father.")
    ]  # fmt: skip
    assert (shown["version"], shown["content"]["notes"]) == (2, "Rang the father.")
    assert [(each["version"], each["content"]["notes"]) for each in await log(chain, case)] == [(2, "Rang the father.")]


async def test_of_two_corrections_at_the_same_moment_one_is_refused(chain, case):
    made = await record(chain, case)
    people = [chain.api.as_("school", name=name, schools=[URN]) for name in ("Ann", "Ben")]
    body = {**CALL, "version": 1, "reason": "Wrong."}

    answers = await asyncio.gather(*(each.post(f"/v1/support-entries/{made['id']}/versions", body) for each in people))

    assert sorted(each.status_code for each in answers) == [201, 409]
    assert [each["version"] for each in (await chain.get(f"/v1/support-entries/{made['id']}"))["versions"]] == [1, 2]


async def test_a_correction_obeys_the_rules_of_an_entry(chain, case):
    made = await record(chain, case)

    assert missing(await correct(chain, made["id"], made_on="2026-09-22", expect=409)) == ["made-in-future"]


async def test_only_those_for_whom_an_entry_was_written_correct_it(chain, case):
    made, officers = await record(chain, case), await record(chain, case, role="acsa")

    await correct(chain, made["id"], role="aco", expect=403)
    await correct(chain, officers["id"], expect=403)

    await correct(chain, officers["id"], role="manager")
    assert officers["written_for"] == "authority"


async def test_nothing_is_recorded_without_a_person_s_name(chain, case):
    nameless = chain.api.as_("aco", name="")

    assert (await nameless.post(f"/v1/cases/{case}/support-entries", CALL)).status_code == 403


async def test_the_same_request_again_records_one_entry(chain, case):
    person = chain.api.as_("school", name="Ann", schools=[URN])
    for _ in range(2):
        answer = await person.post(f"/v1/cases/{case}/support-entries", CALL, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 201

    assert len(await log(chain, case)) == 1


@pytest.mark.parametrize("closed_first", [True, False])
async def test_an_entry_and_the_closing_of_its_case_do_not_stand_in_each_other_s_way(chain, case, closed_first):
    steps = [lambda: chain.decide(case, "no-action", 0, 1), lambda: record(chain, case)]
    for step in steps if closed_first else reversed(steps):
        await step()

    assert len(await log(chain, case)) == 1
    assert (await chain.get(f"/v1/cases/{case}"))["status"] == "closed"


async def read(chain, case, urn, role="school"):
    answer = await chain.api.as_(role, name="Ann", schools=[urn]).get(f"/v1/cases/{case}/support-entries")
    return [each["content"]["notes"] for each in answer.json()["items"]] if answer.status_code == 200 else answer.status_code


@pytest.mark.parametrize("moved_first", [True, False])
async def test_a_former_school_reads_what_was_while_the_pupil_was_there(chain, case, today, moved_first):
    async def move():
        spells = ((URN, "2025-09-01", "2026-09-25"), (THERE, "2026-09-28", None))
        await chain.deliver(chain.roll(*spells, revision=2))

    today("2026-09-29")
    if moved_first:
        await move()
        await record(chain, case, notes="Old")
    else:
        await record(chain, case, notes="Old")
        await move()
    there = chain.api.as_("school", name="Ben", schools=[THERE])
    assert (await there.post(f"/v1/cases/{case}/support-entries", {**CALL, "made_on": "2026-09-28", "notes": "New"})).status_code == 201
    await record(chain, case, made_on="2026-09-25", notes="Late", role="aco")

    assert await read(chain, case, THERE) == ["New", "Late", "Old"]
    assert await read(chain, case, URN) == ["Late", "Old"]
    assert await read(chain, case, 100499) == 403


async def test_the_log_has_pages(chain, case):
    for number in range(3):
        await record(chain, case, notes=f"Call {number}")

    first = await chain.get(f"/v1/cases/{case}/support-entries?limit=2")
    second = await chain.get(f"/v1/cases/{case}/support-entries?limit=2&after={first['next']}")

    assert [each["content"]["notes"] for page in (first, second) for each in page["items"]] == ["Call 2", "Call 1", "Call 0"]


async def test_the_completeness_of_a_case_counts_from_its_first_week(chain, case):
    await record(chain, case, {**MEETING, "made_on": "2026-07-12"}, outcome="Agreed.")
    before = await chain.get(f"/v1/cases/{case}/support-completeness")
    await record(chain, case, {**MEETING, "made_on": "2026-07-13"}, outcome="Agreed.")
    after = await chain.get(f"/v1/cases/{case}/support-completeness", role="school")

    states = [{each["item"]: each["state"] for each in found["items"]}["meeting"] for found in (before, after)]
    assert states == ["missing", "done"]
    assert (after["complete"], after["counted_from"]) == (False, "2026-07-13")
    assert after["findings"][0]["provision"] == "support_checklist"
    assert "meeting" not in after["findings"][0]["facts"]["lacking"]


async def test_an_accredited_person_records_in_a_case_that_was_referred_to_their_school(chain, case):
    person = chain.api.as_("accredited", name="P. Accredited", schools=[URN])
    path = f"/v1/cases/{case}/support-entries"
    assert (await person.post(path, CALL)).status_code == 403
    await chain.decide(case, "penalty-notice", no_improvement_notice_reason="A holiday.")
    await chain.post(f"/v1/cases/{case}/agreement", {"agreed": True, "recommendation": "penalty-notice", "reason": "Yes.", "refer_to": URN})

    made = await person.post(path, CALL)

    assert (made.status_code, made.json()["written_for"]) == (201, "accredited")
    assert len((await person.get(path)).json()["items"]) == 1


async def test_a_school_s_system_and_business_support_record_nothing(chain, case):
    for role, schools in (("mis", [URN]), ("business-support", [])):
        answer = await chain.api.as_(role, name="N", schools=schools).post(f"/v1/cases/{case}/support-entries", CALL)
        assert answer.status_code == 403
    assert (await chain.api.as_("mis", schools=[URN]).get(f"/v1/cases/{case}/support-entries")).status_code == 403


@pytest.mark.parametrize("merged_first", [True, False])
async def test_the_records_of_one_child_have_one_log(chain, case, merged_first):
    child = UUID(int=77)

    async def merge():
        earlier = chain.roll((URN, "2025-09-01", None), upn="X88140002040A", revision=2).model_copy(update={"same_as": child})
        new = chain.roll((URN, "2025-09-01", None), upn=UPN).model_copy(update={"pupil_id": child})
        await chain.deliver(earlier, new)
        later = chain.met(run_id=UUID(int=78), pupil_id=child)
        await chain.deliver(later)

    if merged_first:
        await merge()
        await record(chain, case)
    else:
        await record(chain, case)
        await merge()

    cases = [each["id"] for each in (await chain.get("/v1/cases"))["items"]]
    assert len(cases) == 2
    assert [len(await log(chain, each)) for each in cases] == [1, 1]


async def test_a_parent_with_two_ids_is_one_participant(chain, case):
    mother, father = chain.parents
    made = await record(chain, case, participants=[{"parent_id": str(father)}])
    changed = chain.parents_changed(ids=[mother], revision=2)
    one = changed.parents[0].model_copy(update={"formerly": (father,)})
    await chain.deliver(changed.model_copy(update={"parents": (one,)}))

    assert [each["parent_id"] for each in (await log(chain, case))[0]["content"]["participants"]] == [str(mother)]
    twice = [{"parent_id": str(mother)}, {"parent_id": str(father)}]
    assert missing(await correct(chain, made["id"], participants=twice, expect=409)) == ["participant-twice"]


REFERRAL = {"kind": "agency-referral", "agency": "Family centre", "made_on": "2026-09-14", "notes": "For the mother's sleep."}


async def take(chain, entry, step, on="2026-09-21", expect=None, role="school"):
    body = {"step": step, "taken_on": on, "notes": f"They wrote: {step}."}
    return await chain.post(f"/v1/support-entries/{entry}/steps", body, role=role, expect=expect)


@pytest.mark.parametrize(
    ("body", "steps", "states"),
    [
        (REFERRAL, ["accepted", "waiting", "started", "ended"], ["asked", "accepted", "waiting", "started", "ended"]),
        (REFERRAL, ["refused"], ["asked", "refused"]),
        ({**CALL, "kind": "advice"}, ["followed"], ["given", "followed"]),
        ({**CALL, "kind": "advice"}, ["not-followed"], ["given", "not-followed"]),
        (
            {**CALL, "kind": "medical-evidence"},
            ["not-received", "received", "coding-changed"],
            ["requested", "not-received", "received", "coding-changed"],
        ),
        ({**CALL, "kind": "medical-evidence"}, ["received", "coding-changed"], ["requested", "received", "coding-changed"]),
        ({**CALL, "kind": "medical-evidence"}, ["received", "coding-not-changed"], ["requested", "received", "coding-not-changed"]),
    ],
)
async def test_a_referral_advice_and_medical_evidence_come_as_far_as_their_last_step(chain, case, body, steps, states):
    made = await record(chain, case, body)

    found = [made["state"], *[(await take(chain, made["id"], step))["state"] for step in steps]]

    assert found == states
    (listed,) = await log(chain, case)
    assert listed["state"] == states[-1]
    assert (await chain.get(f"/v1/support-entries/{made['id']}"))["next_steps"] == []


@pytest.mark.parametrize(
    ("body", "step", "on", "code"),
    [
        (REFERRAL, "started", "2026-09-21", "step-out-of-order"),
        (REFERRAL, "received", "2026-09-21", "step-out-of-order"),
        (CALL, "accepted", "2026-09-21", "step-out-of-order"),
        ({**REFERRAL, "agency": None, "not_done_because": "The parents do not consent."}, "accepted", "2026-09-21", "step-out-of-order"),
        (REFERRAL, "accepted", "2026-09-22", "step-in-future"),
        (REFERRAL, "accepted", "2026-09-13", "step-before-the-last"),
        ({**CALL, "kind": "medical-evidence"}, "coding-changed", "2026-09-21", "step-out-of-order"),
    ],
)
async def test_a_step_that_cannot_follow_is_refused(chain, case, body, step, on, code):
    made = await record(chain, case, body)

    assert missing(await take(chain, made["id"], step, on, expect=409)) == [code]


async def test_of_two_steps_at_the_same_moment_one_is_refused(chain, case):
    made = await record(chain, case, REFERRAL)
    person = chain.api.as_("school", name="Ann", schools=[URN])
    bodies = [{"step": step, "taken_on": "2026-09-21", "notes": "They wrote."} for step in ("refused", "refused")]

    answers = await asyncio.gather(*(person.post(f"/v1/support-entries/{made['id']}/steps", body) for body in bodies))

    assert sorted(each.status_code for each in answers) == [201, 409]
    assert len((await chain.get(f"/v1/support-entries/{made['id']}"))["steps"]) == 1


async def test_an_entry_with_steps_keeps_its_kind_and_its_steps_when_it_is_corrected(chain, case):
    made = await record(chain, case, REFERRAL)
    await take(chain, made["id"], "accepted")

    await correct(chain, made["id"], CALL, expect=409)
    corrected = await correct(chain, made["id"], REFERRAL, agency="Another family centre")

    assert (corrected["state"], corrected["version"]) == ("accepted", 2)


async def test_a_step_is_recorded_by_those_for_whom_the_entry_was_written(chain, case):
    made = await record(chain, case, REFERRAL)

    await take(chain, made["id"], "accepted", expect=403, role="aco")


async def test_a_referral_answers_the_checklist_once_it_has_started_or_was_refused(chain, case):
    made = await record(chain, case, REFERRAL)

    async def early_help():
        found = await chain.get(f"/v1/cases/{case}/support-completeness")
        return next((each["state"], each["words"]) for each in found["items"] if each["item"] == "early-help")

    states = [await early_help()]
    for step in ("waiting", "started"):
        await take(chain, made["id"], step)
        states.append(await early_help())

    assert states == [
        ("without-outcome", "Recorded on 14 September 2026, without what came of it. Correct the entry when it is known."),
        ("without-outcome", "Asked on 14 September 2026, waiting since 21 September 2026. Record what comes of it."),
        ("done", "14 September 2026: started on 21 September 2026. They wrote: started."),
    ]
