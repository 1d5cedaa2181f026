"""The facts that a threshold is judged by: marks, stays on rolls, sessions that schools held."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from services.thresholds.domain.sessions import Session, Span, school_year_span, slot_of
from shared.attendance.dates import school_year_start
from shared.attendance.register_codes import codes_on
from shared.law import Law

Policies = Callable[[str], Law]
"""Returns the policy pack that binds an authority, by its code."""
MarkKey = tuple[Session, int]
"""A session and a school's URN: a pupil has one current mark for each."""


class Mark(NamedTuple):
    """The current mark of one school for one session; sorts in the order of time."""

    session: Session
    urn: int
    code: str
    version: int
    covered: bool = False
    """The school granted leave for the day, and nobody has confirmed this mark since (`covered_by_leave` of `session-recorded`)."""
    revision: int = 0
    """Of the school's event that holds it: of one version, the later one has the present truth about leave."""

    @property
    def key(self) -> MarkKey:
        """The session and the school of this mark."""
        return self.session, self.urn


@dataclass(frozen=True, slots=True)
class Spell:
    """One stay on a school's roll: first and last day on it (`left_on` None: still there)."""

    urn: int
    la_code: str
    admitted_on: date
    left_on: date | None = None

    def touches(self, first: date, last: date) -> bool:
        """Return whether the pupil was on the roll on any day from `first` to `last`."""
        return self.admitted_on <= last and (self.left_on is None or first <= self.left_on)


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """A school's sessions of one school year, as bits: bit 0 is 1 September AM, bit 1 its PM, and so on.

    `calendar` is None where the school sent none; then the sessions with any mark in its registers count as held.
    """

    calendar: int | None = None
    registers: int = 0

    @property
    def held(self) -> int:
        """The sessions that were held, as bits."""
        return self.registers if self.calendar is None else self.calendar


SchoolYears = Mapping[tuple[int, int], SchoolYear]
"""The sessions that schools held, by URN and the calendar year in which the school year began."""


class Succession(NamedTuple):
    """A school that continues another one under its own URN, since a day: they are one school."""

    urn: int
    predecessor: int
    since: date


@dataclass(frozen=True, slots=True)
class Schools:
    """The sessions that pupils' schools held, and the schools that these continue."""

    years: SchoolYears
    successions: tuple[Succession, ...] = ()


@cache
def bit(session: Session) -> int:
    """Return the bit of a session in its school year."""
    return 1 << (session.slot - slot_of(school_year_span(school_year_start(session.date)).start))


def bits(sessions: Iterable[Session]) -> int:
    """Return sessions of one school year as bits."""
    total = 0
    for session in sessions:
        total |= bit(session)
    return total


def any_held(years: SchoolYears, urn: int, start: int, end: int) -> bool:
    """Return whether a school held a session in the slots from `start` up to, not including, `end`."""
    if start >= end:
        return False
    for year in range(school_year_start(_day(start)), school_year_start(_day(end - 1)) + 1):
        school_year = years.get((urn, year))
        if school_year is None:
            continue
        begin = slot_of(school_year_span(year).start)
        low = max(start - begin, 0)
        if (school_year.held >> low) & ((1 << (end - begin - low)) - 1):
            return True
    return False


def first_held(years: SchoolYears, urn: int, since: date) -> date | None:
    """Return the first day in the school year of `since`, or a later one, on which a school held a session; None where there is none."""
    for year in sorted(year for school, year in years if school == urn and year >= school_year_start(since)):
        if held := years[urn, year].held:
            return _day(slot_of(school_year_span(year).start) + (held & -held).bit_length() - 1)
    return None


def not_held(years: SchoolYears, mark: Mark) -> bool:
    """Return whether the school sent a calendar by which a mark's session was not held."""
    year = years.get((mark.urn, school_year_start(mark.session.date)))
    return year is not None and year.calendar is not None and not year.calendar & bit(mark.session)


def _day(slot: int) -> date:
    return date.fromordinal(slot // 2)


@cache
def unauthorised_codes(day: date) -> frozenset[str]:
    """Return the codes of unauthorised absence on a day: no policy may count any other (SI 2024/208 reg. 10)."""
    return frozenset(code for code, entry in codes_on(day).items() if entry.category == "unauthorised")


@dataclass(frozen=True, slots=True)
class SetAside:
    """The sessions that closed cases set aside: up to a day, but for those that the run of another open case held."""

    to: date | None = None
    kept: frozenset[Session] = frozenset()

    def covers(self, session: Session) -> bool:
        """Return whether a session is set aside."""
        return self.to is not None and session.date <= self.to and session not in self.kept


@dataclass(frozen=True, slots=True)
class History:
    """Everything the threshold of one pupil is judged by."""

    marks: tuple[Mark, ...]
    spells: tuple[Spell, ...]
    compulsory: Span
    """The days on which the pupil is of compulsory school age (Education Act 1996 s.8)."""
    years: SchoolYears
    spent: frozenset[Session] = frozenset()
    """Sessions behind a penalty notice or a charge."""
    aside: SetAside = SetAside()
    """Sessions that raise no alert: the case that dealt with them was closed."""
    successions: tuple[Succession, ...] = ()
