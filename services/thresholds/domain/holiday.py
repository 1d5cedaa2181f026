"""The single holiday: one unbroken absence coded G."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import Schools, SchoolYears, Succession, any_held
from services.thresholds.domain.sessions import Session, Span, slot_of

ALWAYS = slot_of(date.min), slot_of(date.max)


class UrnPeriod(NamedTuple):
    """The slots, the last one not included, in which a school had a URN."""

    urn: int
    start: int
    end: int


def single_holiday(counting: Iterable[CountingSession], schools: Schools, window: Span, length: int) -> Span | None:
    """Return the first holiday of `length` or more sessions coded G that begins inside the window, whatever else the window holds.

    Its sessions are consecutive among those that the school held: by its calendar, or where there is none by its registers. Where a school
    continues another, the sessions are the other's before that day and its own from then on (an academy conversion ends no absence).
    """
    at_school: dict[int, list[Session]] = defaultdict(list)
    for each in counting:
        for urn in each.holiday_at:
            at_school[urn].append(each.session)
    found = []
    for periods in [periods for urn in at_school for periods in _urn_histories(UrnPeriod(urn, *ALWAYS), schools.successions)]:
        sessions = [session for urn, start, end in periods for session in at_school.get(urn, ()) if start <= session.slot < end]
        for run in _consecutive(sessions, schools.years, periods):
            inside = [session for session in run if session.date >= window.start]
            if len(inside) >= length and inside[0].date <= window.end:
                found.append(Span(run[0].date, run[-1].date))
    # Of those that begin on one day the longest: a school and the one that continues it both find the same holiday.
    return min(found, key=lambda span: (span.start, -span.end.toordinal()), default=None)


def _urn_histories(now: UrnPeriod, successions: Sequence[Succession]) -> Iterator[tuple[UrnPeriod, ...]]:
    """Yield a school's URN by itself, and after the URN of each school that it continues, and so on back; the oldest URN first."""
    yield (now,)
    others = [each for each in successions if each.urn != now.urn]
    for each in successions:
        if each.urn == now.urn:
            start = min(slot_of(each.since), now.end)
            for before in _urn_histories(UrnPeriod(each.predecessor, now.start, start), others):
                yield (*before, now._replace(start=start))


def _consecutive(sessions: Sequence[Session], years: SchoolYears, periods: Sequence[UrnPeriod]) -> Iterator[list[Session]]:
    """Yield sessions in runs between which the school held no other session."""
    run: list[Session] = []
    for session in sessions:
        if run and any(any_held(years, urn, max(run[-1].slot + 1, start), min(session.slot, end)) for urn, start, end in periods):
            yield run
            run = []
        run.append(session)
    if run:
        yield run
