"""Who may do what: refusals in the order 401, 403, 422, 404."""

import pytest

from tests.registers.given import A, B, C, a_body, a_pupil, a_register, a_school, the_marks, upn

REGISTER = f"/v1/schools/{A}/registers/2026-09-10/AM"


async def test_a_stranger_is_refused_everything(api):
    assert (await api.put(REGISTER, content=b"{oops")).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", REGISTER),
        ("PATCH", f"{REGISTER}/marks/{upn(1)}"),
        ("PUT", f"/v1/schools/{A}/pupils/{upn(1)}"),
        ("PUT", f"/v1/schools/{A}/calendars/2026-27"),
        ("GET", f"/v1/schools/{A}"),
        ("GET", f"/v1/schools/{A}/calendars/2026-27"),
        ("PUT", f"/v1/schools/{A}"),
        ("GET", "/v1/schools"),
        ("GET", "/v1/parent-matches"),
        ("GET", "/v1/people/00000000-0000-7000-8000-000000000000"),
    ],
)
async def test_another_school_is_refused_before_the_body_is_looked_at(api, method, path):
    await a_school(api)

    answer = await api.as_("mis", schools=[B]).request(method, path, content=b"{oops")

    assert answer.status_code == 403


async def test_a_school_cannot_write_a_register_but_amends(api):
    assert (await api.as_("school", schools=[A]).put(REGISTER, {"marks": []})).status_code == 403
    assert (await api.as_("aco").put(REGISTER, {"marks": []})).status_code == 403


@pytest.mark.parametrize("path", [f"/v1/schools/{A}", REGISTER, f"/v1/schools/{A}/pupils/{upn(1)}"])
async def test_an_officer_s_area_ends_at_the_authority(api, path):
    await a_school(api)

    answer = await api.as_("manager", la_code="935").put(path, content=b"{oops")

    assert answer.status_code == 403


async def test_a_manager_cannot_give_a_school_to_an_authority_not_theirs(api):
    body = {"name": "A", "la_code": "881", "establishment_number": "0101", "phase": "primary"}

    assert (await api.as_("manager", la_code="935").put(f"/v1/schools/{A}", body)).status_code == 403


async def test_a_school_sees_its_pupils_and_its_own_marks_of_them(api):
    for urn in (A, B, C):
        await a_school(api, urn)
    await a_pupil(api, 1, A, left_on="2026-09-10")
    await a_pupil(api, 1, B, admitted_on="2026-09-11")
    await a_register(api, (1, "O"), urn=A)
    await a_register(api, (1, "I"), urn=B, day="2026-09-11")

    assert [mark["urn"] for mark in await the_marks(api, role="mis", schools=[A])] == [A]
    assert [mark["urn"] for mark in await the_marks(api, role="school", schools=[B])] == [B]
    assert [mark["urn"] for mark in await the_marks(api, role="aco")] == [A, B]
    assert [mark["urn"] for mark in await the_marks(api, role="service")] == [A, B]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("caller", [{"role": "mis", "schools": [C]}, {"role": "aco", "la_code": "935"}])
async def test_a_pupil_who_is_not_theirs_is_refused_whether_there_is_one_or_not(api, caller, number):
    await a_school(api)
    await a_pupil(api, 1)

    answer = await api.as_(**caller).get(f"/v1/pupils/{upn(number)}/marks")

    assert answer.status_code == 403


async def test_a_pupil_who_does_not_exist_is_not_found_by_an_officer(api):
    assert (await api.as_("aco").get(f"/v1/pupils/{upn(1)}/marks")).status_code == 404
    assert (await api.as_("service").get("/v1/people/00000000-0000-7000-8000-000000000000")).status_code == 404
    assert (await api.as_("aco").get("/v1/pupils/X/marks")).status_code == 422
    assert (await api.as_("aco").get(f"/v1/pupils/{upn(1)}/marks?from=2026-09-02&to=2026-09-01")).status_code == 422


async def test_leave_for_a_pupil_who_does_not_exist_is_not_found_by_an_officer_who_sees_everything(api):
    await a_school(api)
    asked = {"upn": upn(9), "urn": A, "parent_ref": "C1", "reason": "A wedding.", "from": "2027-09-06", "to": "2027-09-07"}

    answers = [await api.as_("aco", la_code=la_code).post("/v1/leave-requests", asked) for la_code in (None, "881")]

    assert [answer.status_code for answer in answers] == [404, 403]


async def test_people_are_for_officers_and_services(api):
    await a_school(api)
    pupil = await a_pupil(api, parents=[{"ref": "C1", "forename": "Pat", "surname": "Pupil", "address": ["1 High Street", "CM1 1QH"]}])
    path = f"/v1/people/{pupil['id']}"

    answer = (await api.as_("service").get(path)).json()

    assert answer["pupil"] == {
        "id": pupil["id"],
        "upn": upn(1),
        "forename": "Test",
        "surname": "Pupil",
        "date_of_birth": "2014-03-03",
        "schools": [{"urn": A, "name": f"School {A}", "la_code": "881", "admitted_on": "2025-09-01", "left_on": None}],
        "difference": None,
    }
    assert answer["parents"] == [
        {
            "id": pupil["parents"][0]["id"],
            "forename": "Pat",
            "surname": "Pupil",
            "relationship": None,
            "lives_with_pupil": None,
            "liability_basis": None,
            "address": ["1 High Street", "CM1 1QH"],
            "email": None,
            "urn": A,
        }
    ]
    assert (await api.as_("aco", la_code="881").get(path)).status_code == 200
    assert (await api.as_("aco", la_code="935").get(path)).status_code == 403
    assert (await api.as_("school", schools=[B]).get(path)).status_code == 403
    assert (await api.as_("mis", schools=[A]).get(path)).status_code == 403


async def test_a_school_sees_of_parents_only_its_own_records(api):
    for urn in (A, B):
        await a_school(api, urn)
        pupil = await a_pupil(api, 1, urn, parents=[{"ref": "C1", "forename": "Pat", "surname": "Pupil", "address": [str(urn), "CM1 1QH"]}])

    answer = await api.as_("school", schools=[A]).get(f"/v1/people/{pupil['id']}")

    assert [parent["address"][0] for parent in answer.json()["parents"]] == [str(A)]


async def test_a_pupil_needs_a_school_and_a_valid_upn(api):
    manager = api.as_("manager")
    assert (await manager.put(f"/v1/schools/{A}/pupils/{upn(1)}", a_body())).status_code == 404

    await a_school(api)

    assert (await manager.put(f"/v1/schools/{A}/pupils/A801200005001", a_body())).status_code == 422
    assert (await manager.put(f"/v1/schools/{A}/pupils/B801200005001", a_body())).status_code == 201
