"""Two parents at schools of two authorities are one person when an officer of each confirms; either refuses, and reads its own side alone."""

import asyncio

import pytest

from tests.registers.given import A, B, C, a_parent, a_pupil, a_school, scalar
from tests.registers.test_matches_undone import undo
from tests.registers.test_parents import HOME, open_matches, parents_of

HERE, THERE = "881", "935"
PERSONS = "SELECT count(DISTINCT parent_id) FROM contacts"


async def a_match(api):
    """The same parent, as it seems, at A in one authority and at B in another one."""
    await a_school(api, A, la_code=HERE)
    await a_school(api, B, la_code=THERE)
    first = await a_pupil(api, 1, A, parents=[a_parent(address=HOME, email="pat@example.org")])
    second = await a_pupil(api, 2, B, parents=[a_parent(address=HOME, phone="01245 000000")])
    (match,) = await open_matches(api)
    return first, second, match


async def answer(api, match, la_code, same=True, name="Ann Officer"):
    body = {"same": same, "reason": f"We in {la_code} have looked."}
    return await api.as_("aco", name=name, la_code=la_code).post(f"/v1/parent-matches/{match['id']}", body)


async def waiting(api, la_code):
    found = await api.as_("acsa", la_code=la_code).get("/v1/parent-matches?deciding=true")
    return found.json()["total"]


@pytest.mark.parametrize("order", [(HERE, THERE), (THERE, HERE)])
async def test_two_parents_are_one_person_when_an_officer_of_each_authority_confirms(api, database, order):
    first, second, match = await a_match(api)

    asked = (await answer(api, match, order[0])).json()
    between = await scalar(database, PERSONS), (await parents_of(database, second))[0].open_match, await waiting(api, order[0])
    confirmed = (await answer(api, match, order[1], name="Kim Officer")).json()

    assert (asked["status"], asked["confirmation"]["la_code"], asked["confirmation"]["confirmed_by"]) == ("open", order[0], "Ann Officer")
    assert between == (2, True, 0)
    assert (confirmed["status"], confirmed["decided_by"], confirmed["confirmation"]["la_code"]) == ("same", "Kim Officer", order[0])
    assert await scalar(database, PERSONS) == 1
    assert [parent.open_match for parent in await parents_of(database, first)] == [False]


async def test_two_officers_of_one_authority_do_not_stand_for_the_other(api, database):
    _, _, match = await a_match(api)

    answers = [await answer(api, match, HERE), await answer(api, match, HERE, name="Kim Officer")]

    assert [each.json()["status"] for each in answers] == ["open", "open"]
    assert [each.json()["confirmation"]["confirmed_by"] for each in answers] == ["Ann Officer", "Ann Officer"]
    assert (await scalar(database, PERSONS), await waiting(api, THERE)) == (2, 1)


async def test_two_officers_who_confirm_at_the_same_moment_make_one_person(api, database):
    _, _, match = await a_match(api)

    answers = await asyncio.gather(answer(api, match, HERE), answer(api, match, THERE))

    assert sorted(each.json()["status"] for each in answers) == ["open", "same"]
    assert await scalar(database, PERSONS) == 1


@pytest.mark.parametrize("la_code", [HERE, THERE])
async def test_a_match_is_refused_by_either_authority_also_after_a_confirmation(api, database, la_code):
    _, _, match = await a_match(api)
    await answer(api, match, HERE)

    refused = await answer(api, match, la_code, same=False)

    assert (refused.status_code, refused.json()["status"]) == (200, "different")
    assert (await answer(api, match, THERE)).status_code == 409
    assert await scalar(database, PERSONS) == 2


async def test_a_confirmation_is_taken_back_and_the_other_authority_alone_does_not_suffice(api, database):
    _, _, match = await a_match(api)
    await answer(api, match, HERE)

    taken = await undo(api, match, la_code=HERE)
    again = await answer(api, match, THERE)

    assert (taken.status_code, taken.json()["confirmation"]) == (200, None)
    assert (again.json()["status"], again.json()["confirmation"]["la_code"]) == ("open", THERE)
    assert await scalar(database, "SELECT was->>'confirmed_la_code' FROM match_undoings") == HERE


async def test_an_undone_match_needs_both_authorities_again(api, database):
    _, _, match = await a_match(api)
    await answer(api, match, HERE)
    await answer(api, match, THERE)

    undone = await undo(api, match, la_code=THERE)
    again = await answer(api, match, THERE)

    assert (undone.json()["status"], again.json()["status"]) == ("open", "open")
    assert await scalar(database, PERSONS) == 2


async def test_an_officer_whose_authority_reaches_both_persons_decides_alone(api, database):
    _, _, match = await a_match(api)
    await a_school(api, C, la_code=HERE)
    await a_pupil(api, 3, C, parents=[a_parent(phone="01245 000000")])
    at_c = next(each for each in await open_matches(api, la_code=HERE) if each["id"] != match["id"])
    await answer(api, at_c, HERE)
    await answer(api, at_c, THERE)

    decided = await answer(api, match, HERE)

    assert decided.json()["status"] == "same"
    assert await scalar(database, PERSONS) == 1


async def test_an_officer_reads_of_the_other_authority_s_parent_the_name_and_the_school_alone(api):
    await a_match(api)

    (match,) = await open_matches(api, la_code=HERE)

    own, other = sorted(match["people"], key=lambda person: not person["within_reach"])
    assert (own["contacts"][0]["address"], own["contacts"][0]["email"]) == (HOME, "pat@example.org")
    hidden = {name: other["contacts"][0][name] for name in ("ref", "address", "email", "phone", "pupils")}
    assert hidden == {"ref": "", "address": None, "email": None, "phone": None, "pupils": []}
    assert (other["within_reach"], other["contacts"][0]["school"], other["contacts"][0]["surname"]) == (False, f"School {B}", "Pupil")
    assert match["decides"] is False


async def test_both_authorities_read_what_became_of_a_match(api):
    _, _, match = await a_match(api)
    await answer(api, match, HERE)
    await answer(api, match, THERE, same=False)

    for la_code in (HERE, THERE):
        officer = api.as_("acsa", la_code=la_code)
        listed = (await officer.get("/v1/parent-matches?status=different")).json()["items"]
        one = (await officer.get(f"/v1/parent-matches/{match['id']}")).json()
        assert [(each["id"], each["reason"]) for each in listed] == [(match["id"], "We in 935 have looked.")]
        assert one["status"] == "different"
    assert (await api.as_("acsa", la_code="208").get(f"/v1/parent-matches/{match['id']}")).status_code == 403
