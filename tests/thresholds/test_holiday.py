"""The single holiday by itself."""

from datetime import date

import pytest

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import Schools, Succession
from services.thresholds.domain.holiday import single_holiday
from services.thresholds.domain.sessions import Span
from tests.thresholds.builders import ESSEX, A, B, C, full_days, open_sessions, years_of

WEEK = Span(date(2026, 10, 12), date(2026, 10, 18))


CONVERSION = (Succession(C, A, date(2026, 10, 14)),)


def holiday(first: str, last: str, *, urn: int = A, window: Span = WEEK) -> Span | None:
    """Ask for a holiday of ten sessions from `first` to `last` at a school with calendar A."""
    found = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for each in full_days(first, last)]
    return single_holiday(found, Schools(years_of({A: open_sessions(), B: open_sessions()})), window, 10)


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2026-10-12", "2026-10-16", True),
        ("2026-10-16", "2026-10-22", True),  # begins on the window's last school day
        ("2026-10-12", "2026-10-15", False),  # eight
        ("2026-10-08", "2026-10-14", False),  # ten, of which six begin inside
        ("2026-10-08", "2026-10-16", True),  # fourteen, of which ten begin inside
        ("2026-10-19", "2026-10-23", False),  # begins after it
    ],
)
def test_a_holiday_needs_ten_sessions_that_begin_inside_the_window(first: str, last: str, found: bool):
    assert holiday(first, last) == (Span(date.fromisoformat(first), date.fromisoformat(last)) if found else None)


def test_the_earlier_of_two_holidays_is_named():
    sessions = full_days("2026-09-14", "2026-09-18") + full_days("2026-10-12", "2026-10-16")
    found = [CountingSession(each, A, ESSEX, "G", 1, (A,)) for each in sessions]
    window = Span(date(2026, 9, 1), date(2026, 10, 18))

    assert single_holiday(found, Schools(years_of({A: open_sessions()})), window, 10) == Span(date(2026, 9, 14), date(2026, 9, 18))


def test_sessions_of_two_schools_are_not_one_holiday():
    week = full_days("2026-10-12", "2026-10-16")
    found = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for urn, each in zip([A] * 5 + [B] * 5, week, strict=True)]

    assert single_holiday(found, Schools(years_of({A: open_sessions(), B: open_sessions()})), WEEK, 10) is None


@pytest.mark.parametrize(
    ("changed", "successions", "found"),
    [
        ("2026-10-14", CONVERSION, True),
        ("2026-10-14", (), False),  # two schools that have nothing to do with each other
        ("2026-10-14", (Succession(B, A, date(2026, 10, 14)),), False),  # another school continues it
        ("2026-10-15", CONVERSION, False),  # a day marked under the old URN when the school had the new one
    ],
)
def test_a_school_that_continues_another_is_that_school(changed: str, successions: tuple[Succession, ...], found: bool):
    sessions = full_days("2026-10-12", "2026-10-16")
    urns = [A if each.date < date.fromisoformat(changed) else C for each in sessions]
    counting = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for urn, each in zip(urns, sessions, strict=True)]
    schools = Schools(years_of({A: open_sessions(), C: open_sessions()}), successions)

    assert single_holiday(counting, schools, WEEK, 10) == (Span(date(2026, 10, 12), date(2026, 10, 16)) if found else None)


def test_a_holiday_over_three_urns_is_one_from_its_first_day_to_its_last():
    sessions = full_days("2026-10-12", "2026-10-23")
    urns = [A if each.date < date(2026, 10, 14) else B if each.date < date(2026, 10, 20) else C for each in sessions]
    counting = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for urn, each in zip(urns, sessions, strict=True)]
    successions = (Succession(C, B, date(2026, 10, 20)), Succession(B, A, date(2026, 10, 14)))
    schools = Schools(years_of({A: open_sessions(), B: open_sessions(), C: open_sessions()}), successions)

    assert single_holiday(counting, schools, WEEK, 10) == Span(date(2026, 10, 12), date(2026, 10, 23))


def test_a_school_open_between_leaving_and_joining_the_successor_ends_the_holiday():
    sessions = [*full_days("2026-10-12", "2026-10-13"), *full_days("2026-10-15", "2026-10-19")]
    urns = [A] * 4 + [C] * 6
    counting = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for urn, each in zip(urns, sessions, strict=True)]
    closed = {date(2026, 10, 14)}

    def found(closed: set[date]) -> Span | None:
        return single_holiday(counting, Schools(years_of({A: open_sessions(), C: open_sessions(closed=closed)}), CONVERSION), WEEK, 10)

    assert found(set()) is None
    assert found(closed) == Span(date(2026, 10, 12), date(2026, 10, 19))
