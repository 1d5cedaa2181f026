"""When a school holds sessions: Monday to Friday within its terms, less its closures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from shared.attendance.dates import school_year
from shared.attendance.sessions import Half

HALVES: tuple[Half, ...] = ("AM", "PM")
Session = tuple[date, Half]
YEARS_CACHED = 512
"""School years whose sessions are kept in memory."""


@dataclass(frozen=True, slots=True)
class Term:
    """First and last day of a stretch of term, both included; holidays lie between the stretches."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Closure:
    """A date, or half of one, on which no session is held."""

    date: date
    sessions: tuple[Half, ...] = HALVES
    kind: Literal["planned", "unplanned"] = "planned"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """A school's year, such as "2026-27": sessions are AM and PM of Monday to Friday within the terms, less the closures."""

    urn: int
    year: str
    terms: tuple[Term, ...]
    closures: tuple[Closure, ...] = ()

    @property
    def open_sessions(self) -> Mapping[date, tuple[Half, ...]]:
        """The dates on which sessions are held, in order, with their halves."""
        return open_sessions(self.terms, self.closures)

    @property
    def sessions(self) -> int:
        """How many sessions are held in the year."""
        return sum(len(halves) for halves in self.open_sessions.values())


@lru_cache(maxsize=YEARS_CACHED)
def open_sessions(terms: tuple[Term, ...], closures: tuple[Closure, ...]) -> Mapping[date, tuple[Half, ...]]:
    """Return the dates on which sessions are held, in order, with their halves; wholly closed dates are left out."""
    closed = {(closure.date, half) for closure in closures for half in closure.sessions}
    days = sorted({day for term in terms for day in _days(term) if day.weekday() < 5})
    halves = {day: tuple(half for half in HALVES if (day, half) not in closed) for day in days}
    return MappingProxyType({day: held for day, held in halves.items() if held})


def bounds(year: str) -> tuple[date, date]:
    """Return first and last day of a school year such as "2026-27"; raise ValueError where the two years do not follow."""
    first = date(int(year[:4]), 9, 1)
    if school_year(first) != year:
        raise ValueError(f"{year} is no school year")
    return first, date(first.year + 1, 8, 31)


def contradiction(calendar: Calendar) -> str | None:
    """Return why this cannot be the calendar of its school year, or None where it can."""
    try:
        first, last = bounds(calendar.year)
    except ValueError:
        return 'A school year is written like "2026-27".'
    terms = sorted(calendar.terms, key=lambda term: (term.start, term.end))
    for term in terms:
        if term.start > term.end:
            return f"The term from {term.start} ends before it starts."
        if not (first <= term.start and term.end <= last):
            return "A school year runs from 1 September to 31 August; days outside belong to another year's calendar."
    for one, next_one in pairwise(terms):
        if next_one.start <= one.end:
            return f"The terms from {one.start} and from {next_one.start} overlap."
    for closure in calendar.closures:
        if not any(term.start <= closure.date <= term.end for term in terms):
            return f"The closure of {closure.date} lies in none of the terms, so that no session is held then anyway."
    return None


def _days(term: Term) -> list[date]:
    return [term.start + timedelta(days=number) for number in range((term.end - term.start).days + 1)]
