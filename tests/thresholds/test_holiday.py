"""The single holiday by itself."""

from datetime import date

import pytest

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.holiday import single_holiday
from services.thresholds.domain.sessions import Span
from tests.thresholds.builders import ESSEX, A, B, open_sessions, whole_days, years_of

WEEK = Span(date(2026, 10, 12), date(2026, 10, 18))


def holiday(first: str, last: str, *, urn: int = A, window: Span = WEEK) -> Span | None:
    """Ask for a holiday of ten sessions from `first` to `last` at a school with calendar A."""
    found = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for each in whole_days(first, last)]
    return single_holiday(found, years_of({A: open_sessions(), B: open_sessions()}), window, 10)


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
def test_ten_of_it_begin_inside_the_window(first: str, last: str, found: bool):
    assert holiday(first, last) == (Span(date.fromisoformat(first), date.fromisoformat(last)) if found else None)


def test_of_two_the_earlier_is_named():
    sessions = whole_days("2026-09-14", "2026-09-18") + whole_days("2026-10-12", "2026-10-16")
    found = [CountingSession(each, A, ESSEX, "G", 1, (A,)) for each in sessions]
    window = Span(date(2026, 9, 1), date(2026, 10, 18))

    assert single_holiday(found, years_of({A: open_sessions()}), window, 10) == Span(date(2026, 9, 14), date(2026, 9, 18))


def test_sessions_of_two_schools_are_no_one_holiday():
    week = whole_days("2026-10-12", "2026-10-16")
    found = [CountingSession(each, urn, ESSEX, "G", 1, (urn,)) for urn, each in zip([A] * 5 + [B] * 5, week, strict=True)]

    assert single_holiday(found, years_of({A: open_sessions(), B: open_sessions()}), WEEK, 10) is None
