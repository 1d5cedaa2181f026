"""The single holiday: one unbroken absence coded G."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from services.thresholds.domain.counting import CountingSession
from services.thresholds.domain.facts import SchoolYears, any_held
from services.thresholds.domain.sessions import Session, Span


def single_holiday(counting: Iterable[CountingSession], years: SchoolYears, window: Span, length: int) -> Span | None:
    """Return the first holiday of `length` or more sessions G that begins inside the window, whatever else the window holds.

    Its sessions are consecutive among those that the school held: by its calendar, or where there is none by its registers.
    """
    at_school: dict[int, list[Session]] = defaultdict(list)
    for each in counting:
        for urn in each.holiday_at:
            at_school[urn].append(each.session)
    found = []
    for urn, sessions in at_school.items():
        for streak in _streaks(sessions, years, urn):
            inside = [session for session in streak if session.date >= window.start]
            if len(inside) >= length and inside[0].date <= window.end:
                found.append(Span(streak[0].date, streak[-1].date))
    return min(found, default=None)


def _streaks(sessions: Sequence[Session], years: SchoolYears, urn: int) -> Iterator[list[Session]]:
    streak = [sessions[0]]
    for session in sessions[1:]:
        if any_held(years, urn, streak[-1].slot + 1, session.slot):
            yield streak
            streak = []
        streak.append(session)
    yield streak
