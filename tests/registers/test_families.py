"""Parents by children and children by parents, with marks and leave on the same days, as far as the caller may see them."""

import pytest

from tests.registers.given import A, B, C, a_parent, a_pupil, a_register, a_school, upn

HOME = {"email": "pat@example.org"}
NOBODY = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-27")


@pytest.fixture
async def children(api):
    """Two children at one school, a third at another of the authority, a fourth at one of another authority; returns their ids by number.

    The first two have one mother by the school's own reference; the others' contacts are confirmed to be her.
    """
    for urn, la_code in ((A, "881"), (B, "881"), (C, "935")):
        await a_school(api, urn, la_code=la_code)
    found = {}
    for number, urn, ref in ((1, A, "C1"), (2, A, "C1"), (3, B, "X1"), (4, C, "Z1")):
        found[number] = (await a_pupil(api, number, urn, parents=[a_parent(ref, **HOME)]))["id"]
    await a_pupil(api, 5, A, parents=[a_parent("C5", forename="Other", surname="Else")])
    return found


async def confirm_all(api):
    while matches := (await api.as_("aco").get("/v1/parent-matches?status=open")).json()["items"]:
        answer = await api.as_("aco", name="Ann Officer").post(
            f"/v1/parent-matches/{matches[0]['id']}", {"same": True, "reason": "One family."}
        )
        assert answer.status_code in {200, 201}, answer.text


async def family(api, pupil_id, query="", role="aco", **caller):
    answer = await api.as_(role, **caller).get(f"/v1/people/{pupil_id}/family{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def upns(found):
    return {each["upn"] for each in found["children"]}


async def test_contacts_are_one_parent_only_once_an_officer_confirmed_it(api, children):
    before = await family(api, children[1])
    await confirm_all(api)
    after = await family(api, children[1])

    assert (upns(before), [each["open_match"] for each in before["parents"]]) == ({upn(1), upn(2)}, [True])
    assert upns(after) == {upn(1), upn(2), upn(3), upn(4)}
    assert [(set(each["children"]), each["open_match"]) for each in after["parents"]] == [(set(children.values()), False)]


async def test_the_children_of_a_parent_are_those_of_each_child(api, children):
    await confirm_all(api)
    (parent,) = (await family(api, children[1]))["parents"]

    by_parent = (await api.as_("aco").get(f"/v1/parents/{parent['id']}/children")).json()

    assert by_parent == await family(api, children[4])
    assert (await api.as_("aco").get(f"/v1/parents/{NOBODY}/children")).status_code == 404


async def test_a_school_sees_its_own_pupils_and_an_authority_those_of_its_schools(api, children):
    await confirm_all(api)

    assert upns(await family(api, children[1], role="school", schools=[A])) == {upn(1), upn(2)}
    assert upns(await family(api, children[3], role="school", schools=[B])) == {upn(3)}
    assert upns(await family(api, children[1], la_code="881")) == {upn(1), upn(2), upn(3)}
    assert upns(await family(api, children[4], la_code="935")) == {upn(4)}


async def test_a_child_or_a_parent_out_of_reach_is_refused(api, children):
    await confirm_all(api)
    (parent,) = (await family(api, children[1]))["parents"]
    stranger = (await family(api, (await api.as_("aco").get(f"/v1/pupils/{upn(5)}/upns")).json()["pupil_id"]))["parents"][0]["id"]

    for caller, pupil, person in (
        (api.as_("school", schools=[B]), children[1], stranger),
        (api.as_("aco", la_code="935"), children[1], stranger),
        (api.as_("school", schools=[B]), NOBODY, NOBODY),
    ):
        assert (await caller.get(f"/v1/people/{pupil}/family")).status_code == 403
        assert (await caller.get(f"/v1/parents/{person}/children")).status_code == 403
    assert (await api.as_("school", schools=[B]).get(f"/v1/parents/{parent['id']}/children")).status_code == 200
    assert (await api.as_("aco").get(f"/v1/people/{NOBODY}/family")).status_code == 404


async def test_marks_and_leave_of_the_same_days_stand_beside_each_other(api, children):
    await confirm_all(api)
    for number, urn, code in ((1, A, "G"), (3, B, "C"), (4, C, "/")):
        for day in ("2026-11-13", "2026-11-16", "2026-11-18", "2026-11-19"):
            await a_register(api, (number, code), urn=urn, day=day)
    clerk = api.as_("school", name="K. Clerk", schools=[B])
    days = {"asked_on": "2026-11-02", "from": "2026-11-18", "to": "2026-11-20", "reason": "A wedding."}
    asked = await clerk.post("/v1/leave-requests", {"upn": upn(3), "urn": B, "parent_ref": "X1", **days})
    decision = {"outcome": "granted", "code": "C", "reason": "A close relative."}
    await clerk.post(f"/v1/leave-requests/{asked.json()['id']}/decision", {**decision, "code": "C1"})

    found = await family(api, children[1], "?from=2026-11-16&to=2026-11-18")

    marks = {
        each["upn"]: [(mark["date"], mark["session"], mark["code"], mark["urn"]) for mark in each["marks"]] for each in found["children"]
    }
    assert marks[upn(1)] == [("2026-11-16", "AM", "G", A), ("2026-11-18", "AM", "G", A)]
    assert marks[upn(3)] == [("2026-11-16", "AM", "C", B), ("2026-11-18", "AM", "C", B)]
    assert [mark[2] for mark in marks[upn(4)]] == ["/", "/"]
    assert marks[upn(2)] == []
    leave = {each["upn"]: [(one["urn"], one["status"], one["code"], one["from"]) for one in each["leave"]] for each in found["children"]}
    assert leave[upn(3)] == [(B, "granted", "C1", "2026-11-18")]
    assert leave[upn(1)] == leave[upn(2)] == leave[upn(4)] == []
    before = await family(api, children[1], "?from=2026-11-16&to=2026-11-17")
    assert [each["leave"] for each in before["children"]] == [[]] * 4


async def test_a_school_sees_marks_and_leave_of_its_own_registers_alone(api, children):
    await confirm_all(api)
    await a_pupil(api, 1, B, parents=[a_parent("X1", **HOME)])
    await a_register(api, (1, "G"), urn=A, day="2026-11-16")
    await a_register(api, (1, "D"), urn=B, day="2026-11-16")

    found = await family(api, children[1], "?from=2026-11-16&to=2026-11-16", role="school", schools=[B])

    assert {each["upn"]: [mark["urn"] for mark in each["marks"]] for each in found["children"]} == {upn(1): [B], upn(3): []}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?from=2026-09-01", 422),
        ("?from=2026-09-02&to=2026-09-01", 422),
        ("?from=2026-09-01&to=2026-12-01", 200),
        ("?from=2026-09-01&to=2026-12-02", 422),
    ],
)
async def test_days_stand_together_and_are_a_quarter_at_most(api, children, query, status):
    assert (await api.as_("aco").get(f"/v1/people/{children[1]}/family{query}")).status_code == status


async def test_two_records_of_a_child_are_one_child_of_the_family(api, children):
    await confirm_all(api)
    merged = await api.as_("aco", name="Ann Officer").post(
        "/v1/pupil-mergers", {"upns": [upn(1), upn(2)], "reason": "One child under two numbers."}
    )
    assert merged.status_code == 201, merged.text
    await a_register(api, (1, "G"), urn=A, day="2026-11-16")
    await a_register(api, (2, "O"), urn=A, day="2026-11-17")

    found = await family(api, children[3], "?from=2026-11-16&to=2026-11-17")

    assert len(found["children"]) == 3
    assert sorted(len(each["marks"]) for each in found["children"]) == [0, 0, 2]
