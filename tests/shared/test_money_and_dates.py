"""Amounts and dates as people read them, calendar months and school years."""

from datetime import date

import pytest

from shared.attendance.dates import add_months, long_date, long_date_with_weekday, school_year, school_year_start
from shared.attendance.money import pounds


@pytest.mark.parametrize(
    ("pence", "text"), [(0, "£0"), (8000, "£80"), (8050, "£80.50"), (5, "£0.05"), (124000, "£1,240"), (123456709, "£1,234,567.09")]
)
def test_an_amount_shows_pence_only_where_there_are_any(pence: int, text: str):
    assert pounds(pence) == text


def test_an_amount_is_exact_beyond_what_a_float_holds():
    assert pounds(900_719_925_474_099_301) == "£9,007,199,254,740,993.01"


def test_a_date_is_written_without_a_leading_zero():
    assert long_date(date(2026, 9, 4)) == "4 September 2026"
    assert long_date_with_weekday(date(2026, 9, 4)) == "Friday 4 September 2026"


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 16), -36, date(2023, 11, 16)),
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_a_month_without_that_day_ends_the_count_on_its_last_day(day: date, months: int, later: date):
    assert add_months(day, months) == later


def test_a_school_year_begins_in_september():
    assert (school_year(date(2026, 8, 31)), school_year(date(2026, 9, 1))) == ("2025-26", "2026-27")
    assert school_year_start(date(2027, 8, 31)) == 2026
    assert school_year(date(2099, 9, 1)) == "2099-00"
