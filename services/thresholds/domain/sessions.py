"""Sessions, and the arithmetic of weeks and school years."""

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from shared.attendance.sessions import Half

WEEK = 14
"""Slots of a Monday-to-Sunday week."""


class Session(NamedTuple):
    """One half of a day; sorts in the order of time."""

    date: date
    half: Half

    @property
    def slot(self) -> int:
        """Number of this half-day, counted without gaps: the next half-day has the next number."""
        return slot_of(self.date) + (self.half == "PM")


class Span(NamedTuple):
    """First and last day, both included."""

    start: date
    end: date

    def contains(self, day: date) -> bool:
        """Return whether a day lies inside."""
        return self.start <= day <= self.end


def slot_of(day: date) -> int:
    """Return the slot of a day's morning."""
    return 2 * day.toordinal()


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


@cache
def school_year_span(year: int) -> Span:
    """Return 1 September of `year` to the 31 August after it."""
    return Span(date(year, 9, 1), date(year + 1, 8, 31))
