"""An officer's answer about two parents can be taken back, confirmed or refused, and nothing is lost by it."""

from tests.registers.given import A, B, C, a_parent, a_pupil, a_school, scalar
from tests.registers.test_parents import HOME, decide, open_matches, parents_of, two_schools


async def undo(api, match, reason="Two people after all.", name="Ann Officer", role="aco", **caller):
    return await api.as_(role, name=name, **caller).post(f"/v1/parent-matches/{match['id']}/undo", {"reason": reason})


async def a_match(api):
    await two_schools(api)
    first = await a_pupil(api, 1, A, parents=[a_parent(address=HOME)])
    second = await a_pupil(api, 2, B, parents=[a_parent(address=HOME)])
    (match,) = await open_matches(api)
    return first, second, match


async def test_a_confirmed_match_is_taken_apart(api, database):
    first, second, match = await a_match(api)
    await decide(api, match, same=True)

    answer = await undo(api, match)

    assert (answer.status_code, answer.json()["status"], answer.json()["decided_by"]) == (200, "open", None)
    for pupil in (first, second):
        (parent,) = await parents_of(database, pupil)
        assert (str(parent.parent_id), parent.open_match, parent.formerly) == (pupil["parents"][0]["id"], True, ())
    assert [each["id"] for each in await open_matches(api)] == [match["id"]]
    kept = "SELECT (was->>'status') || ' ' || (was->>'decided_by') || ' ' || reason FROM match_undoings"
    assert await scalar(database, kept) == "same Ann Officer Two people after all."


async def test_a_refused_match_awaits_an_answer_again(api, database):
    first, second, match = await a_match(api)
    await decide(api, match, same=False)

    await undo(api, match)
    waiting = [(await parents_of(database, first))[0].open_match, (await parents_of(database, second))[0].open_match]
    answer = await decide(api, match, same=True)

    assert waiting == [True, True]
    assert answer.json()["status"] == "same"
    assert (await parents_of(database, second))[0].parent_id == (await parents_of(database, first))[0].parent_id


async def test_a_later_match_of_the_same_contacts_is_taken_apart_first(api, database):
    for urn in (A, B, C):
        await a_school(api, urn)
    pupils = [
        await a_pupil(api, number, urn, parents=[a_parent(email=f"{number}@example.org")]) for number, urn in ((1, A), (2, B), (3, C))
    ]
    # 2 and 3 agree first, then 1 and 2.
    await a_pupil(api, 3, C, parents=[a_parent(email="2@example.org")])
    (late,) = await open_matches(api)
    await decide(api, late, same=True)
    await a_pupil(api, 1, A, parents=[a_parent(email="2@example.org")])
    early = (await open_matches(api))[0]
    await decide(api, early, same=True)

    blocked = await undo(api, late)
    answers = [(await undo(api, each)).status_code for each in (early, late)]

    assert (blocked.status_code, answers) == (409, [200, 200])
    assert [str((await parents_of(database, pupil))[0].parent_id) for pupil in pupils] == [pupil["parents"][0]["id"] for pupil in pupils]
    assert await scalar(database, "SELECT count(*) FROM parents WHERE merged_into IS NOT NULL") == 0


async def test_an_undecided_match_has_nothing_to_undo(api):
    _, _, match = await a_match(api)

    assert (await undo(api, match)).status_code == 409
    assert (await undo(api, match, reason="")).status_code == 422
    assert (await undo(api, match, role="acsa")).status_code == 403
    assert (await undo(api, match, la_code="208")).status_code == 403
    assert (await undo(api, {"id": "00000000-0000-7000-8000-000000000000"})).status_code == 404
