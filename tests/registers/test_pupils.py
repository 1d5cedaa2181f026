"""Pupils and rolls: history, overlaps, quarantine that a roll explains."""

import asyncio

import pytest

from tests.registers.given import A, B, C, a_body, a_calendar, a_parent, a_pupil, a_register, a_school, published, scalar, the_marks, upn


async def test_a_roll_is_published_when_it_changed(api, database):
    await a_school(api)
    pupil = await a_pupil(api)
    await a_pupil(api)
    await a_pupil(api, surname="Other")
    await a_pupil(api, surname="Other", left_on="2026-12-18")

    first, second = await published(database, "roll-changed")

    assert (str(first.pupil_id), first.upn) == (pupil["id"], upn(1))
    assert (str(first.compulsory_from), str(first.compulsory_to)) == ("2019-03-31", "2030-06-28")
    assert [(spell.urn, spell.la_code, str(spell.admitted_on), spell.left_on) for spell in first.rolls] == [(A, "881", "2025-09-01", None)]
    assert str(second.rolls[0].left_on) == "2026-12-18"
    assert second.revision > first.revision


async def test_earlier_spells_on_the_same_roll_are_kept(api, database):
    await a_school(api)
    await a_pupil(api, admitted_on="2026-09-01", earlier_spells=[{"admitted_on": "2023-09-01", "left_on": "2024-07-19"}])

    (event,) = await published(database, "roll-changed")

    assert [str(spell.admitted_on) for spell in event.rolls] == ["2023-09-01", "2026-09-01"]
    assert len((await a_register(api, (1, "O"), day="2025-09-10"))["rejected"]) == 1
    assert (await a_register(api, (1, "O"), day="2024-07-19"))["recorded"] == 1


async def test_a_replaced_pupil_is_kept_in_the_history_with_who_replaced_them(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_pupil(api)
    await a_pupil(api, date_of_birth="2014-03-04")

    kept = "SELECT string_agg(was->>'date_of_birth' || coalesce(superseded_by, ''), ',') FROM superseded WHERE kind = 'pupils_at_schools'"
    assert (await scalar(database, kept)).startswith("2014-03-03")
    assert await scalar(database, "SELECT count(*) FROM superseded WHERE kind = 'pupils'") == 1


async def test_the_date_of_birth_that_counted_first_counts_whatever_another_school_sends(api, database):
    await a_school(api, A)
    await a_school(api, B)
    await a_pupil(api, 1, A, left_on="2026-07-21")
    await a_pupil(api, 1, B, admitted_on="2026-09-01", date_of_birth="2010-09-01")
    await a_pupil(api, 1, A, left_on="2026-07-21")

    ends = [str(event.compulsory_to) for event in await published(database, "roll-changed")]

    assert ends == ["2030-06-28"]
    assert (
        await scalar(database, "SELECT string_agg(date_of_birth::text, ' ' ORDER BY urn) FROM pupils_at_schools") == "2014-03-03 2010-09-01"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"left_on": "2025-08-31"},
        {"date_of_birth": "2025-09-01"},
        {"date_of_birth": "31.12.2014"},
        {"date_of_birth": 1388534400},
        {"date_of_birth": "1996-12-31"},
        {"earlier_spells": [{"admitted_on": "2024-09-01", "left_on": "2025-09-01"}]},
        {"parents": [a_parent(), a_parent()]},
        {"parents": [a_parent(address=["1"] * 8)]},
        {"forename": ""},
        {"surname": "a\u0000b"},
    ],
)
async def test_a_record_that_contradicts_itself_is_refused(api, database, change):
    await a_school(api)

    answer = await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/pupils/{upn(1)}", a_body(**change))

    assert answer.status_code == 422
    assert await scalar(database, "SELECT count(*) FROM pupils") == 0


async def test_empty_strings_count_as_missing(api):
    await a_school(api)

    pupil = await a_pupil(api, year_group=7, parents=[a_parent(email="", phone=" ", relationship="", address=["", "CM1 1QH", ""])])

    parent = (await api.as_("service").get(f"/v1/people/{pupil['id']}")).json()["parents"][0]
    assert (parent["email"], parent["relationship"], parent["address"]) == (None, None, ["CM1 1QH"])


async def test_null_counts_as_a_field_left_out(api):
    await a_school(api)

    await a_calendar(api, closures=[{"date": "2026-09-10", "sessions": None, "kind": None, "reason": None}])
    await a_pupil(api, left_on=None, year_group=None, earlier_spells=None, parents=[a_parent(address=None, email=None, phone=None)])

    calendar = (await api.as_("mis", schools=[A]).get(f"/v1/schools/{A}/calendars/2026-27")).json()
    assert calendar["closures"] == [{"date": "2026-09-10", "sessions": ["AM", "PM"], "kind": "planned", "reason": None}]


async def test_two_schools_at_once_make_one_pupil(api, database):
    for urn in (A, B, C):
        await a_school(api, urn)

    made = await asyncio.gather(*(a_pupil(api, 1, urn, parents=[a_parent(email="pat@example.org")]) for urn in (A, B, C)))

    assert len({pupil["id"] for pupil in made}) == 1
    events = await published(database, "roll-changed")
    assert [event.revision for event in events] == sorted({event.revision for event in events})
    assert sorted(spell.urn for spell in events[-1].rolls) == [A, B, C]
    assert await scalar(database, "SELECT count(*) FROM roll_spells WHERE shared_from IS NULL") == 0


async def test_marks_in_a_new_overlap_are_published_again(api, database):
    for urn in (A, B):
        await a_school(api, urn)
    await a_pupil(api, 1, A)
    for day in ("2026-09-08", "2026-09-09", "2026-09-10"):
        await a_register(api, (1, "/"), day=day)
    await a_register(api, (1, "I"), day="2026-09-10")
    before = await published(database, "session-recorded")

    await a_pupil(api, 1, B, admitted_on="2026-09-09", left_on="2026-09-10")

    again = (await published(database, "session-recorded"))[len(before) :]
    assert [(str(event.date), event.school) for event in again] == [("2026-09-09", A), ("2026-09-10", A)]
    assert [(mark.code, mark.version, mark.previous_code, mark.dual) for event in again for mark in event.marks] == [
        ("/", 1, None, True),
        ("I", 2, None, True),
    ]
    assert [event.revision for event in again] == [before[-1].revision + 1, before[-1].revision + 2]
    assert [mark["version"] for mark in await the_marks(api)] == [1, 1, 2]


async def test_both_schools_marks_are_published_again_whichever_roll_came_last(api, database):
    for urn in (A, B):
        await a_school(api, urn)
    await a_pupil(api, 1, A)
    await a_pupil(api, 1, B, left_on="2025-12-31")
    await a_register(api, (1, "D"), urn=A)
    assert len((await a_register(api, (1, "O"), urn=B))["rejected"]) == 1

    await a_pupil(api, 1, B)

    marks = {(event.school, mark.code, mark.dual) for event in (await published(database, "session-recorded"))[1:] for mark in event.marks}
    assert marks == {(A, "D", True), (B, "O", True)}


async def test_marks_of_a_pupil_on_two_rolls_are_published_as_dual(api, database):
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, 1, urn, admitted_on="2025-09-01" if urn == A else "2026-09-10")

    await a_register(api, (1, "/"), day="2026-09-09")
    await a_register(api, (1, "/"), day="2026-09-10")

    assert [event.marks[0].dual for event in await published(database, "session-recorded")] == [False, True]


async def test_no_mark_is_published_again_when_nothing_new_overlaps(api, database):
    for urn in (A, B):
        await a_school(api, urn)
    await a_pupil(api, 1, A)
    await a_pupil(api, 1, B)
    await a_register(api, (1, "/"))

    await a_pupil(api, 1, B)
    await a_pupil(api, 1, B, left_on="2027-07-21")

    assert len(await published(database, "session-recorded")) == 1


async def test_a_pupil_who_arrives_late_releases_the_marks_in_their_order(api, database):
    await a_school(api)
    await a_register(api, (1, "N"), (1, "L"), taken_by="J. Teacher")
    await a_register(api, (1, "O"))
    await a_register(api, (1, "G"), session="PM")
    await a_register(api, (1, "ZZ"), session="PM")

    pupil = await a_pupil(api)

    assert pupil["released"] == 4
    morning, afternoon = await the_marks(api)
    assert [(each["code"], each["source"]) for each in morning["versions"]] == [("L", "release"), ("O", "release")]
    assert afternoon["code"] == "G"
    assert "kept apart" in afternoon["versions"][0]["reason"]
    events = await published(database, "session-recorded")
    assert [(event.session, event.marks[0].code) for event in events] == [("AM", "L"), ("AM", "O"), ("PM", "G")]
    assert await scalar(database, "SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 1
    assert (await a_pupil(api))["released"] == 0


async def test_a_roll_releases_only_what_it_explains(api):
    await a_school(api)
    await a_pupil(api, left_on="2026-09-08")
    for day in ("2026-09-09", "2026-09-10"):
        await a_register(api, (1, "O"), day=day)

    assert (await a_pupil(api, left_on="2026-09-09"))["released"] == 1
    assert [mark["date"] for mark in await the_marks(api)] == ["2026-09-09"]


async def test_a_pupil_and_a_register_at_the_same_time_lose_no_mark(api):
    await a_school(api)

    await asyncio.gather(*(a_register(api, (number, "O")) for number in range(1, 6)), *(a_pupil(api, number) for number in range(1, 6)))

    for number in range(1, 6):
        assert [mark["code"] for mark in await the_marks(api, number)] == ["O"]
