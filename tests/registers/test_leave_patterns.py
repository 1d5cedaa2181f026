"""Leave for some sessions of every week (a part-time timetable, C2): inside it a mark that is no leave is flagged, outside it none is."""

from datetime import date, time

import pytest

from services.registers.law import NATIONAL
from services.registers.leave.domain import NotPossible, Request, decide
from services.registers.marks.domain.granted_leave import GrantedLeave
from services.registers.marks.domain.patterns import PatternDay
from tests.registers.given import A, a_parent, a_pupil, a_register, a_school, published, the_marks, upn
from tests.registers.test_marks_against_leave import covered

MONDAYS = [{"weekday": "monday", "sessions": ["AM"]}]
TIMETABLE = GrantedLeave(
    pupil_id=None,  # type: ignore[arg-type]
    starts_on=date(2026, 11, 4),
    ends_on=date(2026, 11, 18),
    decided_at=None,  # type: ignore[arg-type]
    pattern=(PatternDay("wednesday", ("AM",)), PatternDay("monday", ("AM", "PM"))),
)


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-02")


async def a_timetable(api, code="C2", **changes):
    """Return the request for leave of a pupil, granted for Monday mornings of two weeks."""
    body = {
        "upn": upn(1), "urn": A, "parent_ref": "C1", "asked_on": "2026-11-01", "from": "2026-11-03", "to": "2026-11-20",
        "reason": "A reduced timetable.", "sessions_of_week": MONDAYS, **changes,
    }  # fmt: skip
    asked = await api.as_("school", schools=[A], name="Jo Clerk").post("/v1/leave-requests", body)
    return asked, code


async def granted(api, decision=None, **changes):
    asked, code = await a_timetable(api, **changes)
    assert asked.status_code == 201, asked.text
    decided = await api.as_("school", schools=[A], name="Jo Head").post(
        f"/v1/leave-requests/{asked.json()['id']}/decision", {"outcome": "granted", "code": code, "reason": "Agreed.", **(decision or {})}
    )
    assert decided.status_code == 201, decided.text
    return decided.json()


@pytest.fixture
async def pupil(api):
    await a_school(api)
    return await a_pupil(api, 1, parents=[a_parent(lives_with_pupil=True)])


@pytest.mark.parametrize(
    ("day", "half", "is_covered"),
    [
        (date(2026, 11, 2), "AM", False),  # a Monday, before the first day
        (date(2026, 11, 4), "AM", True),
        (date(2026, 11, 4), "PM", False),
        (date(2026, 11, 5), "AM", False),
        (date(2026, 11, 9), "PM", True),
        (date(2026, 11, 16), "AM", True),
        (date(2026, 11, 18), "AM", True),
        (date(2026, 11, 18), "PM", False),
        (date(2026, 11, 23), "AM", False),  # a Monday, after the last day
        (date(2026, 11, 25), "AM", False),
    ],
)
def test_leave_covers_its_sessions_of_the_week_between_its_first_and_last_day(day, half, is_covered):
    assert TIMETABLE.covers(day, half) is is_covered


@pytest.mark.parametrize(
    ("start", "end", "sessions"),
    [
        ((8, 45), (10, 0), ("AM",)),
        ((8, 45), (12, 0), ("AM",)),
        ((8, 45), (12, 1), ("AM", "PM")),
        ((11, 59), (15, 15), ("AM", "PM")),
        ((12, 0), (15, 15), ("PM",)),
        ((13, 0), (15, 15), ("PM",)),
    ],
)
def test_agreed_times_name_the_sessions_that_they_touch(start, end, sessions):
    assert PatternDay("monday", (), time(*start), time(*end)).with_sessions(time(12)).sessions == sessions


def test_sessions_that_are_named_stand_whatever_the_times():
    assert PatternDay("monday", ("PM",), time(11), time(15)).with_sessions(time(12)).sessions == ("PM",)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ((), "every session; asked by a parent the pupil lives with"),
        ((PatternDay("monday", ("AM", "PM")),), "2 sessions of every week, no times recorded; asked"),
        ((PatternDay("monday", ("AM",), time(9), time(10)),), "1 sessions of every week, at fixed times; asked"),
    ],
)
def test_a_part_time_timetable_is_found_with_its_fixed_times_and_the_parent(pattern, words):
    request = Request(date(2026, 11, 2), date(2026, 11, 16), date(2026, 11, 20), lives_with_pupil=True)

    got = decide(request, "granted", "C2", date(2026, 11, 9), NATIONAL, pattern)

    assert not isinstance(got, NotPossible)
    assert got.findings[-1].outcome.startswith(words)


async def test_a_request_and_its_decision_show_their_sessions_of_the_week(api, pupil):
    times = [{"weekday": "tuesday", "from": "12:30", "to": "15:15"}, {"weekday": "monday", "sessions": ["AM"]}]

    leave = await granted(api, sessions_of_week=times)

    assert leave["sessions_of_week"] == [
        {"weekday": "monday", "sessions": ["AM"], "from": None, "to": None},
        {"weekday": "tuesday", "sessions": ["PM"], "from": "12:30", "to": "15:15"},
    ]
    assert leave["decision"]["sessions_of_week"] == leave["sessions_of_week"]


@pytest.mark.parametrize("first", ["leave", "register"])
@pytest.mark.parametrize("code", ["L", "U", "O"])
async def test_only_marks_inside_the_timetable_are_flagged_whichever_came_first(api, database, pupil, monkeypatch, first, code):
    if first == "leave":
        await granted(api)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-27")
    for day in ("2026-11-02", "2026-11-09", "2026-11-10", "2026-11-16", "2026-11-23"):
        await a_register(api, (1, code), day=day)
        await a_register(api, (1, code), day=day, session="PM")
    if first == "register":
        await granted(api, asked_on="2026-11-01")

    assert [at for at, is_covered in (await covered(database)).items() if is_covered] == ["09AM", "16AM"]
    assert [(mark["date"], mark["session"]) for mark in await the_marks(api) if mark["flags"]] == [
        ("2026-11-09", "AM"),
        ("2026-11-16", "AM"),
    ]


async def test_sessions_that_were_granted_count_where_others_were_asked_for(api, database, pupil, monkeypatch):
    leave = await granted(api, {"sessions_of_week": [{"weekday": "tuesday", "sessions": ["AM"]}]})
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-27")
    for day in ("2026-11-09", "2026-11-10"):
        await a_register(api, (1, "O"), day=day)

    assert leave["sessions_of_week"][0]["weekday"] == "monday"
    assert [at for at, is_covered in (await covered(database)).items() if is_covered] == ["10AM"]


async def test_withdrawn_leave_for_sessions_of_the_week_covers_nothing(api, database, pupil, monkeypatch):
    leave = await granted(api, **{"from": "2026-11-03"}, code="C2")
    await api.as_("school", schools=[A], name="Jo Clerk").post(
        f"/v1/leave-requests/{leave['id']}/withdrawal", {"withdrawn_on": "2026-11-02", "reason": "Full time after all."}
    )
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-27")

    await a_register(api, (1, "O"), day="2026-11-09")

    assert await covered(database) == {"09AM": False}


async def test_a_register_outside_the_timetable_takes_the_fast_path(api, database, pupil, monkeypatch):
    await a_pupil(api, 2)
    await granted(api)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-27")

    await a_register(api, (1, "O"), (2, "/"), day="2026-11-10")
    await a_register(api, (1, "O"), (2, "/"), day="2026-11-09")
    await a_register(api, (1, "C"), (2, "/"), day="2026-11-16")

    compact = {event.date.day for event in await published(database, "session-recorded") if type(event).__name__ == "SessionRecordedV2"}
    assert await covered(database) == {"10AM": False, "09AM": True, "16AM": False}
    assert 9 not in compact


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sessions_of_week": [{"weekday": "monday"}]}, 422),
        ({"sessions_of_week": [{"weekday": "monday", "from": "09:00"}]}, 422),
        ({"sessions_of_week": [{"weekday": "monday", "from": "10:00", "to": "10:00"}]}, 422),
        ({"sessions_of_week": [{"weekday": "monday", "from": "09:59", "to": "10:00"}]}, 201),
        ({"sessions_of_week": [{"weekday": "saturday", "sessions": ["AM"]}]}, 422),
        ({"sessions_of_week": [*MONDAYS, *MONDAYS]}, 422),
        ({"sessions_of_week": [{"weekday": "monday", "sessions": ["AM", "AM"]}]}, 422),
        ({"from": "2026-11-03", "to": "2026-11-08"}, 422),
        ({"from": "2026-11-03", "to": "2026-11-09"}, 201),
    ],
)
async def test_sessions_of_the_week_that_cannot_be_are_refused(api, pupil, changes, status):
    asked, _ = await a_timetable(api, **changes)

    assert asked.status_code == status, asked.text


async def test_the_same_request_again_is_one_and_with_other_sessions_it_is_refused(api, pupil):
    first, _ = await a_timetable(api)
    again, _ = await a_timetable(api)
    other, _ = await a_timetable(api, sessions_of_week=[{"weekday": "friday", "sessions": ["PM"]}])

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json()["id"] == again.json()["id"]
