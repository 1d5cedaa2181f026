"""The time bar: domain examples L2 and L3, and the ends of months."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.prosecutions.domain.limits import split_by_time, time_limits
from shared.attendance.dates import add_months
from shared.attendance.law import NATIONAL
from tests.support import ApiClient


@pytest.mark.parametrize(
    ("earliest", "latest", "safe", "outer"),
    [
        pytest.param("2026-10-05", "2026-10-09", "2027-04-05", "2027-04-09", id="L2"),
        pytest.param("2026-09-07", "2026-11-20", "2027-03-07", "2027-05-20", id="L3"),
        pytest.param("2026-09-14", "2026-10-06", "2027-03-14", "2027-04-06", id="the journey"),
        pytest.param("2026-08-31", "2026-08-31", "2027-02-28", "2027-02-28", id="no 31 February"),
        pytest.param("2027-08-31", "2027-08-31", "2028-02-29", "2028-02-29", id="leap year"),
        pytest.param("2026-10-31", "2026-12-31", "2027-04-30", "2027-06-30", id="months of thirty days"),
        pytest.param("2027-02-28", "2027-02-28", "2027-08-28", "2027-08-28", id="the same day number, not the month's end"),
    ],
)
def test_six_calendar_months_from_the_earliest_and_the_latest_session(earliest, latest, safe, outer):
    limits = time_limits([date.fromisoformat(latest), date.fromisoformat(earliest)], NATIONAL)

    assert (str(limits.safe_limit), str(limits.outer_limit)) == (safe, outer)
    assert [each.outcome for each in limits.findings] == ["safe-limit", "outer-limit"]
    assert {each.reference for each in limits.findings} == {"Magistrates' Courts Act 1980 s.127(1)"}


@given(st.dates(date(1996, 11, 1), date(2100, 1, 1)))
def test_a_limit_has_the_same_day_number_or_is_the_last_of_its_month(day: date):
    limit = add_months(day, 6)

    assert (limit.month - day.month) % 12 == 6
    assert limit.day == day.day or (limit.day < day.day and date.fromordinal(limit.toordinal() + 1).day == 1)


def test_sessions_become_time_barred_one_by_one_between_the_two_limits():
    days = [date(2026, 9, 7), date(2026, 9, 8), date(2026, 11, 20)]

    in_time, barred = split_by_time(days, lambda day: day, date(2027, 3, 8), NATIONAL)

    assert (in_time, barred) == ((date(2026, 9, 8), date(2026, 11, 20)), (date(2026, 9, 7),))


async def test_time_limits_are_assessed_without_being_stored(api: ApiClient):
    sessions = [{"date": day, "session": "AM"} for day in ("2026-11-20", "2026-09-07")]

    answer = (await api.as_("aco").post("/v1/time-limits", {"sessions": sessions})).json()

    assert (answer["safe_limit"], answer["outer_limit"], len(answer["findings"])) == ("2027-03-07", "2027-05-20", 2)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sessions": []},
        {"sessions": [{"date": "2026-02-31", "session": "AM"}]},
        {"sessions": [{"date": "1066-10-14", "session": "AM"}]},
    ],
)
async def test_time_limits_without_valid_sessions_are_refused(api: ApiClient, body):
    assert (await api.as_("aco").post("/v1/time-limits", body)).status_code == 422
