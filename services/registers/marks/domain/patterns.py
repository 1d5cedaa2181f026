"""The sessions of every week to which leave is confined: a part-time timetable has fixed days and times (SI 2024/208 reg. 11)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Literal, get_args

from services.registers.schools.domain.calendars import HALVES
from shared.attendance.sessions import Half

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


@dataclass(frozen=True, slots=True)
class PatternDay:
    """A day of every week: the sessions for whose register leave is agreed, and from when to when, where that was fixed."""

    weekday: Weekday
    sessions: tuple[Half, ...]
    start: time | None = None
    end: time | None = None

    def with_sessions(self, afternoon_begins: time) -> "PatternDay":
        """Return the day with its sessions: those named, otherwise those that the times touch, by when the afternoon begins."""
        if self.sessions or self.start is None or self.end is None:
            return self
        touched = {"AM": self.start < afternoon_begins, "PM": self.end > afternoon_begins}
        return replace(self, sessions=tuple(half for half in HALVES if touched[half]))


Pattern = tuple[PatternDay, ...]
"""Leave for these sessions of every week; empty: for every session."""


def includes(pattern: Pattern, day: date, half: Half) -> bool:
    """Return whether a session is one of a pattern's."""
    return not pattern or any(WEEKDAYS.index(each.weekday) == day.weekday() and half in each.sessions for each in pattern)


def touches(pattern: Pattern, first: date, last: date) -> bool:
    """Return whether any session of a period is one of a pattern's."""
    days = [first + timedelta(number) for number in range(min((last - first).days + 1, 7))]
    return any(includes(pattern, day, half) for day in days for half in HALVES)


def sessions_a_week(pattern: Sequence[PatternDay]) -> int:
    """Return for how many sessions of every week a pattern is."""
    return sum(len(each.sessions) for each in pattern)
