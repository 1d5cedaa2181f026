"""The single holiday: one unbroken absence coded G."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import Schools, SchoolYears, Succession, any_held
from services.thresholds.domain.sessions import Session, Span, slot_of

ALWAYS = slot_of(date.min), slot_of(date.max)


class Stretch(NamedTuple):
    """The slots, the last one not included, in which a school had a URN."""

    urn: int
    start: int
    end: int


def single_holiday(counting: Iterable[CountingSession], schools: Schools, window: Span, length: int) -> Span | None:
    """Return the first holiday of `length` or more sessions G that begins inside the window, whatever else the window holds.

    Its sessions are consecutive among those that the school held: by its calendar, or where there is none by its registers. Where a school
    continues another, the sessions are the other's before that day and its own from then on (an academy conversion ends no absence).
    """
    at_school: dict[int, list[Session]] = defaultdict(list)
    for each in counting:
        for urn in each.holiday_at:
            at_school[urn].append(each.session)
    found = []
    for line in [line for urn in at_school for line in _lines(Stretch(urn, *ALWAYS), schools.successions)]:
        sessions = [session for urn, start, end in line for session in at_school.get(urn, ()) if start <= session.slot < end]
        for streak in _streaks(sessions, schools.years, line):
            inside = [session for session in streak if session.date >= window.start]
            if len(inside) >= length and inside[0].date <= window.end:
                found.append(Span(streak[0].date, streak[-1].date))
    # Of those that begin together the longest: a school and the one that continues it tell of one holiday.
    return min(found, key=lambda span: (span.start, -span.end.toordinal()), default=None)


def _lines(now: Stretch, successions: Sequence[Succession]) -> Iterator[tuple[Stretch, ...]]:
    """Yield a school as it is by itself, and as it is with each one that it continues before it, and so on back; the oldest URN first."""
    yield (now,)
    others = [each for each in successions if each.urn != now.urn]
    for each in successions:
        if each.urn == now.urn:
            start = min(slot_of(each.since), now.end)
            for before in _lines(Stretch(each.predecessor, now.start, start), others):
                yield (*before, now._replace(start=start))


def _streaks(sessions: Sequence[Session], years: SchoolYears, line: Sequence[Stretch]) -> Iterator[list[Session]]:
    streak: list[Session] = []
    for session in sessions:
        if streak and any(any_held(years, urn, max(streak[-1].slot + 1, start), min(session.slot, end)) for urn, start, end in line):
            yield streak
            streak = []
        streak.append(session)
    if streak:
        yield streak
