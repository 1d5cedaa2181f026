"""Two records of one child: an officer says that they are one child, and can take it back."""

import pytest

from tests.registers.given import A, B, C, a_body, a_parent, a_pupil, a_register, a_school, published, scalar, the_marks, upn
from tests.registers.test_identities import TEMPORARY

OLD, NEW = TEMPORARY, upn(1)


async def two_records(api, *, parents=((), ()), **changes):
    """A child under a temporary UPN at A and a permanent one at B."""
    for urn in (A, B, C):
        await a_school(api, urn)
    temporary = await api.as_("mis", schools=[A]).put(
        f"/v1/schools/{A}/pupils/{OLD}", a_body(**{"left_on": "2026-09-18", "parents": list(parents[0]), **changes})
    )
    return temporary.json(), await a_pupil(api, 1, B, admitted_on="2026-09-21", parents=list(parents[1]))


async def merge(api, *upns, role="aco", **caller):
    return await api.as_(role, name="Ann Officer", **caller).post(
        "/v1/pupil-mergers", {"upns": list(upns or (OLD, NEW)), "reason": "One child: the file came."}
    )


async def undo(api, merger, role="aco", **caller):
    return await api.as_(role, name="Kim Officer", **caller).post(f"/v1/pupil-mergers/{merger['id']}/undo", {"reason": "Cousins."})


async def published_of(database, pupil):
    return [event for event in await published(database, "roll-changed") if str(event.pupil_id) == pupil["id"]]


async def test_the_permanent_record_survives_and_the_other_is_published_as_of_the_same_child(api, database):
    temporary, permanent = await two_records(api)

    answer = await merge(api)

    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["survivor"]["pupil_id"], found["absorbed"]["pupil_id"]) == (permanent["id"], temporary["id"])
    assert (found["survivor"]["upn"], found["decided_by"], found["undone_at"]) == (NEW, "Ann Officer", None)
    before, after = await published_of(database, temporary)
    assert (before.same_as, str(after.same_as), after.rolls) == (None, permanent["id"], before.rolls)
    assert len(await published_of(database, permanent)) == 1
    assert (await api.as_("acsa").get("/v1/pupil-mergers")).json()["items"] == [found]


async def test_a_merger_can_be_undone_and_the_decision_is_kept(api, database):
    temporary, _ = await two_records(api)
    merger = (await merge(api)).json()

    undone = await undo(api, merger)
    again = await merge(api)

    assert (undone.status_code, undone.json()["undone_by"], undone.json()["undoing_reason"]) == (200, "Kim Officer", "Cousins.")
    assert [each.same_as is None for each in await published_of(database, temporary)] == [True, False, True, False]
    assert (await undo(api, merger)).status_code == 409
    listed = (await api.as_("acsa").get("/v1/pupil-mergers")).json()["items"]
    assert [(each["id"], each["undone_by"]) for each in listed] == [(merger["id"], "Kim Officer"), (again.json()["id"], None)]


@pytest.mark.parametrize("change", ["UPDATE pupil_mergers SET reason = 'x'", "DELETE FROM pupil_mergers"])
async def test_a_decision_about_two_records_is_never_changed(api, database, change):
    await two_records(api)
    await merge(api)

    with pytest.raises(Exception, match="kept as it was decided"):
        await scalar(database, f"{change} RETURNING id")


async def test_either_upn_shows_the_marks_of_both_records_and_marks_stay_where_they_were_sent(api, database):
    temporary, permanent = await two_records(api)
    await a_register(api, {"upn": OLD, "code": "O"}, day="2026-09-10")
    await merge(api)
    await a_register(api, {"upn": OLD, "code": "I"}, day="2026-09-10")
    await a_register(api, (1, "O"), urn=B, day="2026-09-22")

    by_either = [(await api.as_("aco").get(f"/v1/pupils/{each}/marks?from=2026-09-01&to=2026-12-31")).json() for each in (OLD, NEW)]

    assert by_either[0] == by_either[1]
    assert [(mark["urn"], mark["code"], mark["version"], mark["flagged"]) for mark in by_either[0]["items"]] == [
        (A, "I", 2, False),
        (B, "O", 1, False),
    ]
    assert [mark["pupil_id"] for mark in by_either[0]["items"]] == [temporary["id"], permanent["id"]]
    sent = [str(event.marks[0].pupil_id) for event in await published(database, "session-recorded")]
    assert sent == [temporary["id"], temporary["id"], permanent["id"]]


async def test_a_school_reaches_the_child_by_either_upn_and_sees_its_own_marks_alone(api):
    await two_records(api)
    await a_register(api, {"upn": OLD, "code": "O"}, day="2026-09-10")
    await a_register(api, (1, "O"), urn=B, day="2026-09-22")
    path = f"/v1/pupils/{NEW}/marks?from=2026-09-01&to=2026-12-31"
    before = (await api.as_("school", schools=[A]).get(path)).status_code

    merger = (await merge(api)).json()
    seen = {urn: await api.as_("school", schools=[urn]).get(path) for urn in (A, B, C)}
    await undo(api, merger)

    assert (before, [answer.status_code for answer in seen.values()]) == (403, [200, 200, 403])
    assert [[mark["urn"] for mark in seen[urn].json()["items"]] for urn in (A, B)] == [[A], [B]]
    assert (await api.as_("school", schools=[A]).get(path)).status_code == 403
    assert [mark["urn"] for mark in await the_marks(api)] == [B]


async def test_marks_are_published_again_where_both_schools_have_the_child_at_once(api, database):
    await two_records(api, left_on=None)
    await a_register(api, {"upn": OLD, "code": "/"}, day="2026-09-22")
    await a_register(api, (1, "O"), urn=B, day="2026-09-22")

    merger = (await merge(api)).json()
    again = (await published(database, "session-recorded"))[2:]
    await a_register(api, (1, "O"), urn=B, day="2026-09-23")
    after = (await published(database, "session-recorded"))[4:]
    await undo(api, merger)
    await a_register(api, (1, "O"), urn=B, day="2026-09-24")

    assert sorted((event.school, event.marks[0].code, event.marks[0].version, event.marks[0].dual) for event in again) == [
        (A, "/", 1, True),
        (B, "O", 1, True),
    ]
    assert [event.marks[0].dual for event in after] == [True]
    assert (await published(database, "session-recorded"))[-1].marks[0].dual is False


async def test_marks_of_both_records_are_published_again_where_one_school_has_the_child_on_both(api, database):
    await a_school(api)
    await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{OLD}", a_body())
    await a_pupil(api)
    await a_register(api, (1, "/"), {"upn": OLD, "code": "O"})

    await merge(api)
    again = (await published(database, "session-recorded"))[1:]
    await a_register(api, (1, "/"), {"upn": OLD, "code": "O"}, day="2026-09-11")

    assert sorted((event.marks[0].code, event.marks[0].version, event.marks[0].dual) for event in again) == [("/", 1, True), ("O", 1, True)]
    assert [mark.dual for mark in (await published(database, "session-recorded"))[-1].marks] == [True, True]


async def test_a_roll_that_comes_to_overlap_the_other_record_s_is_noticed_too(api, database):
    await two_records(api)
    await merge(api)
    await a_register(api, (1, "O"), urn=B, day="2026-09-22")

    await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{OLD}", a_body())

    assert [event.marks[0].dual for event in await published(database, "session-recorded")] == [False, True]


async def test_a_child_s_people_are_those_of_both_records(api):
    mother = a_parent(email="pat@example.org")
    temporary, permanent = await two_records(api, parents=([mother], [a_parent("D1", forename="Lou")]))
    await merge(api)

    found = [(await api.as_("service").get(f"/v1/people/{each['id']}")).json() for each in (temporary, permanent)]

    assert [each["pupil"]["id"] for each in found] == [temporary["id"], permanent["id"]]
    for each in found:
        assert sorted(parent["forename"] for parent in each["parents"]) == ["Lou", "Pat"]
        assert sorted(school["urn"] for school in each["pupil"]["schools"]) == [A, B]


async def test_parents_of_one_name_on_both_records_are_proposed_as_one_person(api, database):
    await two_records(api, parents=([a_parent()], [a_parent("D1")]))
    assert (await api.as_("aco").get("/v1/parent-matches")).json()["items"] == []

    await merge(api)

    (match,) = (await api.as_("aco").get("/v1/parent-matches")).json()["items"]
    assert match["reasons"] == ["child", "name"]
    latest = {event.pupil_id: event for event in await published(database, "parent-changed")}
    assert [[parent.open_match for parent in event.parents] for event in latest.values()] == [[True], [True]]


async def test_a_third_record_joins_the_child_and_nobody_is_absorbed_twice(api):
    await two_records(api)
    await a_pupil(api, 3, C)
    await a_pupil(api, 4, C)
    await merge(api)

    third = (await merge(api, OLD, upn(3))).json()
    other = await merge(api, upn(3), OLD)
    await a_pupil(api, 5, A)
    await merge(api, upn(4), upn(5))

    assert (third["survivor"]["upn"], third["absorbed"]["upn"]) == (NEW, upn(3))
    assert other.status_code == 409
    assert (await merge(api, upn(4), NEW)).status_code == 409


async def test_a_certificate_counts_a_session_once(api):
    for urn in (A, B):
        await a_school(api, urn)
    await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{OLD}", a_body())
    await a_pupil(api, 1, A)
    for day, codes in (("2026-09-10", "OI"), ("2026-09-11", "IO"), ("2026-09-14", "O-")):
        await a_register(api, {"upn": OLD, "code": codes[0]}, (1, codes[1]), day=day)
    await merge(api)

    path = f"/v1/pupils/{OLD}/certificate?urn={A}&from=2026-09-01&to=2026-09-30"
    found = (await api.as_("aco").get(path)).json()

    assert (found["possible"], found["authorised"], found["unauthorised"]) == (3, 2, 1)


async def test_records_are_merged_by_attendance_officers_and_managers(api):
    await two_records(api)

    assert (await merge(api, role="school", schools=[A])).status_code == 403
    assert (await merge(api, role="acsa")).status_code == 403
    assert (await merge(api, la_code="208")).status_code == 403
    assert (await merge(api, OLD, upn(9))).status_code == 404
    assert (await merge(api, OLD, OLD)).status_code == 409
    merger = (await merge(api, la_code="881")).json()
    assert (await undo(api, merger, role="acsa")).status_code == 403
    assert (await undo(api, merger, la_code="208")).status_code == 403
    assert (await undo(api, {"id": "00000000-0000-7000-8000-000000000000"})).status_code == 404
