"""Six whole school weeks, by the calendar of the worked examples."""

from datetime import date

import pytest

from services.penalties.improvement.domain import Calendar, CalendarMissing, improvement_period, shown_status
from services.penalties.law import STATUTES
from services.penalties.serving.domain import later
from shared.attendance.dates import school_year
from tests.penalties.chain import open_days

ESSEX = STATUTES.packs["essex"]


def a_calendar(*years: str, closed: tuple[str, ...] = ()) -> Calendar:
    names = years or ("2025-26", "2026-27")
    return Calendar(100401, frozenset(names), frozenset(day for year in names for day in open_days(year, closed)))


@pytest.mark.parametrize(
    ("why", "served_on", "starts_on", "ends_on"),
    [
        ("N1: served on the Monday itself", "2026-11-16", "2026-11-16", "2027-01-08"),
        ("served the day before that Monday, a Sunday", "2026-11-15", "2026-11-16", "2027-01-08"),
        ("served the day after: the next week is the first", "2026-11-17", "2026-11-23", "2027-01-15"),
        ("the journey: in the middle of a week, over half-term", "2026-09-23", "2026-09-28", "2026-11-13"),
        ("a week that begins on Tuesday, served on the closed Monday", "2026-11-02", "2026-11-03", "2026-12-11"),
        ("a week that begins on Tuesday, served on its first school day", "2026-11-03", "2026-11-03", "2026-12-11"),
        ("a week that begins on Tuesday, served the day after", "2026-11-04", "2026-11-09", "2026-12-18"),
        ("served in half-term", "2026-10-28", "2026-11-03", "2026-12-11"),
        ("served on a Saturday", "2026-09-26", "2026-09-28", "2026-11-13"),
        ("served on Christmas Eve", "2026-12-24", "2027-01-05", "2027-02-12"),
        ("over half-term and Easter", "2027-02-11", "2027-02-22", "2027-04-16"),
        ("over the summer", "2026-07-02", "2026-07-06", "2026-09-18"),
        ("the last week of a term that ends on a Tuesday", "2026-07-20", "2026-07-20", "2026-10-02"),
    ],
)  # fmt: skip
def test_a_period_is_six_full_school_weeks(why, served_on, starts_on, ends_on):
    period = improvement_period(ESSEX, date.fromisoformat(served_on), a_calendar())

    assert (period.starts_on.isoformat(), period.ends_on.isoformat()) == (starts_on, ends_on), why


def test_a_week_without_an_open_day_is_no_school_week():
    snow = tuple(f"2026-11-{day}" for day in range(23, 28))

    period = improvement_period(ESSEX, date(2026, 11, 16), a_calendar(closed=snow))

    assert period.ends_on == date(2027, 1, 15)


def test_a_week_with_one_open_day_is_a_school_week():
    strike = tuple(f"2026-11-{day}" for day in range(23, 27))

    period = improvement_period(ESSEX, date(2026, 11, 16), a_calendar(closed=strike))

    assert period.ends_on == date(2027, 1, 8)


def test_the_finding_names_the_provision_its_version_and_the_facts():
    finding = improvement_period(ESSEX, date(2026, 9, 23), a_calendar()).finding.as_json()

    assert (finding["provision"], finding["value"], finding["version"]) == ("improvement_weeks", 6, "2024-08-19")
    assert finding["facts"]["ends_on"] == "2026-11-13"
    assert len(finding["facts"]["weeks"]) == 6


@pytest.mark.parametrize(
    ("served_on", "years", "named"),
    [
        ("2026-09-23", (), "2026-27"),
        ("2026-07-06", ("2025-26",), "2026-27"),
        ("2027-06-21", ("2025-26", "2026-27"), "2027-28"),
        ("2025-06-02", ("2025-26", "2026-27"), "2024-25"),
    ],
)
def test_a_missing_calendar_is_named_by_school_and_year(served_on, years, named):
    calendar = a_calendar(*years) if years else Calendar(100401, frozenset(), frozenset())

    with pytest.raises(CalendarMissing) as refused:
        improvement_period(ESSEX, date.fromisoformat(served_on), calendar)

    assert refused.value.more == {"urn": 100401, "year": named}
    assert named in refused.value.detail


@pytest.mark.parametrize(("day", "year"), [("2026-08-31", "2025-26"), ("2026-09-01", "2026-27"), ("1999-12-31", "1999-00")])
def test_a_school_year_begins_on_the_first_of_september(day, year):
    assert school_year(date.fromisoformat(day)) == year


def test_a_printed_date_is_never_shortened():
    assert later(date(2026, 11, 13), None, date(2026, 11, 20)) == date(2026, 11, 20)
    assert later(date(2026, 11, 13), date(2026, 11, 6)) == date(2026, 11, 13)
    assert later(None, None) is None


@pytest.mark.parametrize(
    ("status", "today", "shown"),
    [("served", "2026-11-13", "served"), ("served", "2026-11-14", "ended"), ("failed", "2026-11-14", "failed"), ("issued", "2026-11-14", "issued")],
)  # fmt: skip
def test_a_notice_is_shown_as_ended_from_the_day_after_its_last(status, today, shown):
    assert shown_status(status, date(2026, 11, 13), date.fromisoformat(today)) == shown
