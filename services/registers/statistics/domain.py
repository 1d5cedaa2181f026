"""Attendance figures as the Department for Education publishes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from services.registers.certificates.domain import percentage
from services.registers.schools.domain.calendars import HALVES, bounds
from shared.attendance.dates import school_year
from shared.attendance.register_codes import Category, all_codes
from shared.law import Law

By = Literal["code", "week", "school"]
_DATED = ("statistics_ages", "persistent_absence")


@dataclass(frozen=True, slots=True)
class Figures:
    """Sessions of several enrolments (a pupil at a school), by class of code."""

    enrolments: int = 0
    """Those with at least one possible session."""
    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    not_possible: int = 0
    persistently_absent: int | None = None
    """None where the part is too short for it to mean anything."""
    part: str | None = None
    """The code, the week's Monday or the school that these are the figures of; None: all."""

    @property
    def possible(self) -> int:
        """Sessions that could have been attended: not D, Q, X, Y1 to Y7."""
        return self.attended + self.authorised + self.unauthorised

    @property
    def attendance(self) -> Decimal | None:
        """Sessions attended as a share of those possible, in per cent."""
        return percentage(self.attended, self.possible)

    @property
    def absence(self) -> Decimal | None:
        """Sessions missed, in per cent."""
        return percentage(self.authorised + self.unauthorised, self.possible)

    @property
    def authorised_absence(self) -> Decimal | None:
        """Sessions missed with authority, in per cent."""
        return percentage(self.authorised, self.possible)

    @property
    def unauthorised_absence(self) -> Decimal | None:
        """Sessions missed without authority, in per cent."""
        return percentage(self.unauthorised, self.possible)

    @property
    def persistent_absence(self) -> Decimal | None:
        """The share of enrolments that are persistently absent, in per cent."""
        return None if self.persistently_absent is None else percentage(self.persistently_absent, self.enrolments)


def first_day(law: Law) -> date:
    """Return the first day that statistics can count."""
    return max(law.history[name][-1].since for name in _DATED)


def add_by_part(figures: Iterable[Figures]) -> dict[str | None, Figures]:
    """Return the sum of the figures of each part: no enrolment is in two of them."""
    found: dict[str | None, Figures] = {}
    for each in figures:
        before = found.get(each.part, Figures(persistently_absent=0, part=each.part))
        found[each.part] = Figures(
            before.enrolments + each.enrolments,
            before.attended + each.attended,
            before.authorised + each.authorised,
            before.unauthorised + each.unauthorised,
            before.not_possible + each.not_possible,
            (before.persistently_absent or 0) + (each.persistently_absent or 0),
            each.part,
        )
    return found


def bits_of(first: date, last: date, *, by_week: bool) -> list[tuple[date, date | None, int]]:
    """Return the months of a period, each for each of its weeks or as one (None), with a bit for each of the sessions: the first's is bit 0."""
    bits: dict[tuple[date, date | None], int] = {}
    both = (1 << len(HALVES)) - 1
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        part = day.replace(day=1), day - timedelta(days=day.weekday()) if by_week else None
        bits[part] = bits.get(part, 0) | both << len(HALVES) * (day.day - 1)
    return [(month, week, sessions) for (month, week), sessions in bits.items()]


def cohort(first: date, law: Law) -> tuple[date, date]:
    """Return the first and the last birth date of the pupils who are counted in a month that begins on `first`.

    DfE methodology: those aged 5 to 15 on the 31 August before the school year.
    """
    youngest, oldest = law.at("statistics_ages", first).value
    day_before = bounds(school_year(first))[0] - timedelta(days=1)
    return day_before.replace(year=day_before.year - oldest - 1) + timedelta(days=1), day_before.replace(year=day_before.year - youngest)


def classes() -> Mapping[str, Category]:
    """Return the class of every code of every time; none ever changed its class, only its time."""
    return {each.code: each.category for each in all_codes()}
