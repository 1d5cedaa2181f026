"""Who works together on a case: its lead professional, and the minutes of the internal meeting."""

import asyncio

import pytest

from tests.penalties.chain import UPN, URN, missing
from tests.penalties.test_support_log import THERE, record

LEAD = {"name": "Ms Lane", "office": "Family support worker", "since": "2026-09-21"}
OFFICES = ("attendance-champion", "attendance-officer", "senco", "safeguarding-lead")
MINUTES = {"kind": "internal-meeting", "made_on": "2026-09-21", "held_on": "2026-09-21", "notes": "What works for this child."}
RING = {"what": "Ring the GP.", "by_whom": "Ms Lane", "by_when": "2026-09-21"}


@pytest.fixture
async def case(chain):
    return await chain.opened()


async def lead(chain, case, expect=None, role="school", **more):
    return await chain.post(f"/v1/cases/{case}/lead-professionals", {**LEAD, **more}, role=role, expect=expect)


async def leads(chain, case, role="school"):
    return [each["name"] for each in (await chain.get(f"/v1/cases/{case}/lead-professionals", role=role))["items"]]


def staff(*offices, came=True):
    return [{"name": f"The {office}", "office": office, "came": came} for office in offices]


async def test_the_lead_professional_of_a_case_is_dated_and_whoever_recorded_it_is_named(chain, case):
    made = await lead(chain, case)

    assert {name: made[name] for name in LEAD} == LEAD
    assert (made["recorded_by"], made["recorded_by_role"]) == ("Ann Officer", "school")


async def test_the_present_lead_professional_comes_first_whichever_was_recorded_first(chain, case, today):
    today("2026-10-05")
    await lead(chain, case, name="Third", since="2026-10-05")
    await lead(chain, case, name="First", since="2026-09-14")
    await lead(chain, case, name="Second", since="2026-10-04")

    assert await leads(chain, case) == ["Third", "Second", "First"]


async def test_of_two_lead_professionals_from_one_day_the_one_recorded_last_leads(chain, case):
    await lead(chain, case, name="Wrong")
    await lead(chain, case, name="Right", role="aco")

    assert await leads(chain, case) == ["Right", "Wrong"]


async def test_two_lead_professionals_recorded_at_the_same_moment_are_both_kept(chain, case):
    await asyncio.gather(lead(chain, case, name="One"), lead(chain, case, name="Other", role="aco"))

    assert sorted(await leads(chain, case)) == ["One", "Other"]


@pytest.mark.parametrize(("since", "codes"), [("2026-09-21", None), ("2026-09-22", ["lead-in-future"])])
async def test_a_lead_professional_of_a_day_to_come_is_refused(chain, case, since, codes):
    answer = await lead(chain, case, since=since, expect=409 if codes else 201)

    assert codes is None or missing(answer) == codes


@pytest.mark.parametrize("closed_first", [True, False])
async def test_a_lead_professional_and_the_closing_of_the_case_do_not_stand_in_each_other_s_way(chain, case, closed_first):
    steps = [lambda: chain.decide(case, "no-action", 0, 1), lambda: lead(chain, case)]
    for step in steps if closed_first else reversed(steps):
        await step()

    assert await leads(chain, case) == ["Ms Lane"]


async def test_the_lead_professional_is_recorded_and_read_by_who_reaches_the_case(chain, case):
    await lead(chain, case)
    stranger = chain.api.as_("school", name="Ben", schools=[100499])

    assert (await stranger.get(f"/v1/cases/{case}/lead-professionals")).status_code == 403
    assert (await stranger.post(f"/v1/cases/{case}/lead-professionals", LEAD)).status_code == 403
    assert (await chain.api.as_("business-support", name="N").post(f"/v1/cases/{case}/lead-professionals", LEAD)).status_code == 403
    assert await leads(chain, case, role="aco") == ["Ms Lane"]


async def test_the_pupil_s_next_school_reads_who_led_and_records_who_leads(chain, case, today):
    await lead(chain, case)
    today("2026-09-29")
    await chain.deliver(chain.roll((URN, "2025-09-01", "2026-09-25"), (THERE, "2026-09-28", None), upn=UPN, revision=2))
    there = chain.api.as_("school", name="Ben", schools=[THERE])

    made = await there.post(f"/v1/cases/{case}/lead-professionals", {**LEAD, "name": "Mr Hill", "since": "2026-09-28"})

    assert made.status_code == 201
    assert await leads(chain, case) == ["Mr Hill", "Ms Lane"]


async def test_minutes_hold_who_was_there_and_what_was_agreed_by_whom_and_by_when(chain, case):
    content = (await record(chain, case, MINUTES, participants=staff(*OFFICES), agreed=[RING]))["content"]

    assert [(each["office"], each["came"]) for each in content["participants"]] == [(office, True) for office in OFFICES]
    assert (content["agreed"], content["offices_absent"]) == ([RING], [])


@pytest.mark.parametrize(
    ("participants", "absent"),
    [
        (staff(*OFFICES[:3]), ["safeguarding-lead"]),
        ([*staff(*OFFICES[:3]), *staff("safeguarding-lead", came=False)], ["safeguarding-lead"]),
        ([*staff(*OFFICES), *staff("senco", came=False)], []),
        ([], list(OFFICES)),
    ],
)
async def test_minutes_name_the_offices_of_which_nobody_came(chain, case, participants, absent):
    content = (await record(chain, case, MINUTES, participants=participants))["content"]

    assert content["offices_absent"] == absent


async def test_a_meeting_that_is_still_to_be_held_lacks_nobody(chain, case):
    content = (await record(chain, case, {**MINUTES, "held_on": None, "offered_for": "2026-09-25"}))["content"]

    assert content["offices_absent"] == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"child_present": True}, "internal-with-family"),
        ({"held_on": None, "agreed": [RING]}, "agreed-at-no-meeting"),
        ({"agreed": [{**RING, "by_when": "2026-09-20"}]}, "agreed-for-the-past"),
    ],
)
async def test_minutes_that_cannot_be_so_are_refused_with_their_reason(chain, case, more, code):
    assert missing(await record(chain, case, MINUTES, expect=409, **more)) == [code]


async def test_a_parent_is_at_no_internal_meeting_and_holds_no_office(chain, case):
    mother = {"parent_id": chain.ids()[0], "came": True}

    assert missing(await record(chain, case, MINUTES, participants=[mother], expect=409)) == ["internal-with-family"]
    held = {**MINUTES, "kind": "meeting"}
    assert missing(await record(chain, case, held, participants=[{**mother, "office": "senco"}], expect=409)) == ["office-of-parent"]
