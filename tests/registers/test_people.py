"""The names of many pupils are read at once, each by the rule by which one is read."""

import pytest

from shared.ids import new_id
from tests.registers.given import A, B, a_pupil, a_school, upn
from tests.support import statements

C = 100103


async def families(api, count=3):
    """Give pupils at school A and one at school B; return their ids."""
    await a_school(api)
    await a_school(api, B)
    mine = [(await a_pupil(api, number, forename=f"Kim {number}"))["id"] for number in range(1, count + 1)]
    return mine, (await a_pupil(api, 90, B))["id"]


async def named(client, ids):
    answer = await client.get("/v1/people?" + "&".join(f"pupil_id={each}" for each in ids))
    assert answer.status_code == 200, answer.text
    return {each["id"]: each for each in answer.json()["items"]}


async def test_the_names_of_many_pupils_are_those_that_are_read_one_by_one(api):
    mine, other = await families(api)
    service = api.as_("service")

    found = await named(service, [*mine, other, new_id()])

    one_by_one = {each: (await service.get(f"/v1/people/{each}")).json()["pupil"] for each in (*mine, other)}
    assert {each: pupil | {"difference": None} for each, pupil in found.items()} == one_by_one
    assert found[mine[1]]["forename"] == "Kim 2"


@pytest.mark.parametrize(
    ("role", "scope", "reached"),
    [
        ("service", {}, "both"),
        ("aco", {}, "both"),
        ("aco", {"la_code": "881"}, "both"),
        ("aco", {"la_code": "935"}, "none"),
        ("school", {"schools": [A]}, "mine"),
        ("school", {"schools": [C]}, "none"),
    ],
)
async def test_a_name_out_of_reach_is_left_out_whether_or_not_there_is_such_a_pupil(api, role, scope, reached):
    mine, other = await families(api, 1)
    client = api.as_(role, **scope)

    found = await named(client, [*mine, other, new_id()])

    assert set(found) == {"both": {*mine, other}, "mine": set(mine), "none": set()}[reached]
    for each in (*mine, other):
        assert ((await client.get(f"/v1/people/{each}")).status_code == 200) == (each in found)


async def test_a_school_reads_the_name_of_a_pupil_with_another_record_at_it(api):
    await a_school(api)
    await a_school(api, B)
    one, other = (await a_pupil(api, 1))["id"], (await a_pupil(api, 2, B))["id"]
    body = {"upns": [upn(1), upn(2)], "reason": "The same child."}
    assert (await api.as_("manager", name="Ann Officer").post("/v1/pupil-mergers", body)).status_code == 201

    found = await named(api.as_("school", schools=[A]), [one, other])

    assert set(found) == {one, other}
    assert {school["urn"] for school in found[one]["schools"]} == {A, B}


async def test_the_names_of_more_pupils_take_no_more_statements(api, database):
    mine, _ = await families(api, 5)
    counts = []
    for ids in (mine[:1], mine):
        with statements(database) as asked:
            await named(api.as_("service"), ids)
        counts.append(len(asked))

    assert counts[0] == counts[1]


async def test_more_names_than_fit_into_an_address_are_refused(api):
    few, many = [
        await api.as_("service").get("/v1/people?" + "&".join(f"pupil_id={new_id()}" for _ in range(count))) for count in (100, 101)
    ]

    assert (few.status_code, many.status_code) == (200, 422)
    assert (await api.as_("service").get("/v1/people")).status_code == 422
    assert (await api.as_("mis", schools=[A]).get(f"/v1/people?pupil_id={new_id()}")).status_code == 403
