"""School days: those of the calendar that a school has sent, otherwise working days; and by when a case is to have its first decision."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.attendance.dates import school_year
from shared.attendance.working_days import is_working_day
from shared.law import Law

FIRST_DECISION = "first_decision_days"
"""The provision of how many school days a case may wait for its first decision [policy]."""


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """The days of a period on which a school is open, in order.

    `assumed`: the school years for which it has sent no calendar; Monday to Friday less bank holidays stand in for it there.
    """

    days: tuple[date, ...]
    assumed: frozenset[str] = frozenset()

    def between(self, start: date, end: date) -> int:
        """Return how many school days come after `start`, up to `end`."""
        return max(0, bisect_right(self.days, end) - bisect_right(self.days, start))

    def after(self, day: date, number: int) -> date | None:
        """Return the school day so many after a day; None where the period ends before it."""
        position = bisect_right(self.days, day) + number - 1
        return self.days[position] if position < len(self.days) else None

    def before(self, day: date, number: int) -> date | None:
        """Return the school day so many before a day; None where the period begins after it."""
        position = bisect_left(self.days, day) - number
        return self.days[position] if position >= 0 else None

    def by_calendar(self, start: date, end: date) -> bool:
        """Return whether the school's own calendar covers a period."""
        return not any(school_year(start) <= year <= school_year(end) for year in self.assumed)


@dataclass(frozen=True, slots=True)
class OverdueSpan:
    """Cases opened in this time, `before` not included, are overdue if nobody has decided on them."""

    start: date
    before: date


def working_days(first: date, last: date) -> tuple[date, ...]:
    """Return Monday to Friday of a period, less bank holidays."""
    return tuple(day for number in range((last - first).days + 1) if is_working_day(day := first + timedelta(days=number)))


def school_days(first: date, last: date, calendars: Mapping[str, Sequence[date]], instead: Sequence[date]) -> SchoolDays:
    """Return the school days of a period: the open days of those school years that have a calendar, and `instead` in the others."""
    sent = [day for days in calendars.values() for day in days if first <= day <= last]
    assumed = [day for day in instead if first <= day <= last and school_year(day) not in calendars]
    return SchoolDays(tuple(sorted({*sent, *assumed})), frozenset(map(school_year, assumed)))


def overdue_spans(law: Law, days: SchoolDays, today: date) -> Iterator[OverdueSpan]:
    """Yield when a case without a decision must have been opened to be overdue today, for each value that the limit has had.

    The limit is that of the day on which the case was opened. Its last day belongs to the school: the case is overdue the day after.
    """
    until = today
    for provision in law.history[FIRST_DECISION]:
        before = days.before(today, provision.value)
        if before is not None and provision.since < min(before, until):
            yield OverdueSpan(provision.since, min(before, until))
        until = provision.since


def decision_due_on(law: Law, days: SchoolDays, opened_on: date) -> date | None:
    """Return the last day for the first decision on a case; None where the days that are given end before it."""
    return days.after(opened_on, law.at(FIRST_DECISION, opened_on).value)
