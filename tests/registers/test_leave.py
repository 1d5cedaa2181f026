"""Leave of absence: asked for, granted as C, C1 or C2 or refused, published for every parent (SI 2024/208 reg. 11)."""

import asyncio
from datetime import date

import pytest

from services.registers.law import NATIONAL
from services.registers.leave.domain import NotPossible, Request, decide
from tests.registers.given import A, B, C, a_parent, a_pupil, a_school, published, scalar, the_marks, upn

BODY = {"upn": upn(1), "urn": A, "parent_ref": "C1", "from": "2026-11-16", "to": "2026-11-20", "reason": "A wedding abroad."}
WEDDING = Request(date(2026, 11, 2), date(2026, 11, 16), date(2026, 11, 20), lives_with_pupil=True)


@pytest.fixture(autouse=True)
def _before_the_leave(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-09")


@pytest.fixture
def on(monkeypatch):
    return lambda day: monkeypatch.setenv("ATTENDANCE_TODAY", day)


async def a_family(api, urn=A, number=1, **more):
    await a_school(api, urn)
    parents = [a_parent("C1", lives_with_pupil=True), a_parent("C2", forename="Sam")]
    return await a_pupil(api, number, urn, parents=parents, **more)


async def ask(api, role="school", schools=(A,), **changes):
    return await api.as_(role, name="K. Clerk", schools=schools).post("/v1/leave-requests", {**BODY, **changes})


async def a_request(api, **changes):
    answer = await ask(api, schools=[changes.get("urn", A)], **changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def decide_it(api, request, outcome="refused", code=None, role="school", schools=(A,), **more):
    body = {"outcome": outcome, "code": code, "reason": "It is no exceptional circumstance.", **more}
    return await api.as_(role, name="H. Head", schools=schools).post(f"/v1/leave-requests/{request['id']}/decision", body)


@pytest.mark.parametrize(
    ("asked_on", "code", "possible"),
    [
        (date(2026, 11, 15), "C", True),
        (date(2026, 11, 16), "C", False),
        (date(2026, 11, 16), "C1", True),
        (date(2026, 11, 16), "C2", True),
        (date(2026, 11, 16), None, True),
    ],
)
def test_leave_for_exceptional_circumstances_must_be_asked_for_before_it_begins(asked_on, code, possible):
    request = Request(asked_on, WEDDING.starts_on, WEDDING.ends_on, lives_with_pupil=True)

    got = decide(request, "granted" if code else "refused", code, date(2026, 11, 16), NATIONAL)

    assert isinstance(got, NotPossible) is not possible


@pytest.mark.parametrize(
    ("lives", "words"), [(True, "a parent the pupil lives with"), (False, "does not live with"), (None, "not recorded")]
)
def test_a_finding_names_whether_the_parent_lives_with_the_pupil_and_a_person_judges(lives, words):
    request = Request(WEDDING.asked_on, WEDDING.starts_on, WEDDING.ends_on, lives_with_pupil=lives)

    got = decide(request, "granted", "C", date(2026, 11, 9), NATIONAL)

    assert not isinstance(got, NotPossible)
    assert words in got.findings[0].outcome


@pytest.mark.parametrize(("day", "late"), [(15, False), (16, True)])
def test_a_decision_from_the_first_day_on_is_late(day, late):
    got = decide(WEDDING, "refused", None, date(2026, 11, day), NATIONAL)

    assert not isinstance(got, NotPossible)
    assert got.late is late


@pytest.mark.parametrize(("outcome", "code"), [("granted", None), ("refused", "C")])
def test_a_grant_has_a_code_and_a_refusal_has_none(outcome, code):
    assert isinstance(decide(WEDDING, outcome, code, date(2026, 11, 9), NATIONAL), NotPossible)


async def test_a_request_records_who_asked_when_and_for_what(api):
    pupil = await a_family(api)

    request = await a_request(api, asked_on="2026-11-02")

    assert {
        name: request[name] for name in ("status", "pupil_id", "upn", "urn", "parent_id", "lives_with_pupil", "asked_on", "in_advance")
    } == {
        "status": "asked",
        "pupil_id": pupil["id"],
        "upn": upn(1),
        "urn": A,
        "parent_id": pupil["parents"][0]["id"],
        "lives_with_pupil": True,
        "asked_on": "2026-11-02",
        "in_advance": True,
    }
    assert (request["from"], request["to"], request["decision"], request["recorded_by"]) == ("2026-11-16", "2026-11-20", None, "K. Clerk")
    assert (await api.as_("aco").get(f"/v1/leave-requests/{request['id']}")).json() == request


async def test_a_refusal_is_published_for_each_parent_and_writes_no_mark(api, database):
    pupil = await a_family(api)
    request = await a_request(api)

    answer = await decide_it(api, request)

    assert answer.status_code == 201, answer.text
    decision = answer.json()["decision"]
    assert (decision["outcome"], decision["code"], decision["decided_by"], decision["role"], decision["decided_on"], decision["late"]) == (
        "refused",
        None,
        "H. Head",
        "school",
        "2026-11-09",
        False,
    )
    (event,) = await published(database, "leave-decided")
    assert event.model_dump(mode="json", by_alias=True) == {
        "leave_id": request["id"],
        "pupil_id": pupil["id"],
        "parent_ids": sorted(parent["id"] for parent in pupil["parents"]),
        "urn": A,
        "la_code": "881",
        "outcome": "refused",
        "code": None,
        "from": "2026-11-16",
        "to": "2026-11-20",
        "decided_on": "2026-11-09",
        "late": False,
    }
    assert await the_marks(api) == []


@pytest.mark.parametrize("code", ["C", "C1", "C2"])
async def test_leave_is_granted_under_a_code_with_what_it_rests_on(api, database, code):
    await a_family(api)

    answer = await decide_it(api, await a_request(api), "granted", code)

    assert (answer.json()["status"], answer.json()["decision"]["code"]) == ("granted", code)
    assert "reg. 11" in answer.json()["decision"]["findings"][0]["reference"]
    assert [(event.outcome, event.code) for event in await published(database, "leave-decided")] == [("granted", code)]


async def test_leave_that_was_asked_for_too_late_is_not_granted_as_c(api, database, on):
    await a_family(api)
    on("2026-11-16")
    request = await a_request(api)

    granted = await decide_it(api, request, "granted", "C")
    refused = await decide_it(api, request)

    assert (request["in_advance"], granted.status_code, refused.status_code) == (False, 409, 201)
    assert refused.json()["decision"]["late"] is True
    assert [event.late for event in await published(database, "leave-decided")] == [True]


async def test_a_decision_is_made_once(api, database):
    await a_family(api)
    request = await a_request(api)
    await decide_it(api, request)

    assert (await decide_it(api, request, "granted", "C")).status_code == 409
    assert len(await published(database, "leave-decided")) == 1
    with pytest.raises(Exception, match="made once"):
        await scalar(database, "UPDATE leave_requests SET state = 'granted', code = 'C' RETURNING 1")


async def test_one_of_two_decisions_at_once_stands(api, database):
    await a_family(api)
    request = await a_request(api)

    answers = await asyncio.gather(decide_it(api, request), decide_it(api, request, "granted", "C"))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await published(database, "leave-decided")) == 1


async def test_siblings_on_the_same_days_are_shown_with_what_their_schools_decided(api):
    await a_family(api)
    await a_school(api, B)
    home = {"email": "pat@example.org"}
    await a_pupil(api, 1, A, parents=[a_parent("C1", lives_with_pupil=True, **home)])
    sibling = await a_pupil(api, 2, B, parents=[a_parent("X1", **home)])
    await a_pupil(api, 3, A, parents=[a_parent("C9", forename="Other")])
    (match,) = (await api.as_("aco").get("/v1/parent-matches")).json()["items"]
    await api.as_("aco", name="Ann Officer").post(f"/v1/parent-matches/{match['id']}", {"same": True, "reason": "One family."})
    theirs = await a_request(api, upn=upn(2), urn=B, parent_ref="X1", **{"from": "2026-11-20", "to": "2026-11-27"})
    await decide_it(api, theirs, "granted", "C", schools=[B])
    await a_request(api, upn=upn(2), urn=B, parent_ref="X1", **{"from": "2026-11-23", "to": "2026-11-27"})
    await a_request(api, upn=upn(3), parent_ref="C9")

    mine = await a_request(api)

    (shown,) = mine["siblings"]
    assert (shown["id"], shown["pupil_id"], shown["urn"], shown["school"], shown["status"], shown["code"], shown["decided_on"]) == (
        theirs["id"],
        sibling["id"],
        B,
        f"School {B}",
        "granted",
        "C",
        "2026-11-09",
    )
    assert "reason" not in shown


async def test_requests_are_listed_by_school_and_state(api):
    await a_family(api)
    await a_family(api, B, 2)
    first, second = await a_request(api), await a_request(api, **{"from": "2026-12-01", "to": "2026-12-01"})
    await a_request(api, upn=upn(2), urn=B)
    await decide_it(api, first)

    async def listed(query="", role="school", schools=(A,)):
        answer = await api.as_(role, schools=schools).get(f"/v1/leave-requests{query}")
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert await listed() == [first["id"], second["id"]]
    assert await listed("?status=asked") == [second["id"]]
    assert len(await listed("", "aco", ())) == 3
    assert len(await listed(f"?upn={upn(2)}", "aco", ())) == 1
    assert len(await listed(f"?urn={B}", "aco", ())) == 1
    assert await listed("", "mis", [C]) == []
    assert (await api.as_("school", schools=[A]).get(f"/v1/leave-requests?urn={B}")).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"parent_ref": None}, 422),
        ({"parent_id": "00000000-0000-7000-8000-000000000000"}, 422),
        ({"to": "2026-11-15"}, 422),
        ({"to": "2027-11-17"}, 422),
        ({"reason": ""}, 422),
        ({"asked_on": "2026-11-10"}, 422),
        ({"upn": upn(9)}, 403),
        ({"from": "2025-06-02"}, 422),
        ({"from": "2025-06-02", "to": "2025-06-03"}, 409),
        ({"parent_ref": "C7"}, 409),
    ],
)
async def test_a_request_that_cannot_be_is_refused(api, changes, status):
    await a_family(api)

    assert (await ask(api, **changes)).status_code == status


async def test_requests_are_made_seen_and_decided_by_the_school_and_officers(api):
    await a_family(api)
    await a_school(api, B)
    request = await a_request(api)
    path = f"/v1/leave-requests/{request['id']}"
    nowhere = "/v1/leave-requests/00000000-0000-7000-8000-000000000000"

    assert (await ask(api, schools=[B])).status_code == 403
    assert (await api.as_("school", schools=[B]).get(path)).status_code == 403
    assert (await api.as_("school", schools=[B]).get(nowhere)).status_code == 403
    assert (await api.as_("aco").get(nowhere)).status_code == 404
    assert (await api.as_("aco", la_code="935").get(path)).status_code == 403
    assert (await api.as_("service").get(path)).status_code == 200
    assert (await decide_it(api, request, role="mis")).status_code == 403
    assert (await decide_it(api, request, role="acsa", schools=())).status_code == 403
    assert (await api.as_("aco", la_code="935").post(f"{path}/decision", content=b"{oops")).status_code == 403
    assert (await decide_it(api, request, "granted")).status_code == 422


async def withdraw(api, request, role="school", schools=(A,), **changes):
    body = {"reason": "The wedding is off.", **changes}
    return await api.as_(role, name="K. Clerk", schools=schools).post(f"/v1/leave-requests/{request['id']}/withdrawal", body)


async def test_a_withdrawn_request_publishes_no_event(api, database):
    await a_family(api)
    request = await a_request(api, asked_on="2026-11-02")

    answer = await withdraw(api, request, withdrawn_on="2026-11-06")

    assert answer.status_code == 201, answer.text
    withdrawn = answer.json()
    assert (withdrawn["status"], withdrawn["decision"]) == ("withdrawn", None)
    assert {name: withdrawn["withdrawal"][name] for name in ("withdrawn_on", "reason", "recorded_by", "role")} == {
        "withdrawn_on": "2026-11-06",
        "reason": "The wedding is off.",
        "recorded_by": "K. Clerk",
        "role": "school",
    }
    assert await published(database, "leave-decided") == []
    assert (await decide_it(api, request, "granted", "C")).status_code == 409
    assert (await withdraw(api, request)).status_code == 409
    assert [each["id"] for each in (await api.as_("aco").get("/v1/leave-requests?status=withdrawn")).json()["items"]] == [request["id"]]


async def test_leave_that_was_granted_and_then_withdrawn_keeps_its_decision_and_its_one_letter(api, database):
    await a_family(api)
    request = await a_request(api)
    granted = (await decide_it(api, request, "granted", "C")).json()

    withdrawn = (await withdraw(api, request)).json()

    assert (withdrawn["status"], withdrawn["decision"]) == ("withdrawn", granted["decision"])
    assert len(await published(database, "leave-decided")) == 1
    with pytest.raises(Exception, match="stays so"):
        await scalar(database, "UPDATE leave_requests SET state = 'granted' RETURNING 1")


async def test_a_withdrawal_changes_nothing_of_a_decision(api, database):
    await a_family(api)
    await decide_it(api, await a_request(api), "granted", "C")
    change = "state = 'withdrawn', withdrawn_on = '2026-11-09', withdrawn_at = now()"

    with pytest.raises(Exception, match="made once"):
        await scalar(database, f"UPDATE leave_requests SET {change}, code = 'C1' RETURNING 1")


async def test_a_refusal_has_nothing_to_withdraw(api):
    await a_family(api)
    request = await a_request(api)
    await decide_it(api, request)

    assert (await withdraw(api, request)).status_code == 409


@pytest.mark.parametrize(
    ("withdrawn_on", "today", "status"),
    [
        ("2026-11-01", "2026-11-09", 409),
        ("2026-11-02", "2026-11-09", 201),
        ("2026-11-10", "2026-11-09", 422),
        (None, "2026-11-15", 201),
        (None, "2026-11-16", 409),
        ("2026-11-15", "2026-11-18", 201),
    ],
)
async def test_leave_is_withdrawn_between_asking_and_its_first_day(api, on, withdrawn_on, today, status):
    await a_family(api)
    request = await a_request(api, asked_on="2026-11-02")
    on(today)

    assert (await withdraw(api, request, withdrawn_on=withdrawn_on)).status_code == status


async def test_a_withdrawal_is_recorded_by_the_school_and_officers(api):
    await a_family(api)
    request = await a_request(api)
    nothing = {"id": "00000000-0000-7000-8000-000000000000"}

    assert (await withdraw(api, request, schools=[B])).status_code == 403
    assert (await withdraw(api, nothing, schools=[B])).status_code == 403
    assert (await withdraw(api, request, role="accredited", schools=())).status_code == 403
    assert (await withdraw(api, nothing, role="aco", schools=())).status_code == 404
    assert (await withdraw(api, request, reason="")).status_code == 422
    assert (await withdraw(api, request, role="mis")).status_code == 201


async def test_a_district_has_the_requests_of_its_schools(api):
    await a_family(api)
    await a_family(api, B, 2)
    await a_school(api, A, district="Braintree")
    await a_school(api, B, district="Harlow")
    mine = await a_request(api)
    await a_request(api, upn=upn(2), urn=B)

    listed = (await api.as_("aco").get("/v1/leave-requests?district=Braintree")).json()["items"]

    assert [each["id"] for each in listed] == [mine["id"]]
    assert (await api.as_("aco").get("/v1/leave-requests?district=Nowhere")).json()["items"] == []
