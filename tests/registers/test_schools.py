"""Schools, calendars and codes over the API."""

import pytest

from tests.registers.given import TERMS, A, B, a_calendar, a_pupil, a_school, published, scalar


async def test_a_school_is_new_only_once(api):
    body = {"name": "A", "la_code": "881", "establishment_number": "0101", "phase": "primary", "district": "Tendring"}
    manager = api.as_("manager")

    first, second = [await manager.put(f"/v1/schools/{A}", body) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 200)
    assert (await manager.get(f"/v1/schools/{A}")).json() == {**body, "urn": A, "senior_attendance_champion": None}


async def test_a_replaced_school_is_kept_in_the_history(api, database):
    await a_school(api)
    await a_school(api, name="Another name", senior_attendance_champion={"name": "B. Head", "email": "head@example.org"})
    await a_school(api, name="Another name", senior_attendance_champion={"name": "B. Head", "email": "head@example.org"})

    assert await scalar(database, "SELECT string_agg(was->>'name', ',') FROM superseded WHERE kind = 'schools'") == "School 100101"


async def test_schools_are_listed_in_pages(api):
    for urn in (A, B):
        await a_school(api, urn)
    officer = api.as_("aco")

    first = (await officer.get("/v1/schools?limit=1")).json()
    second = (await officer.get(f"/v1/schools?limit=1&after={first['next']}")).json()

    assert [first["items"][0]["urn"], second["items"][0]["urn"], second["next"]] == [A, B, None]
    assert (await officer.get("/v1/schools?after=x")).status_code == 422


async def test_a_calendar_is_published_as_its_open_sessions_when_it_changed(api, database):
    await a_school(api)
    got = await a_calendar(api, closures=[{"date": "2026-09-02"}, {"date": "2026-10-23", "sessions": ["PM"], "reason": "Polling"}])
    await a_calendar(api, closures=[{"date": "2026-09-02"}, {"date": "2026-10-23", "sessions": ["PM"], "reason": "Polling"}])
    await a_calendar(api)

    first, second = await published(database, "calendar-changed")

    assert got["sessions"] == 2 * (37 + 35) - 1
    assert (first.school, first.la_code, first.year) == (A, "881", "2026-27")
    assert (str(first.open[0].date), first.open[0].sessions) == ("2026-09-03", ("AM", "PM"))
    assert [day.sessions for day in first.open if str(day.date) == "2026-10-23"] == [("AM",)]
    assert (str(second.open[0].date), second.revision > first.revision) == ("2026-09-02", True)
    assert await scalar(database, "SELECT count(*) FROM superseded WHERE kind = 'calendars'") == 1


@pytest.mark.parametrize(
    ("year", "body"),
    [
        ("2026-28", {"terms": TERMS}),
        ("2026", {"terms": TERMS}),
        ("2026-27", {}),
        ("2026-27", {"terms": [{"start": "2026-10-23", "end": "2026-09-02"}]}),
        ("2026-27", {"terms": [{"start": "2026-08-31", "end": "2026-09-10"}]}),
        ("2026-27", {"terms": [{"start": "2026-02-31", "end": "2026-09-10"}]}),
        ("2026-27", {"terms": [{"start": "2027-07-01", "end": "2027-09-01"}]}),
        ("2026-27", {"terms": [*TERMS, {"start": "2026-10-23", "end": "2026-10-30"}]}),
        ("2026-27", {"terms": [*TERMS, {"start": "2026-09-07", "end": "2026-09-11"}]}),
        ("2026-27", {"terms": [TERMS[0], TERMS[0]]}),
        ("2026-27", {"terms": TERMS, "closures": [{"date": "2026-10-26"}]}),
        ("2026-27", {"terms": TERMS, "closures": [{"date": "2026-12-25", "kind": "planned", "reason": "Christmas"}]}),
        ("2026-27", {"terms": TERMS, "closures": [{"date": "2027-09-03", "reason": "INSET"}]}),
        ("2026-27", {"terms": TERMS, "closures": [{"date": "2026-09-02", "sessions": ["XM"]}]}),
        ("2026-27", {"terms": TERMS, "closures": [{"date": "2026-09-02", "sessions": []}]}),
    ],
)
async def test_a_calendar_that_cannot_be_is_refused(api, year, body):
    await a_school(api)

    answer = await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/calendars/{year}", body)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"terms": [*TERMS, {"start": "2026-10-23", "end": "2026-10-30"}]}, "The terms from 2026-09-02 and from 2026-10-23 overlap."),
        ({"closures": [{"date": "2026-10-26"}]}, "The closure of 2026-10-26 lies in none of the terms"),
        ({"terms": [{"start": "2026-10-23", "end": "2026-09-02"}]}, "The term from 2026-10-23 ends before it starts."),
    ],
)
async def test_the_contradiction_in_a_calendar_is_named(api, changes, sentence):
    await a_school(api)

    answer = await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/calendars/2026-27", {"terms": TERMS, **changes})

    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


async def test_terms_in_a_row_and_closures_on_their_first_and_last_day_are_accepted(api):
    await a_school(api)

    got = await a_calendar(
        api,
        terms=[{"start": "2026-11-02", "end": "2026-11-06"}, {"start": "2026-10-30", "end": "2026-11-01"}],
        closures=[{"date": "2026-11-06"}, {"date": "2026-10-30"}, {"date": "2026-10-31"}, {"date": "2026-11-02", "sessions": ["AM"]}],
    )

    assert got["sessions"] == 10 - 2 - 1


async def test_a_school_that_moves_to_another_authority_takes_calendars_and_rolls_along(api, database):
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api)

    await a_school(api, la_code="935")

    assert [event.la_code for event in await published(database, "calendar-changed")] == ["881", "935"]
    assert [event.rolls[0].la_code for event in await published(database, "roll-changed")] == ["881", "935"]


async def test_the_codes_of_a_day_are_listed(api):
    mis = api.as_("mis", schools=[A])

    now = (await mis.get("/v1/codes?on=2024-08-19")).json()["items"]
    old = (await mis.get("/v1/codes?on=2024-08-18")).json()["items"]

    assert {"H", "J", "Y"} & {code["code"] for code in now} == set()
    assert {"H", "J", "Y"} <= {code["code"] for code in old}
    assert next(code["sessions"] for code in now if code["code"] == "/") == ["AM"]


async def test_every_route_is_described(api):
    paths = (await api.get("/openapi.json")).json()["paths"]

    schema = paths["/v1/schools/{urn}/registers/{date}/{session}"]["put"]["requestBody"]["content"]["application/json"]["schema"]

    assert schema["properties"]["marks"]["items"]["required"] == ["upn", "code"]
    assert "$ref" not in str(schema)
