"""A roll entry under a UPN alone, with another surname or birth date, is stored and gives no reach until an officer confirms it."""

import pytest

from tests.registers.given import A, B, C, a_body, a_parent, a_pupil, a_register, a_school, published, the_marks, upn
from tests.registers.test_differences import OTHER, decide, open_ones, the_difference

PERIOD = "from=2026-09-01&to=2026-12-31"


async def schools(api, **la_codes):
    for urn in (A, B, C):
        await a_school(api, urn, la_code=la_codes.get(f"la_{urn}", "881"))


async def a_claim(api, **changes):
    """A has the pupil; B sends the UPN with another surname."""
    await schools(api)
    await a_pupil(api, 1, A, parents=[a_parent()])
    return await a_pupil(api, 1, B, **{"surname": "Stranger", **changes})


async def claims(api, urn=B):
    answer = await api.as_("mis", schools=[urn]).get(f"/v1/schools/{urn}/claims")
    assert answer.status_code == 200, answer.text
    return [(each["upn"], each["claim"]) for each in answer.json()["items"]]


async def reach(api, pupil, role="school", **caller):
    caller = caller or {"schools": [B]}
    paths = [
        f"/v1/pupils/{upn(1)}/marks?{PERIOD}",
        f"/v1/people/{pupil['id']}",
        f"/v1/pupils/{upn(1)}/upns",
        f"/v1/pupils/{upn(1)}/certificate?urn={B}&{PERIOD}",
    ]
    return {(await api.as_(role, **caller).get(path)).status_code for path in paths}


@pytest.mark.parametrize("changes", [{"surname": "Stranger"}, {"surname": "Pupil", "date_of_birth": OTHER}])
async def test_a_claim_that_does_not_fit_is_stored_and_gives_no_reach(api, database, changes):
    before = (await a_claim(api, **changes))["id"]
    await a_register(api, (1, "O"), urn=B)

    assert await reach(api, {"id": before}) == {403}
    (roll,) = await published(database, "roll-changed")
    assert [spell.urn for spell in roll.rolls] == [A]
    assert [(mark["urn"], mark["code"], mark["flagged"]) for mark in await the_marks(api)] == [(B, "O", True)]
    assert [each.school for each in await published(database, "session-recorded")] == [B]
    assert await claims(api) == [(upn(1), "waiting")]


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [("Pupil", "PUPIL"), ("O'Neill", "ONeill"), ("Smith-Jones", "smith jones"), ("Smith Jones", "SmithJones"), ("Núñez", "Nunez")],
)
async def test_a_surname_fits_however_it_was_typed(api, recorded, sent):
    await schools(api)
    await a_pupil(api, 1, A, surname=recorded)
    pupil = await a_pupil(api, 1, B, surname=sent)

    assert (pupil["claim"], await reach(api, pupil), await open_ones(api)) == ("accepted", {200}, [])


async def test_the_school_sees_in_plain_words_what_its_claim_is_worth(api):
    sent = await a_claim(api)
    after = await decide(api, await the_difference(api), A, {B: False})
    again = await a_pupil(api, 1, B, surname="Stranger")

    assert (sent["claim"], again["claim"], after.status_code) == ("waiting", "refused", 200)
    assert "officer" in sent["claim_explained"]
    assert "right UPN" in again["claim_explained"]


async def test_a_claim_learns_nothing_of_the_other_school_s_record(api):
    sent = await a_claim(api, date_of_birth=OTHER)

    assert sent["compulsory_to"] == "2027-06-25"


async def test_a_confirmed_claim_counts_with_all_its_marks(api, database):
    pupil = await a_claim(api)
    await a_register(api, (1, "/"), urn=A)
    await a_register(api, (1, "O"), urn=B)
    before = len(await published(database, "session-recorded"))

    answer = await decide(api, await the_difference(api), A, {B: True})

    assert answer.status_code == 200, answer.text
    assert await reach(api, pupil) == {200}
    assert [spell.urn for spell in (await published(database, "roll-changed"))[-1].rolls] == [A, B]
    assert [mark["flagged"] for mark in await the_marks(api)] == [False, False]
    again = (await published(database, "session-recorded"))[before:]
    assert sorted((each.school, mark.code, mark.dual) for each in again for mark in each.marks) == [(A, "/", True), (B, "O", True)]
    assert (await claims(api), await open_ones(api)) == ([], [])


async def test_a_refused_claim_keeps_its_marks_and_reaches_nothing(api, database):
    pupil = await a_claim(api)
    await a_register(api, (1, "O"), urn=B)

    await decide(api, await the_difference(api), A, {B: False})
    await a_register(api, (1, "U"), urn=B, day="2026-09-11")

    assert await reach(api, pupil) == {403}
    assert [(mark["code"], mark["flagged"]) for mark in await the_marks(api)] == [("O", True), ("U", True)]
    assert await claims(api) == [(upn(1), "refused")]
    assert await open_ones(api) == []
    assert len(await published(database, "roll-changed")) == 1


async def test_a_refused_claim_that_is_corrected_waits_for_an_officer_again(api):
    await a_claim(api)
    await decide(api, await the_difference(api), A, {B: False})

    pupil = await a_pupil(api, 1, B)

    assert pupil["claim"] == "waiting"
    assert (await decide(api, await the_difference(api), A, {B: True})).status_code == 200
    assert await reach(api, pupil) == {200}


async def test_a_waiting_claim_that_is_corrected_fits(api, database):
    await a_claim(api)

    pupil = await a_pupil(api, 1, B)

    assert (pupil["claim"], await reach(api, pupil), await open_ones(api)) == ("accepted", {200}, [])
    assert [spell.urn for spell in (await published(database, "roll-changed"))[-1].rolls] == [A, B]


async def test_the_other_school_s_correction_makes_a_waiting_claim_fit(api, database):
    await a_claim(api, parents=[a_parent("D1")])
    await a_register(api, (1, "O"), urn=B)

    await a_pupil(api, 1, A, surname="Stranger", parents=[a_parent()])

    assert (await claims(api), await open_ones(api)) == ([], [])
    assert [spell.urn for spell in (await published(database, "roll-changed"))[-1].rolls] == [A, B]
    assert (await published(database, "session-recorded"))[-1].marks[0].dual is True
    assert {parent.urn for parent in (await published(database, "parent-changed"))[-1].parents} == {A, B}
    assert len((await api.as_("aco").get("/v1/parent-matches")).json()["items"]) == 1


async def test_parents_whom_a_claim_names_are_the_child_s_only_once_it_is_confirmed(api, database):
    pupil = await a_claim(api, parents=[a_parent("D1"), a_parent("D2", forename="Lou")])
    people = f"/v1/people/{pupil['id']}"

    assert [parent["ref"] for parent in pupil["parents"]] == ["D1", "D2"]
    assert [[parent.urn for parent in each.parents] for each in await published(database, "parent-changed")] == [[A]]
    assert (await api.as_("aco").get("/v1/parent-matches")).json()["items"] == []
    seen = (await api.as_("service").get(people)).json()
    assert ([each["urn"] for each in seen["parents"]], [each["urn"] for each in seen["pupil"]["schools"]]) == ([A], [A])

    await decide(api, await the_difference(api), A, {B: True})

    assert sorted(parent.urn for parent in (await published(database, "parent-changed"))[-1].parents) == [A, B, B]
    assert len((await api.as_("aco").get("/v1/parent-matches")).json()["items"]) == 1


async def test_an_officer_finds_that_the_first_school_has_the_wrong_upn(api, database):
    pupil = await a_claim(api)

    answer = await decide(api, await the_difference(api), B, {A: False, B: True})

    assert answer.status_code == 200, answer.text
    assert [spell.urn for spell in (await published(database, "roll-changed"))[-1].rolls] == [B]
    assert (await reach(api, pupil, schools=[A]), await reach(api, pupil)) == ({403}, {200})
    assert await claims(api, A) == [(upn(1), "refused")]


async def test_every_claim_needs_an_answer(api):
    await a_claim(api)

    answer = await decide(api, await the_difference(api), A)

    assert (answer.status_code, answer.json()["urns"]) == (409, [B])
    assert (await decide(api, await the_difference(api), B, {B: False})).status_code == 409
    assert (await decide(api, await the_difference(api), A, {B: True, C: True})).status_code == 409


async def test_an_officer_of_the_claiming_school_s_authority_reaches_nothing_and_cannot_confirm(api):
    await schools(api, **{f"la_{B}": "935"})
    await a_pupil(api, 1, A)
    pupil = await a_pupil(api, 1, B, surname="Stranger")
    difference = await the_difference(api)

    assert await reach(api, pupil, "aco", la_code="935") == {403}
    assert await open_ones(api, la_code="935") == []
    assert (await decide(api, difference, A, {B: True}, la_code="935")).status_code == 403
    assert (await decide(api, difference, A, {B: True}, la_code="881")).status_code == 200
    assert await reach(api, pupil, "aco", la_code="935") == {200}


async def test_an_officer_cannot_take_a_pupil_from_a_school_of_another_authority(api):
    await schools(api, **{f"la_{B}": "935"})
    await a_pupil(api, 1, A)
    await a_pupil(api, 1, B)
    await a_pupil(api, 1, B, date_of_birth=OTHER)

    refused = await decide(api, await the_difference(api), A, {B: False}, la_code="881")

    assert refused.status_code == 409
    assert (await decide(api, await the_difference(api), A, la_code="881")).status_code == 200


async def test_no_leave_is_recorded_on_a_claim(api):
    await a_claim(api, parents=[a_parent("D1")])
    asked = {"upn": upn(1), "urn": B, "parent_ref": "D1", "reason": "A wedding.", "from": "2027-09-06", "to": "2027-09-07"}

    assert (await api.as_("school", schools=[B]).post("/v1/leave-requests", asked)).status_code == 409


@pytest.mark.parametrize("caller", [{"role": "mis", "schools": [A]}, {"role": "school", "schools": [A]}, {"role": "aco", "la_code": "935"}])
async def test_claims_are_shown_to_their_own_school_and_authority(api, caller):
    await a_claim(api)

    assert (await api.as_(**caller).get(f"/v1/schools/{B}/claims")).status_code == 403
    assert (await api.as_("aco", la_code="881").get(f"/v1/schools/{B}/claims")).status_code == 200


async def test_a_claim_by_a_manager_fits_or_waits_as_a_school_s_does(api):
    await schools(api)
    await a_pupil(api, 1, A)

    answer = await api.as_("manager").put(f"/v1/schools/{B}/pupils/{upn(1)}", a_body(surname="Stranger"))

    assert answer.json()["claim"] == "waiting"
