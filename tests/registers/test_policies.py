"""Attendance policies by day, and schools that continue others under a new URN."""

import pytest

from tests.registers.given import A, B, C, a_parent, a_pupil, a_register, a_school, published, scalar, the_marks, upn

CHAMPION = {"name": "Sam Champion", "email": "sam@example.org", "phone": None}


def a_policy(**changes):
    return {
        "senior_attendance_champion": CHAMPION,
        "day_to_day_contact": "The school office",
        "legal_consequences_wording": "You may be fined.",
        "sickness_rule_hours": None,
        **changes,
    }


async def put_policy(api, day, urn=A, **changes):
    return await api.as_("school", schools=[urn]).put(f"/v1/schools/{urn}/attendance-policies/{day}", a_policy(**changes))


async def policy(api, day):
    return await api.as_("aco").get(f"/v1/schools/{A}/attendance-policies/{day}")


async def continues(api, urn, predecessor, on="2026-11-01"):
    return await api.as_("manager").put(f"/v1/schools/{urn}/predecessor", {"urn": predecessor, "on": on})


async def test_the_policy_of_a_day_is_the_one_in_force(api):
    await a_school(api)
    made = await put_policy(api, "2025-09-01")
    await put_policy(api, "2026-09-01", day_to_day_contact={"name": "Kim Contact"})

    assert (made.status_code, made.json()) == (201, {**a_policy(), "from": "2025-09-01"})
    assert (await policy(api, "2025-08-31")).status_code == 404
    assert [(await policy(api, day)).json()["from"] for day in ("2025-09-01", "2026-08-31", "2026-09-01")] == [
        "2025-09-01",
        "2025-09-01",
        "2026-09-01",
    ]
    items = (await api.as_("school", schools=[A]).get(f"/v1/schools/{A}/attendance-policies")).json()["items"]
    assert [each["from"] for each in items] == ["2026-09-01", "2025-09-01"]


async def test_a_replaced_policy_is_kept_in_the_history(api, database):
    await a_school(api)
    await put_policy(api, "2026-09-01")

    answers = [await put_policy(api, "2026-09-01", legal_consequences_wording=words) for words in ("Other.", "Other.")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert await scalar(database, "SELECT was->>'legal_consequences_wording' FROM superseded") == "You may be fined."


async def test_a_policy_is_refused_to_other_schools_and_attendance_officers(api):
    await a_school(api)
    path = f"/v1/schools/{A}/attendance-policies/2026-09-01"

    assert (await api.as_("school", schools=[B]).put(path, content=b"{oops")).status_code == 403
    assert (await api.as_("aco").put(path, a_policy())).status_code == 403
    assert (await put_policy(api, "2026-09-01", legal_consequences_wording="")).status_code == 422
    assert (await put_policy(api, "2026-09-01", urn=B)).status_code == 404


async def test_the_successor_s_tokens_see_the_pupils_and_their_marks(api):
    for urn in (A, B, C):
        await a_school(api, urn)
    pupil = await a_pupil(api, 1, A, left_on="2026-10-31")
    await a_register(api, (1, "O"))
    before = await api.as_("school", schools=[C]).get(f"/v1/pupils/{upn(1)}/marks")

    assert (await continues(api, B, A)).status_code == 201
    assert (await continues(api, C, B, "2027-01-01")).status_code == 201

    assert before.status_code == 403
    assert [mark["urn"] for mark in await the_marks(api, role="school", schools=[C])] == [A]
    assert (await api.as_("school", schools=[C]).get(f"/v1/people/{pupil['id']}")).status_code == 200
    known = (await api.as_("school", schools=[B]).get(f"/v1/schools/{B}/predecessor")).json()
    assert known == {"predecessors": [{"urn": A, "on": "2026-11-01"}], "successors": [{"urn": C, "on": "2027-01-01"}]}


@pytest.mark.parametrize(("forename", "same"), [("PAT", True), ("Robin", False)])
async def test_a_parent_whom_the_earlier_school_knew_stays_one_person(api, forename, same):
    for urn in (A, B):
        await a_school(api, urn)
    before = await a_pupil(api, 1, A, left_on="2026-10-31", parents=[a_parent("C1")])
    await continues(api, B, A)

    after = await a_pupil(api, 1, B, admitted_on="2026-11-01", parents=[a_parent("C1", forename=forename)])

    assert (after["parents"][0]["id"] == before["parents"][0]["id"]) is same
    assert (await api.as_("aco").get("/v1/parent-matches")).json()["items"] == []


async def test_a_school_continues_several_after_an_amalgamation(api, database):
    for urn in (A, B, C):
        await a_school(api, urn)

    await continues(api, C, A)
    answer = await continues(api, C, B)
    again = await continues(api, C, B, "2026-12-01")

    assert [each["urn"] for each in answer.json()["predecessors"]] == [A, B]
    assert (again.status_code, again.json()["predecessors"][1]["on"]) == (200, "2026-12-01")
    assert await scalar(database, "SELECT was->>'since' FROM superseded WHERE kind = 'successions'") == "2026-11-01"


async def test_a_succession_is_published_when_it_changes(api, database):
    for urn in (A, B, C):
        await a_school(api, urn)

    for _ in range(2):
        await continues(api, C, A)
    await continues(api, C, B)

    first, second = await published(database, "succession-changed")
    assert [(each.urn, str(each.since)) for each in first.predecessors] == [(A, "2026-11-01")]
    assert (second.school, [each.urn for each in second.predecessors], second.revision > first.revision) == (C, [A, B], True)


@pytest.mark.parametrize("chain", [[(A, A)], [(B, A), (A, B)], [(B, A), (C, B), (A, C)]])
async def test_no_school_continues_itself(api, chain):
    for urn in (A, B, C):
        await a_school(api, urn)

    answers = [await continues(api, *each) for each in chain]

    assert [answer.status_code for answer in answers] == [*[201] * (len(chain) - 1), 409]


async def test_a_predecessor_must_exist_and_is_sent_by_a_manager(api):
    await a_school(api)

    assert (await continues(api, A, B)).status_code == 409
    assert (await continues(api, B, A)).status_code == 404
    assert (await api.as_("school", schools=[A]).put(f"/v1/schools/{A}/predecessor", {})).status_code == 403


async def test_an_officer_lists_the_schools_of_a_district(api):
    await a_school(api, A, district="Harlow")
    await a_school(api, B, district="Tendring")
    await a_school(api, C)

    assert [each["urn"] for each in (await api.as_("aco").get("/v1/schools?district=Tendring")).json()["items"]] == [B]
    assert len((await api.as_("aco").get("/v1/schools")).json()["items"]) == 3
