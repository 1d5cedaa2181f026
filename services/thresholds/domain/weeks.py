"""School weeks, and the window of a session."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache, partial

from services.thresholds.domain.facts import SchoolYears, Spell, any_held, first_held
from services.thresholds.domain.sessions import WEEK, monday_of, slot_of


class SchoolWeeks:
    """A pupil's school weeks (Working together to improve school attendance: any week with at least one session; here Monday to Sunday).

    A week is a school week if a school on whose roll the pupil was in that week held a session in it.
    """

    def __init__(self, spells: Sequence[Spell], years: SchoolYears) -> None:
        self._spells, self._years = spells, years
        self._is_school_week: dict[date, bool] = {}
        self._windows: dict[tuple[date, int], tuple[date, ...]] = {}
        self._first = min(filter(None, (_first_week(years, spell) for spell in spells)), default=date.max)

    def window(self, day: date, length: int) -> tuple[date, ...]:
        """Return the Mondays, oldest first, of the school week that holds `day` and of at most `length - 1` before it."""
        monday = monday_of(day)
        cached = self._windows.get((monday, length))
        if cached is None:
            cached = self._windows[monday, length] = self._look_back(monday, length)
        return cached

    def _look_back(self, monday: date, length: int) -> tuple[date, ...]:
        found = [monday]
        while len(found) < length and monday > self._first:
            monday -= timedelta(days=7)
            if self._had_session(monday):
                found.append(monday)
        return tuple(reversed(found))

    def _had_session(self, monday: date) -> bool:
        if monday not in self._is_school_week:
            sunday, slot = monday + timedelta(days=6), slot_of(monday)
            self._is_school_week[monday] = any(
                spell.touches(monday, sunday) and any_held(self._years, spell.urn, slot, slot + WEEK) for spell in self._spells
            )
        return self._is_school_week[monday]


SchoolWeeksOf = Callable[[tuple[Spell, ...]], SchoolWeeks]
"""Returns the school weeks of a pupil with these stays on rolls."""


def school_weeks_of(years: SchoolYears) -> SchoolWeeksOf:
    """Return what gives many pupils their school weeks, worked out once for all who have the same stays on rolls."""
    return cache(partial(SchoolWeeks, years=years))


def _first_week(years: SchoolYears, spell: Spell) -> date | None:
    """Return the Monday of the first school week that a stay on a roll can have, so that no earlier week is looked at; None: it has none."""
    monday = monday_of(spell.admitted_on)
    # From the Monday, which may lie in the school year before: a session in the week of admission makes it a school week, also before that day.
    held = first_held(years, spell.urn, monday)
    return None if held is None else max(monday, monday_of(held))
