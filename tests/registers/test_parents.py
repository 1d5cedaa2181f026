"""Parents: one person across children and schools, proposed by the system, decided by an officer (Education Act 1996 s.576)."""

import asyncio

from tests.registers.given import A, B, C, a_parent, a_pupil, a_school, published, scalar, upn

HOME = ["1 High Street", "Chelmsford", "CM1 1QH"]


async def two_schools(api):
    for urn in (A, B):
        await a_school(api, urn)


async def open_matches(api, **caller):
    answer = await api.as_("aco", **caller).get("/v1/parent-matches")
    assert answer.status_code == 200
    return answer.json()["items"]


async def decide(api, match, same, reason="Spoke to both schools.", name="Ann Officer"):
    return await api.as_("aco", name=name).post(f"/v1/parent-matches/{match['id']}", {"same": same, "reason": reason})


async def parents_of(database, pupil):
    events = [event for event in await published(database, "parent-changed") if str(event.pupil_id) == pupil["id"]]
    return events[-1].parents


async def test_the_same_ref_at_the_same_school_is_the_same_person(api):
    await a_school(api)

    one = await a_pupil(api, 1, parents=[a_parent(email="pat@example.org")])
    two = await a_pupil(api, 2, parents=[a_parent(email="pat@example.org")])

    assert one["parents"][0]["id"] == two["parents"][0]["id"]
    assert await open_matches(api) == []


async def test_a_pupil_s_parents_are_published_when_they_changed(api, database):
    await a_school(api)
    sent = [a_parent("C1", relationship="mother", lives_with_pupil=True), a_parent("C2", forename="Sam")]
    await a_pupil(api, parents=sent)
    await a_pupil(api, parents=sent)
    pupil = await a_pupil(api, parents=[sent[0]])

    first, second = await published(database, "parent-changed")

    assert len(first.parents) == 2
    (left,) = second.parents
    assert (str(left.parent_id), left.urn, left.relationship, left.lives_with_pupil, left.open_match) == (
        pupil["parents"][0]["id"],
        A,
        "mother",
        True,
        False,
    )
    assert second.revision > first.revision


async def test_a_changed_basis_of_a_parent_is_published(api, database):
    await a_school(api)
    await a_pupil(api, parents=[a_parent("C1", relationship="carer")])
    await a_pupil(api, parents=[a_parent("C1", relationship="carer", liability_basis="care")])

    bases = [event.parents[0].liability_basis for event in await published(database, "parent-changed")]

    assert bases == [None, "care"]


async def test_a_likely_match_across_schools_is_proposed_to_both(api, database):
    await two_schools(api)
    first = await a_pupil(api, 1, A, parents=[a_parent("C1", address=HOME), a_parent("C2", forename="Sam", address=HOME)])

    second = await a_pupil(api, 2, B, parents=[a_parent("X9", forename="PAT", address=["Elsewhere", "cm11qh"])])

    (match,) = await open_matches(api)
    assert match["reasons"] == ["name", "postcode"]
    assert {person["id"] for person in match["people"]} == {first["parents"][0]["id"], second["parents"][0]["id"]}
    assert [contact["pupils"] for person in match["people"] for contact in person["contacts"]] == [[upn(1)], [upn(2)]]
    assert [(each["ref"], each["open_match"]) for each in second["parents"]] == [("X9", True)]
    assert sorted(parent.open_match for parent in await parents_of(database, first)) == [False, True]
    assert [parent.open_match for parent in await parents_of(database, second)] == [True]


async def test_two_parents_of_one_pupil_at_one_school_are_never_one(api):
    await a_school(api)
    alike = {"forename": "Chris", "address": HOME}

    await a_pupil(api, 1, parents=[a_parent("C1", **alike), a_parent("C2", **alike)])
    await a_pupil(api, 2, parents=[a_parent("C2", **alike)])

    assert await open_matches(api) == []


async def test_another_ref_at_the_same_school_may_be_the_same_person(api):
    await a_school(api)

    await a_pupil(api, 1, parents=[a_parent("C1", phone="01245 000000")])
    await a_pupil(api, 2, parents=[a_parent("C7", phone="+44 1245 000000")])

    assert [match["reasons"] for match in await open_matches(api)] == [["name", "phone"]]


async def test_a_namesake_with_nothing_else_in_common_is_another_person(api):
    await two_schools(api)

    await a_pupil(api, 1, A, parents=[a_parent(address=HOME)])
    await a_pupil(api, 2, B, parents=[a_parent(address=["2 High Street", "CM2 9ZZ"])])

    assert await open_matches(api) == []


async def test_a_namesake_of_the_same_child_at_a_new_school_is_proposed(api):
    await two_schools(api)

    await a_pupil(api, 1, A, left_on="2026-07-21", parents=[a_parent()])
    await a_pupil(api, 1, B, admitted_on="2026-09-01", parents=[a_parent()])

    assert [match["reasons"] for match in await open_matches(api)] == [["child", "name"]]


async def test_details_that_are_sent_later_make_a_match(api):
    await two_schools(api)
    await a_pupil(api, 1, A, parents=[a_parent(email="pat@example.org")])
    await a_pupil(api, 2, B, parents=[a_parent()])
    assert await open_matches(api) == []

    await a_pupil(api, 2, B, parents=[a_parent(email="Pat@Example.org")])

    assert len(await open_matches(api)) == 1


async def test_an_officer_confirms_and_both_are_one_person(api, database):
    await two_schools(api)
    first = await a_pupil(api, 1, A, parents=[a_parent(address=HOME)])
    second = await a_pupil(api, 2, B, parents=[a_parent(address=HOME)])
    (match,) = await open_matches(api)

    answer = await decide(api, match, same=True)

    assert (answer.status_code, answer.json()["status"], answer.json()["decided_by"]) == (200, "same", "Ann Officer")
    older, newer = first["parents"][0]["id"], second["parents"][0]["id"]
    for pupil in (first, second):
        (parent,) = await parents_of(database, pupil)
        assert (str(parent.parent_id), parent.open_match, [str(each) for each in parent.formerly]) == (older, False, [newer])
    assert await open_matches(api) == []
    assert (await a_pupil(api, 3, B, parents=[a_parent(address=HOME)]))["parents"][0]["id"] == older
    assert await scalar(database, "SELECT moved::text FROM parent_matches") == f'[[{B}, "C1"]]'


async def test_a_match_that_an_officer_refuses_is_not_proposed_again(api, database):
    await two_schools(api)
    first = await a_pupil(api, 1, A, parents=[a_parent(address=HOME)])
    await a_pupil(api, 2, B, parents=[a_parent(address=HOME)])
    (match,) = await open_matches(api)

    answer = await decide(api, match, same=False, reason="Cousins at one address.")
    await a_pupil(api, 3, B, parents=[a_parent(address=HOME, email="other@example.org")])

    assert answer.json()["status"] == "different"
    assert await open_matches(api) == []
    (parent,) = await parents_of(database, first)
    assert parent.open_match is False


async def test_a_decision_about_a_match_stands(api):
    await two_schools(api)
    await a_pupil(api, 1, A, parents=[a_parent(address=HOME)])
    await a_pupil(api, 2, B, parents=[a_parent(address=HOME)])
    (match,) = await open_matches(api)
    await decide(api, match, same=True)

    assert (await decide(api, match, same=True)).status_code == 200
    assert (await decide(api, match, same=False)).status_code == 409
    assert (await api.as_("aco").post(f"/v1/parent-matches/{match['id']}", {"same": True})).status_code == 422
    assert (await api.as_("acsa").post(f"/v1/parent-matches/{match['id']}", {})).status_code == 403


async def test_three_schools_at_once_are_one_person_in_the_end(api, database):
    for urn in (A, B, C):
        await a_school(api, urn)
    await asyncio.gather(*(a_pupil(api, number, urn, parents=[a_parent(address=HOME)]) for number, urn in enumerate((A, B, C), start=1)))

    matches = await open_matches(api)
    answers = await asyncio.gather(*(decide(api, match, same=True) for match in matches))

    assert len(matches) == 3
    assert {answer.status_code for answer in answers} == {200}
    assert await scalar(database, "SELECT count(DISTINCT parent_id) FROM contacts") == 1
    assert await open_matches(api) == []


async def test_an_officer_s_list_ends_at_the_authority(api):
    await a_school(api, A)
    await a_school(api, B, la_code="935")
    await a_pupil(api, 1, A, parents=[a_parent(address=HOME)])
    await a_pupil(api, 2, B, parents=[a_parent(address=HOME)])

    assert [len(await open_matches(api, la_code=la_code)) for la_code in ("881", "935", "208")] == [1, 1, 0]
    (match,) = await open_matches(api)
    answer = await api.as_("aco", la_code="208").post(f"/v1/parent-matches/{match['id']}", {"same": True, "reason": "x"})
    assert answer.status_code == 403


async def test_a_replaced_contact_is_kept_in_the_history(api, database):
    await a_school(api)
    await a_pupil(api, parents=[a_parent(address=HOME)])
    await a_pupil(api, parents=[a_parent(address=["2 Low Road", "CM2 9ZZ"])])

    assert await scalar(database, "SELECT was->'address'->>0 FROM superseded WHERE kind = 'contacts'") == "1 High Street"
