"""A decision on leave of absence goes to each parent in plain words; a refusal states what may follow."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest

from services.notifications.app import SERVICE
from services.notifications.domain.leave import amounts_of_notices
from services.notifications.use_cases.letters import make, post
from shared.attendance.law import NATIONAL, load_statutes
from shared.contracts.registers import LeaveDecided
from shared.ids import new_id
from tests.notifications.examples import HOME, UPN
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import deliver, outbox

SERVICES = Path(__file__).parents[2] / "services"


def a_decision(**changes: Any) -> LeaveDecided:
    facts = {
        "leave_id": new_id(), "pupil_id": new_id(), "parent_ids": [new_id(), new_id()], "urn": 100401, "la_code": "881",
        "outcome": "refused", "code": None, "from": "2026-11-16", "to": "2026-11-20", "decided_on": "2026-09-21",
    }  # fmt: skip
    return LeaveDecided.model_validate({**facts, **changes})


def answers(event: LeaveDecided, policy: dict[str, Any] | None = None) -> dict[str, Any]:
    """What `registers` responds about leave that was decided."""
    same = {"lives_with_pupil": None, "relationship": None, "email": None, "urn": 100401}
    homes = (HOME, ["99 Hidden Lane", "Harlow", "CM20 1AA"])
    parents = [
        {"id": str(parent), "forename": name, "surname": "Example", "address": home, **same}
        for parent, name, home in zip(event.parent_ids, ("Sam", "Alex"), homes, strict=True)
    ]
    decision: dict[str, Any] = {
        "outcome": event.outcome, "code": event.code, "reason": "A holiday is no exceptional circumstance.", "decided_on": "2026-09-21",
        "decided_by": "H. Head", "role": "school", "late": event.late, "findings": [],
    }  # fmt: skip
    responses = {
        f"/v1/leave-requests/{event.leave_id}": {"id": str(event.leave_id), "from": "2026-11-16", "to": "2026-11-20", "decision": decision},
        f"/v1/people/{event.pupil_id}": {
            "pupil": {"id": str(event.pupil_id), "upn": UPN, "forename": "Test", "surname": "Pupil"},
            "parents": parents,
        },
        "/v1/schools/100401": {"urn": 100401, "name": "School 100401", "la_code": "881"},
    }
    return responses if policy is None else {**responses, "/v1/schools/100401/attendance-policies/2026-09-21": policy}


async def letters_about(database, api, event: LeaveDecided) -> list[tuple[dict[str, Any], str]]:
    """Do everything that is due; return each letter with its words."""
    for job in (make.make_letters, post.post_letters, post.follow_letters):
        while await job(database):
            pass
    found = []
    for letter in (await api.as_("aco").get(f"/v1/letters?about={event.leave_id}")).json()["items"]:
        pdf = (await api.as_("aco").get(f"/v1/letters/{letter['id']}.pdf")).content
        words = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages) if pdf[:5] == b"%PDF-" else ""
        found.append((letter, " ".join(words.split())))
    return found


async def test_each_parent_gets_a_letter_of_their_own(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_decision()
    upstreams.answers |= answers(event)

    await deliver(database, SERVICE, event, event)
    found = await letters_about(database, api, event)

    assert [(letter["kind"], letter["status"], letter["urn"]) for letter, _ in found] == [("leave-decision", "served", 100401)] * 2
    assert {letter["parent_id"] for letter, _ in found} == {str(parent) for parent in event.parent_ids}
    mine, theirs = (next(words for _, words in found if f"Dear {name} Example" in words) for name in ("Sam", "Alex"))
    assert ("Hidden Lane" in mine, "Hidden Lane" in theirs) == (False, True)
    assert UPN not in mine
    async with database.begin() as tx:
        assert await outbox(tx) == []


async def test_a_refusal_states_what_absence_may_cost_and_how_that_grows(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_decision()
    upstreams.answers |= answers(event)

    await deliver(database, SERVICE, event)
    (_, words), _ = await letters_about(database, api, event)

    for part in (
        "Leave of absence refused: Test Pupil",
        "Monday 16 November 2026",
        "A holiday is no exceptional circumstance.",
        "£80 if it is paid within 21 days, £160 if it is paid after that and within 28 days",
        "A second notice in 3 years",
        "£160, to be paid within 28 days; no lower amount",
        "After 2 notices in 3 years",
        "prosecution",
        "each parent, for each child",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("code", "ground"),
    [("C", "for exceptional circumstances"), ("C1", "regulated performance"), ("C2", "part-time timetable")],
)
async def test_a_grant_states_its_ground_and_no_amounts(database, api, upstreams: Upstreams, post_office: PostOffice, code, ground):
    event = a_decision(outcome="granted", code=code, late=True)
    upstreams.answers |= answers(event)

    await deliver(database, SERVICE, event)
    (_, words), _ = await letters_about(database, api, event)

    assert f"Granted, {'for ' if code == 'C1' else ''}" in words
    assert ground in words
    assert "after the first day asked for" in words
    assert "£" not in words


async def test_the_school_s_own_wording_and_contact_are_printed(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_decision()
    policy = {
        "legal_consequences_wording": "Our policy: you may be fined.",
        "day_to_day_contact": {"name": "Kim Contact", "phone": "01245 000000"},
    }
    upstreams.answers |= answers(event, policy)

    await deliver(database, SERVICE, event)
    (_, words), _ = await letters_about(database, api, event)

    assert "Our policy: you may be fined." in words
    assert "Kim Contact" in words


async def test_a_failed_letter_about_leave_publishes_nothing(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_decision()
    responses = answers(event)
    for parent in responses[f"/v1/people/{event.pupil_id}"]["parents"]:
        parent["address"] = None
    upstreams.answers |= responses

    await deliver(database, SERVICE, event)
    found = await letters_about(database, api, event)

    assert [letter["status"] for letter, _ in found] == ["failed", "failed"]
    async with database.begin() as tx:
        assert await outbox(tx) == []


def test_the_amounts_in_leave_letters_are_those_of_penalties():
    theirs = load_statutes(SERVICES / "penalties" / "law").packs["england"]

    assert NATIONAL.history
    assert NATIONAL.history == {name: theirs.history[name] for name in NATIONAL.history}


def test_the_amounts_are_those_in_force_on_the_day_of_the_absence():
    assert amounts_of_notices(NATIONAL, date(2026, 11, 16))[0][1].startswith("£80 ")


async def test_a_grant_for_some_sessions_of_the_week_names_them(database, api, upstreams: Upstreams, post_office: PostOffice):
    event = a_decision(outcome="granted", code="C2")
    upstreams.answers |= answers(event)
    upstreams.answers[f"/v1/leave-requests/{event.leave_id}"]["decision"]["sessions_of_week"] = [
        {"weekday": "monday", "sessions": ["AM"], "from": "08:45", "to": "10:00"},
        {"weekday": "friday", "sessions": ["AM", "PM"], "from": None, "to": None},
    ]

    await deliver(database, SERVICE, event)
    (_, words), _ = await letters_about(database, api, event)

    assert "Monday morning, 08:45 to 10:00; Friday all day" in words
    assert "at these times of every week, and at no others: any other absence" in words
