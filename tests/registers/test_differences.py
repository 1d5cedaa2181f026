"""What one school records of a person never changes what another recorded: where they differ an officer decides, and nothing is recounted until then."""

import asyncio

import pytest

from tests.registers.given import A, B, C, a_body, a_pupil, a_register, a_school, published, scalar, the_marks, upn

BORN, OTHER = "2014-03-03", "2010-09-01"
ABSENT = "00000000-0000-7000-8000-000000000000"


async def two_schools(api, **changes):
    """A pupil at A, who has left, and at B, both of whom record the same."""
    for urn in (A, B, C):
        await a_school(api, urn)
    await a_pupil(api, 1, A, left_on="2026-07-21")
    return await a_pupil(api, 1, B, admitted_on="2026-09-01", **changes)


async def open_ones(api, role="aco", **caller):
    answer = await api.as_(role, **caller).get("/v1/pupil-differences")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def the_difference(api):
    (found,) = await open_ones(api)
    return found


async def decide(api, difference, counts, claims=None, *, role="aco", name="Ann Officer", **caller):
    answers = [{"urn": urn, "same_child": same} for urn, same in (claims or {}).items()]
    body = {"counts": counts, "claims": answers, "reason": "The birth certificate was seen."}
    return await api.as_(role, name=name, **caller).post(f"/v1/pupil-differences/{difference['id']}", body)


async def rolls(database):
    return await published(database, "roll-changed")


async def test_another_birth_date_changes_nothing_for_the_other_school_until_an_officer_decides(api, database):
    await two_schools(api)
    before = await rolls(database)

    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)

    assert await rolls(database) == before
    assert await scalar(database, "SELECT string_agg(date_of_birth::text, ' ' ORDER BY urn) FROM pupils_at_schools") == f"{BORN} {OTHER}"
    difference = await the_difference(api)
    assert (difference["status"], difference["differing"], difference["counts"]["date_of_birth"]) == ("open", ["date_of_birth"], BORN)
    assert [(each["urn"], each["date_of_birth"], each["claim"]) for each in difference["schools"]] == [
        (A, BORN, "accepted"),
        (B, OTHER, "accepted"),
    ]


async def test_an_officer_s_decision_is_published_with_the_next_revision(api, database):
    await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    before = (await rolls(database))[-1]

    answer = await decide(api, await the_difference(api), B)

    assert answer.status_code == 200, answer.text
    after = (await rolls(database))[-1]
    assert (str(before.compulsory_to), str(after.compulsory_to), after.revision > before.revision) == ("2030-06-28", "2027-06-25", True)
    assert (after.rolls, await open_ones(api)) == (before.rolls, [])
    decided = answer.json()
    assert (decided["status"], decided["confirmed"], decided["counts"]["date_of_birth"]) == ("decided", True, OTHER)
    assert [(each["decided_by"], each["urn"], each["reason"]) for each in decided["decisions"]] == [
        ("Ann Officer", B, "The birth certificate was seen.")
    ]


async def test_a_school_that_repeats_itself_opens_no_decided_difference_again(api, database):
    await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    await decide(api, await the_difference(api), B)
    before = await rolls(database)

    await a_pupil(api, 1, A, left_on="2026-07-21")
    await a_pupil(api, 1, A, left_on="2026-07-20")

    assert [str(each.compulsory_to) for each in await rolls(database)][len(before) :] == ["2027-06-25"]
    assert await open_ones(api) == []


async def test_a_later_correction_is_judged_again(api, database):
    await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    await decide(api, await the_difference(api), B)

    await a_pupil(api, 1, A, left_on="2026-07-21", date_of_birth="2012-05-05")

    difference = await the_difference(api)
    assert [each["date_of_birth"] for each in difference["schools"]] == [OTHER, "2012-05-05"]
    assert str((await rolls(database))[-1].compulsory_to) == "2027-06-25"


@pytest.mark.parametrize("order", [(A, B), (B, A)])
async def test_a_birth_date_that_all_schools_come_to_record_counts_without_an_officer(api, database, order):
    await two_schools(api)
    spells = {A: {"left_on": "2026-07-21"}, B: {"admitted_on": "2026-09-01"}}

    for urn in order:
        await a_pupil(api, 1, urn, date_of_birth=OTHER, **spells[urn])

    assert [str(each.compulsory_to) for each in await rolls(database)][-1] == "2027-06-25"
    assert await open_ones(api) == []
    assert await scalar(database, "SELECT count(*) FROM pupil_differences WHERE closed_at IS NOT NULL") == 1


async def test_the_only_school_of_a_pupil_corrects_its_own_record(api, database):
    await a_school(api)
    await a_pupil(api)

    await a_pupil(api, date_of_birth=OTHER, surname="Smyth")

    assert str((await rolls(database))[-1].compulsory_to) == "2027-06-25"
    assert await open_ones(api) == []
    assert await scalar(database, "SELECT surname || ' ' || date_of_birth FROM pupils") == f"Smyth {OTHER}"


async def test_two_schools_that_differ_at_the_same_moment_leave_what_counted(api, database):
    await two_schools(api)

    await asyncio.gather(
        a_pupil(api, 1, A, left_on="2026-07-21", date_of_birth="2012-05-05"),
        a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER),
    )

    assert {str(each.compulsory_to) for each in await rolls(database)} == {"2030-06-28"}
    assert len(await open_ones(api)) == 1


async def test_the_majority_is_shown_and_decides_nothing(api, database):
    await two_schools(api)
    await a_pupil(api, 1, C, admitted_on="2026-09-01")
    for urn, spell in ((B, {"admitted_on": "2026-09-01"}), (C, {"admitted_on": "2026-09-01"})):
        await a_pupil(api, 1, urn, date_of_birth=OTHER, **spell)

    difference = await the_difference(api)

    assert (difference["majority"]["date_of_birth"], difference["counts"]["date_of_birth"]) == (OTHER, BORN)
    assert {str(each.compulsory_to) for each in await rolls(database)} == {"2030-06-28"}


async def test_names_typed_otherwise_are_no_difference_and_other_names_are(api):
    await two_schools(api, surname="PUPIL")
    assert await open_ones(api) == []

    await a_pupil(api, 1, B, admitted_on="2026-09-01", forename="Teszt")

    assert (await the_difference(api))["differing"] == ["forename"]


async def test_a_pupil_s_people_and_letters_go_by_what_counts(api):
    pupil = await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", surname="Newname", date_of_birth=OTHER)

    seen = [
        (await api.as_(role, schools=own).get(f"/v1/people/{pupil['id']}")).json()["pupil"]
        for role, own in (("service", []), ("school", [B]))
    ]

    assert (seen[0]["surname"], seen[0]["date_of_birth"]) == ("Pupil", BORN)
    assert seen[0]["difference"]["differing"] == ["surname", "date_of_birth"]
    assert [(each["urn"], each["surname"]) for each in seen[0]["difference"]["schools"]] == [(A, "Pupil"), (B, "Newname")]
    assert (seen[1]["difference"]["differing"], seen[1]["difference"]["schools"]) == (["surname", "date_of_birth"], [])


async def test_a_former_school_sees_no_later_school_of_the_pupil(api):
    pupil = await two_schools(api)
    path = f"/v1/people/{pupil['id']}"

    seen = [(await api.as_("school", schools=[urn]).get(path)).json()["pupil"]["schools"] for urn in (A, B)]

    assert [[each["urn"] for each in schools] for schools in seen] == [[A], [A, B]]


async def test_a_decision_is_a_named_officer_s_with_a_reason(api):
    await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    difference = await the_difference(api)
    path = f"/v1/pupil-differences/{difference['id']}"

    assert (await decide(api, difference, B, role="acsa")).status_code == 403
    assert (await api.as_("aco", name="Ann Officer").post(path, {"counts": B, "claims": [], "reason": ""})).status_code == 422
    assert (await decide(api, difference, C)).status_code == 409
    assert (await decide(api, {"id": ABSENT}, B)).status_code == 404
    assert len(await open_ones(api)) == 1


@pytest.mark.parametrize("role", ["school", "mis"])
async def test_a_school_sees_no_list_of_differences(api, role):
    await two_schools(api)

    assert (await api.as_(role, schools=[A]).get("/v1/pupil-differences")).status_code == 403


async def test_an_officer_of_another_authority_neither_sees_nor_decides_existing_or_not(api):
    await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    difference = await the_difference(api)

    assert await open_ones(api, la_code="935") == []
    for each in (difference, {"id": ABSENT}, {"id": "no-id"}):
        assert (await decide(api, each, B, la_code="935")).status_code == 403
        assert (await api.as_("aco", la_code="935").get(f"/v1/pupil-differences/{each['id']}")).status_code == 403
    assert (await decide(api, difference, B, la_code="881")).status_code == 200


async def test_a_decision_may_be_decided_again_and_every_one_is_kept(api, database):
    await two_schools(api)
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    difference = await the_difference(api)
    await decide(api, difference, B)

    again = (await decide(api, difference, A, name="Kim Officer")).json()

    assert [each["decided_by"] for each in again["decisions"]] == ["Ann Officer", "Kim Officer"]
    assert [str(each.compulsory_to) for each in await rolls(database)][-1] == "2030-06-28"
    for change in ("UPDATE difference_decisions SET reason = 'x'", "DELETE FROM difference_decisions", "DELETE FROM pupil_differences"):
        with pytest.raises(Exception, match="kept until their retention ends"):
            await scalar(database, f"{change} RETURNING id")


async def test_the_marks_of_both_schools_stand_whatever_is_decided(api):
    await two_schools(api)
    await a_register(api, (1, "O"), urn=B, day="2026-09-22")
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth=OTHER)
    await decide(api, await the_difference(api), A)

    assert [(mark["urn"], mark["flagged"]) for mark in await the_marks(api)] == [(B, False)]


async def test_a_roll_of_many_pupils_is_judged_pupil_by_pupil(api, database):
    await two_schools(api)
    await a_pupil(api, 2, A)
    sent = [{"upn": upn(1), **a_body(admitted_on="2026-09-01", date_of_birth=OTHER)}, {"upn": upn(2), **a_body(surname="Stranger")}]

    answer = await api.as_("mis", schools=[B]).put(f"/v1/schools/{B}/roll", {"pupils": [*sent, {"upn": upn(3), **a_body()}]})

    assert answer.status_code == 200, answer.text
    assert [(each["upn"], "officer" in each["reason"]) for each in answer.json()["waiting"]] == [(upn(2), True)]
    assert len(await open_ones(api)) == 2
