"""A pupil's attendance beside their engagement: sessions attended out of those that leave, illness and appointments do not excuse."""

from datetime import date, timedelta

import pytest

from services.registers.engagement.domain import MarkAtSchool, engagement, findings
from services.registers.law import NATIONAL
from tests.registers.given import A, B, a_calendar, a_pupil, a_register, a_school, upn

DAY = date(2026, 10, 1)


def marks(codes, urn=A, first=DAY):
    """Return marks of one school, a session after the other, from a day on."""
    return [MarkAtSchool(first + timedelta(number // 2), "AM" if number % 2 == 0 else "PM", urn, code) for number, code in enumerate(codes)]


def codes(**counts):
    names = {"present": "/", "away": "O"}
    return [names.get(code, code) for code, count in counts.items() for _ in range(count)]


@pytest.mark.parametrize(
    ("given", "attendance", "engaged", "expected"),
    [
        (codes(present=10), "100.00", "100.00", 10),
        (codes(present=5, away=5), "50.00", "50.00", 10),
        (codes(present=5, I=5), "50.00", "100.00", 5),
        (codes(present=5, C=1, C1=1, C2=1, I=1, M=1), "50.00", "100.00", 5),
        (codes(present=5, E=1, J1=1, R=1, S=1, T=1), "50.00", "50.00", 10),
        (codes(present=5, G=1, N=1, O=1, U=2), "50.00", "50.00", 10),
        (codes(present=1, L=1, V=1, B=1, P=1, W=1, K=1), "100.00", "100.00", 7),
        (codes(present=5, D=1, Q=1, X=1, Y1=1, Y7=1), "100.00", "100.00", 5),
        (codes(C2=4), "0.00", None, 0),
        ([], None, None, 0),
    ],
)
def test_engagement_leaves_out_leave_illness_and_appointments_alone(given, attendance, engaged, expected):
    found = engagement(marks(given), NATIONAL)

    assert [None if each is None else str(each) for each in (found.attendance, found.engagement)] == [attendance, engaged]
    assert found.expected == expected


@pytest.mark.parametrize(
    ("missed", "mark"),
    [(0, None), (19, None), (20, "persistent"), (21, "persistent"), (99, "persistent"), (100, "severe"), (101, "severe"), (200, "severe")],
)
@pytest.mark.parametrize("code", ["O", "I"])
def test_absence_is_persistent_from_a_tenth_and_severe_from_half_of_the_possible_sessions(missed, mark, code):
    found = engagement(marks([code] * missed + ["/"] * (200 - missed)), NATIONAL)

    assert found.absence_mark(NATIONAL, DAY) == mark


def test_a_share_is_reached_without_rounding():
    found = engagement(marks(["O"] * 999 + ["/"] * 9001), NATIONAL)

    assert str(found.absence) == "9.99"
    assert found.absence_mark(NATIONAL, DAY) is None


def test_no_possible_session_is_no_absence():
    assert engagement(marks(["X", "D"]), NATIONAL).absence_mark(NATIONAL, DAY) is None


@pytest.mark.parametrize(
    ("here", "there", "attended", "unauthorised", "not_possible"),
    [
        ("/", "D", 1, 0, 0),
        ("D", "O", 0, 1, 0),
        ("D", "D", 0, 0, 1),
        ("O", "/", 1, 0, 0),
        ("O", "I", 0, 0, 0),
        ("O", "Y1", 0, 0, 1),
        ("O", "O", 0, 1, 0),
    ],
)
def test_a_session_that_two_schools_marked_counts_once(here, there, attended, unauthorised, not_possible):
    for first, second in ((here, there), (there, here)):
        found = engagement(marks([first]) + marks([second], urn=B), NATIONAL)

        assert (found.attended, found.unauthorised, found.not_possible) == (attended, unauthorised, not_possible)
        assert found.possible + found.not_possible == 1


@pytest.mark.parametrize(("day", "excused"), [(date(2024, 8, 18), ["C", "I", "M"]), (date(2024, 8, 19), ["C", "C1", "C2", "I", "M"])])
def test_the_codes_that_are_left_out_are_those_of_the_day(day, excused):
    assert NATIONAL.at("engagement_excused", day).value == excused


def test_findings_name_each_share_and_what_was_left_out():
    left_out, persistent, severe = findings(engagement(marks(codes(present=6, I=2, O=2)), NATIONAL), NATIONAL, DAY)

    assert (left_out.outcome, persistent.outcome, severe.outcome) == ("2 sessions left out", "this share was missed", "less was missed")


async def at_school(api, role="school", schools=(A,), query="?from=2026-09-01&to=2026-09-30"):
    return await api.as_(role, schools=schools).get(f"/v1/pupils/{upn(1)}/engagement{query}")


async def test_a_school_sees_the_figures_of_its_own_registers_and_an_officer_all(api):
    for urn in (A, B):
        await a_school(api, urn)
        await a_calendar(api, urn)
        await a_pupil(api, 1, urn)
    await a_register(api, (1, "/"), day="2026-09-10")
    await a_register(api, (1, "I"), day="2026-09-10", session="PM")
    await a_register(api, (1, "O"), day="2026-09-11", urn=B)

    own, every = (await at_school(api)).json(), (await at_school(api, "aco", ())).json()

    assert [(each["urn"], each["possible"], each["attended"], each["expected"]) for each in own["schools"]] == [(A, 2, 1, 1)]
    assert (own["total"]["attendance"], own["total"]["engagement"], own["total"]["absence_mark"]) == (50.0, 100.0, "severe")
    assert (every["total"]["possible"], every["total"]["unauthorised"], [each["urn"] for each in every["schools"]]) == (3, 1, [A, B])


async def test_marks_outside_sessions_or_roll_are_no_part_of_the_figures(api):
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api, 1, admitted_on="2026-09-10")
    await a_register(api, (1, "/"), day="2026-09-10")
    await a_register(api, (1, "O"), day="2026-09-11")
    await a_pupil(api, 1, admitted_on="2026-09-11")

    found = (await at_school(api)).json()["total"]

    assert (found["possible"], found["attended"], found["unauthorised"]) == (1, 0, 1)


async def test_figures_are_of_the_school_year_unless_days_are_named(api, monkeypatch):
    await a_school(api)
    await a_pupil(api, 1)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-20")

    found = (await at_school(api, query="")).json()

    assert (found["from"], found["to"]) == ("2026-09-01", "2026-11-20")
    assert (await at_school(api, query="?from=2015-08-31&to=2016-08-31")).status_code == 422
    assert (await at_school(api, query="?from=2026-10-02&to=2026-10-01")).status_code == 422
