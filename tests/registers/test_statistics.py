"""Attendance figures as the Department for Education publishes them."""

from datetime import date

import pytest

from services.registers.law import NATIONAL
from services.registers.statistics.domain import Figures, classes, cohort
from shared.attendance.register_codes import all_codes
from tests.registers.given import A, B, C, a_calendar, a_pupil, a_register, a_school

WEEK = "from=2026-09-07&to=2026-09-11"


def test_no_code_ever_changed_its_class():
    assert all(classes()[each.code] == each.category for each in all_codes())


@pytest.mark.parametrize(
    ("first", "want"),
    [
        ("2026-09-01", ("2010-09-01", "2021-08-31")),
        ("2026-08-31", ("2009-09-01", "2020-08-31")),
        ("2027-07-21", ("2010-09-01", "2021-08-31")),
    ],
)
def test_pupils_of_5_to_15_on_the_31_august_before_are_counted(first, want):
    assert tuple(str(day) for day in cohort(date.fromisoformat(first), NATIONAL)) == want


def test_rates_are_shares_of_what_was_possible():
    figures = Figures(3, attended=90, authorised=6, unauthorised=4, not_possible=50, persistently_absent=1)

    assert [str(each) for each in (figures.attendance, figures.absence, figures.unauthorised_absence)] == ["90.00", "10.00", "4.00"]
    assert str(figures.persistent_absence) == "33.33"
    assert (Figures().attendance, Figures(persistently_absent=0).persistent_absence) == (None, None)


async def ask(api, query=f"urn={A}&{WEEK}", role="manager", **more):
    answer = await api.as_(role, **more).get(f"/v1/statistics?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def schools(api):
    """A week at two schools: three pupils at A, one of them under age, and one of them at B too; C is another authority's."""
    for urn in (A, B):
        await a_school(api, urn)
        await a_calendar(api, urn)
    await a_school(api, C, la_code="935")
    await a_pupil(api, 1)
    await a_pupil(api, 2)
    await a_pupil(api, 3, date_of_birth="2021-09-01")
    await a_pupil(api, 1, B)
    await a_register(api, (1, "O"), (2, "/"), (3, "/"), day="2026-09-07")
    await a_register(api, (1, "\\"), (2, "\\"), day="2026-09-07", session="PM")
    await a_register(api, (1, "I"), (2, "L"), day="2026-09-08")
    await a_register(api, (1, "D"), (2, "X"), day="2026-09-09")
    await a_register(api, (1, "O"), day="2026-09-12")  # a Saturday: not held
    await a_register(api, (1, "/"), day="2026-09-14")
    await a_register(api, (1, "/"), urn=B, day="2026-09-09")


async def test_sessions_are_counted_by_code_with_their_shares(api, schools):
    found = await ask(api)

    assert found["total"] == {
        "enrolments": 2,
        "possible": 6,
        "attended": 4,
        "authorised": 1,
        "unauthorised": 1,
        "not_possible": 2,
        "attendance": 66.67,
        "absence": 33.33,
        "authorised_absence": 16.67,
        "unauthorised_absence": 16.67,
        "persistently_absent": 1,
        "persistent_absence": 50.0,
    }
    assert {each["code"]: (each["sessions"], each["share"]) for each in found["items"]} == {
        "/": (1, 16.67),
        "\\": (2, 33.33),
        "L": (1, 16.67),
        "I": (1, 16.67),
        "O": (1, 16.67),
        "D": (1, None),
        "X": (1, None),
    }
    assert (found["urn"], found["la"], found["by"], found["from"], found["to"]) == (A, None, "code", "2026-09-07", "2026-09-11")


async def test_figures_by_week_are_those_of_the_weeks(api, schools):
    found = await ask(api, f"urn={A}&from=2026-09-01&to=2026-09-30&by=week")

    assert [(each["week"], each["enrolments"], each["possible"], each["attendance"]) for each in found["items"]] == [
        ("2026-09-07", 2, 6, 66.67),
        ("2026-09-14", 1, 1, 100.0),
    ]
    assert found["total"]["possible"] == 7


async def test_an_authority_s_figures_are_the_sum_of_its_schools(api, schools):
    found = await ask(api, f"la=881&{WEEK}&by=school")

    assert [(each["urn"], each["enrolments"], each["possible"], each["persistently_absent"]) for each in found["items"]] == [
        (A, 2, 6, 1),
        (B, 1, 1, 0),
    ]
    assert (found["total"]["enrolments"], found["total"]["possible"], found["total"]["persistent_absence"]) == (3, 7, 33.33)
    assert (await ask(api, f"la=935&{WEEK}&by=school"))["items"] == []


async def test_a_pupil_who_misses_a_tenth_of_their_sessions_is_persistently_absent(api):
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api, 1)
    await a_pupil(api, 2)
    for day in ("07", "08", "09", "10", "11"):
        for session in ("AM", "PM"):
            first = (day, session) == ("07", "AM")
            await a_register(api, (1, "O" if first else "L"), (2, "O" if first else "L"), day=f"2026-09-{day}", session=session)
    await a_register(api, (2, "L"), day="2026-09-14")

    assert (await ask(api, f"urn={A}&from=2026-09-07&to=2026-09-14"))["total"]["persistently_absent"] == 1  # 1 of 10, and 1 of 11


async def test_every_mark_counts_at_a_school_without_a_calendar(api):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"), day="2026-09-12")

    assert (await ask(api, f"urn={A}&from=2026-09-12&to=2026-09-12"))["total"]["unauthorised"] == 1


async def test_marks_outside_the_roll_are_in_no_figure(api, schools):
    await a_pupil(api, 1, left_on="2026-09-07")

    found = await ask(api)

    assert {each["code"]: each["sessions"] for each in found["items"]} == {"/": 1, "\\": 2, "L": 1, "O": 1, "X": 1}


async def test_a_school_without_marks_has_no_figures(api, schools):
    found = await ask(api, f"la=882&{WEEK}")

    assert (found["items"], found["total"]["possible"], found["total"]["attendance"], found["total"]["persistent_absence"]) == (
        [],
        0,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("role", "more", "query", "status"),
    [
        ("school", {"schools": [A]}, f"urn={A}&{WEEK}", 200),
        ("mis", {"schools": [A]}, f"urn={A}&{WEEK}", 200),
        ("school", {"schools": [A]}, f"urn={B}&{WEEK}", 403),
        ("school", {"schools": [A]}, f"la=881&{WEEK}", 403),
        ("aco", {"la_code": "881"}, f"la=881&{WEEK}", 200),
        ("aco", {"la_code": "881"}, f"urn={A}&{WEEK}", 200),
        ("aco", {"la_code": "935"}, f"urn={A}&{WEEK}", 403),
        ("aco", {"la_code": "935"}, f"la=881&{WEEK}", 403),
        ("operations", {}, f"la=881&{WEEK}", 403),
        ("manager", {}, WEEK, 422),
        ("manager", {}, f"la=881&urn={A}&{WEEK}", 422),
        ("manager", {}, "la=881&from=2026-09-02&to=2026-09-01", 422),
        ("manager", {}, "la=881&from=2025-09-01&to=2026-09-02", 422),
        ("manager", {}, "la=881&from=2025-09-01&to=2026-09-01", 200),
        ("manager", {}, f"urn=199999&{WEEK}", 404),
    ],
)
async def test_figures_are_refused_to_other_schools_and_other_authorities(api, schools, role, more, query, status):
    assert (await api.as_(role, **more).get(f"/v1/statistics?{query}")).status_code == status


async def test_a_district_s_figures_are_those_of_its_schools(api, schools):
    await a_school(api, A, district="Braintree")
    await a_school(api, B, district="Harlow")

    of_district = await ask(api, f"la=881&district=Braintree&{WEEK}&by=school")

    assert [each["urn"] for each in of_district["items"]] == [A]
    assert of_district["total"] == (await ask(api, f"urn={A}&{WEEK}&by=school"))["total"]
    assert (await ask(api, f"la=881&district=Nowhere&{WEEK}"))["total"]["possible"] == 0
    assert (await api.as_("manager").get(f"/v1/statistics?urn={A}&district=Braintree&{WEEK}")).status_code == 422
