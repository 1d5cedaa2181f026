"""One request for leave of several children of a family: recorded for all or none, decided by each child's own school."""

import asyncio

import pytest

from tests.registers.given import A, B, a_parent, a_pupil, a_school, published, upn

DAYS = {"from": "2026-11-16", "to": "2026-11-20", "reason": "A wedding abroad."}
OFFICER = {"role": "aco", "schools": ()}


@pytest.fixture(autouse=True)
def _before_the_leave(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-09")


@pytest.fixture
async def parent(api):
    """The mother of two children at one school and of a third at another, confirmed as one person; returns her id."""
    home = {"email": "pat@example.org"}
    for urn in (A, B):
        await a_school(api, urn)
    await a_pupil(api, 1, A, parents=[a_parent("C1", lives_with_pupil=True, **home)])
    await a_pupil(api, 2, A, parents=[a_parent("C1", lives_with_pupil=True, **home)])
    await a_pupil(api, 3, B, parents=[a_parent("X1", lives_with_pupil=True, **home)])
    (match,) = (await api.as_("aco").get("/v1/parent-matches")).json()["items"]
    await api.as_("aco", name="Ann Officer").post(f"/v1/parent-matches/{match['id']}", {"same": True, "reason": "One family."})
    people = await api.as_("service").get(f"/v1/people/{(await _id_of(api, 1))}")
    return people.json()["parents"][0]["id"]


async def _id_of(api, number):
    return (await api.as_("aco").get(f"/v1/pupils/{upn(number)}/upns")).json()["pupil_id"]


def child(number, urn=A):
    return {"upn": upn(number), "urn": urn}


async def ask(api, parent, *children, role="school", schools=(A,), **changes):
    caller = api.as_(role, name="K. Clerk", schools=schools)
    return await caller.post("/v1/family-leave-requests", {"parent_id": parent, "children": list(children), **DAYS, **changes})


async def decide(api, family, outcome="granted", code="C", role="school", schools=(A,)):
    body = {"outcome": outcome, "code": code, "reason": "A close relative."}
    return await api.as_(role, name="H. Head", schools=schools).post(f"/v1/family-leave-requests/{family['id']}/decision", body)


def states(answer):
    assert answer.status_code in {200, 201}, answer.text
    return [(each["upn"], each["status"]) for each in answer.json()["items"]]


async def test_a_request_for_several_children_is_one_for_each(api, parent):
    asked = await ask(api, parent, child(1), child(2), child(3, B), **OFFICER)

    assert states(asked) == [(upn(1), "asked"), (upn(2), "asked"), (upn(3), "asked")]
    assert {each["family_id"] for each in asked.json()["items"]} == {asked.json()["id"]}
    assert {each["parent_id"] for each in asked.json()["items"]} == {parent}


async def test_one_decision_about_all_children_has_its_letters_for_each(api, database, parent):
    family = (await ask(api, parent, child(1), child(2))).json()

    decided = await decide(api, family)

    assert states(decided) == [(upn(1), "granted"), (upn(2), "granted")]
    assert len(await published(database, "leave-decided")) == 2


async def test_each_school_decides_about_its_own_children_alone(api, database, parent):
    family = (await ask(api, parent, child(1), child(2), child(3, B), **OFFICER)).json()

    assert states(await decide(api, family)) == [(upn(1), "granted"), (upn(2), "granted")]
    assert states(await decide(api, family, "refused", None, schools=(B,))) == [(upn(3), "refused")]
    assert (await decide(api, family)).status_code == 409
    shown = await api.as_("school", schools=[B]).get(f"/v1/family-leave-requests/{family['id']}")
    assert states(shown) == [(upn(3), "refused")]


async def test_a_request_decided_alone_is_left_out_of_the_decision_about_the_others(api, database, parent):
    family = (await ask(api, parent, child(1), child(2))).json()
    first = family["items"][0]
    alone = {"outcome": "refused", "reason": "Examinations."}
    await api.as_("school", name="H. Head", schools=[A]).post(f"/v1/leave-requests/{first['id']}/decision", alone)

    assert states(await decide(api, family)) == [(family["items"][1]["upn"], "granted")]
    assert sorted(event.outcome for event in await published(database, "leave-decided")) == ["granted", "refused"]


async def test_a_withdrawn_request_is_left_out_of_the_decision_about_the_others(api, parent):
    family = (await ask(api, parent, child(1), child(2))).json()
    await api.as_("school", name="K. Clerk", schools=[A]).post(
        f"/v1/leave-requests/{family['items'][0]['id']}/withdrawal", {"reason": "One stays."}
    )

    assert states(await decide(api, family)) == [(family["items"][1]["upn"], "granted")]


async def test_a_decision_about_all_and_one_about_a_child_at_once_decide_each_request_once(api, database, parent):
    family = (await ask(api, parent, child(1), child(2))).json()
    one = f"/v1/leave-requests/{family['items'][1]['id']}/decision"
    head = api.as_("school", name="H. Head", schools=[A])

    both, single = await asyncio.gather(decide(api, family), head.post(one, {"outcome": "refused", "reason": "No."}))

    assert both.status_code == 201, both.text
    assert single.status_code in {201, 409}
    assert len(await published(database, "leave-decided")) == 2


@pytest.mark.parametrize(
    ("children", "changes", "status"),
    [
        ([child(1), child(1)], {}, 422),
        ([], {}, 422),
        ([child(1), child(2)], {"to": "2026-11-15"}, 422),
        ([child(1), child(3, B)], {}, 403),
        ([child(1), child(2)], {"from": "2025-08-29", "to": "2025-08-30"}, 409),
    ],
)
async def test_leave_that_cannot_be_asked_for_one_child_is_recorded_for_none(api, parent, children, changes, status):
    assert (await ask(api, parent, *children, **changes)).status_code == status
    assert (await api.as_("aco").get("/v1/leave-requests")).json()["items"] == []


async def test_a_refusal_names_the_child_by_its_place(api, parent):
    await a_pupil(api, 4, A, parents=[a_parent("C4", forename="Other", surname="Else")])

    answer = await ask(api, parent, child(1), child(4))

    assert (answer.status_code, answer.json()["detail"].startswith("Child 2: ")) == (409, True)
    assert (await api.as_("aco").get("/v1/leave-requests")).json()["items"] == []


async def test_the_same_request_again_is_one_and_a_request_that_stood_alone_joins_it(api, parent):
    own = {"upn": upn(1), "urn": A, "parent_id": parent, **DAYS}
    alone = (await api.as_("school", name="K. Clerk", schools=[A]).post("/v1/leave-requests", own)).json()
    first = await ask(api, parent, child(1), child(2))
    again = await ask(api, parent, child(2), child(1))

    assert (alone["family_id"], first.status_code, again.status_code) == (None, 201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert {each["id"] for each in first.json()["items"]} == {each["id"] for each in again.json()["items"]}
    assert alone["id"] in {each["id"] for each in first.json()["items"]}


async def test_a_school_without_a_child_of_the_family_does_not_reach_its_request(api, parent):
    family = (await ask(api, parent, child(1), child(2))).json()
    path = f"/v1/family-leave-requests/{family['id']}"

    assert (await api.as_("school", schools=[B]).get(path)).status_code == 403
    assert (await decide(api, family, schools=(B,))).status_code == 403
    assert (await api.as_("aco", la_code="935").get(path)).status_code == 403
    assert (await api.as_("aco").get("/v1/family-leave-requests/00000000-0000-7000-8000-000000000000")).status_code == 404
