"""Dates as people read them, periods, calendar months and school years."""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, both included; `from` and `to` in JSON."""

    start: date = field(metadata={"alias": "from"})
    end: date = field(metadata={"alias": "to"})


def long_date(day: date) -> str:
    """Return a date as `14 September 2026`."""
    return f"{day.day} {day:%B %Y}"


def long_date_with_weekday(day: date) -> str:
    """Return a date as `Monday 14 September 2026`."""
    return f"{day:%A} {long_date(day)}"


def add_months(day: date, months: int) -> date:
    """Return the same day number so many calendar months later (earlier, where negative), or the last day of a month that has none."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def school_year_start(day: date) -> int:
    """Return the calendar year in which a date's school year (1 September to 31 August) began."""
    return day.year if day.month >= 9 else day.year - 1


def school_year(day: date) -> str:
    """Return the school year of a date, such as "2026-27"."""
    start = school_year_start(day)
    return f"{start}-{(start + 1) % 100:02d}"
