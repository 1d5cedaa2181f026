"""A pupil's attendance beside their engagement: sessions attended out of those that leave, illness and appointments do not excuse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from services.registers.certificates.domain import category, percentage
from shared.attendance.sessions import Half
from shared.law import Finding, Law

AbsenceMark = Literal["persistent", "severe"]
DUAL = "D"
_ORDER = ("attending", "authorised", "not-possible", "unauthorised", "dual", "none")
"""Which of two schools' marks of one session counts: the earlier one here."""


class MarkAtSchool(NamedTuple):
    """A mark as it now stands, on a session that the school held and a day on which the pupil was on its roll."""

    date: date
    session: Half
    urn: int
    code: str


@dataclass(frozen=True, slots=True)
class Engagement:
    """Sessions by class. `excused`: those of the authorised absences whose codes are left out of engagement."""

    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    not_possible: int = 0
    excused: int = 0

    @property
    def possible(self) -> int:
        """Sessions that could have been attended."""
        return self.attended + self.authorised + self.unauthorised

    @property
    def missed(self) -> int:
        """Sessions of absence, authorised or not."""
        return self.authorised + self.unauthorised

    @property
    def expected(self) -> int:
        """Possible sessions that nothing excused."""
        return self.possible - self.excused

    @property
    def attendance(self) -> Decimal | None:
        """Sessions attended as a share of those possible, in per cent."""
        return percentage(self.attended, self.possible)

    @property
    def absence(self) -> Decimal | None:
        """Sessions missed as a share of those possible, in per cent."""
        return percentage(self.missed, self.possible)

    @property
    def engagement(self) -> Decimal | None:
        """Sessions attended as a share of those that nothing excused, in per cent."""
        return percentage(self.attended, self.expected)

    def absence_mark(self, law: Law, day: date) -> AbsenceMark | None:
        """Return whether so much was missed that the absence is called persistent or severe on a day (DfE methodology)."""
        return next((mark for mark, name in _MARKS if self.reaches(law.at(name, day).value)), None)

    def reaches(self, share: int) -> bool:
        """Return whether this share of the possible sessions, in per cent, or more was missed."""
        return self.possible > 0 and 100 * self.missed >= share * self.possible


_MARKS: tuple[tuple[AbsenceMark, str], ...] = (("severe", "severe_absence"), ("persistent", "persistent_absence"))


def first_day(law: Law) -> date:
    """Return the first day of which engagement can be shown."""
    return max(law.history[name][-1].since for name in ("engagement_excused", "persistent_absence", "severe_absence"))


def engagement(marks: Iterable[MarkAtSchool], law: Law) -> Engagement:
    """Count marks by the class and by the codes that are excused on the day of each; a session that two schools marked counts once."""
    found = {"attending": 0, "authorised": 0, "unauthorised": 0, "not-possible": 0, "none": 0}
    excused = 0
    for mark in _once(marks):
        found[category(mark.code, mark.date)] += 1
        excused += mark.code in law.at("engagement_excused", mark.date).value
    return Engagement(found["attending"], found["authorised"], found["unauthorised"], found["not-possible"], excused)


def findings(total: Engagement, law: Law, day: date) -> tuple[Finding, ...]:
    """Return the provisions by which the figures were found, as they are on a day."""
    excused = law.at("engagement_excused", day)
    found = [excused.finding(f"{total.excused} sessions left out", attended=total.attended, expected=total.expected)]
    for provision in (law.at(name, day) for _, name in reversed(_MARKS)):
        outcome = "this share was missed" if total.reaches(provision.value) else "less was missed"
        found.append(provision.finding(outcome, missed=total.missed, possible=total.possible))
    return tuple(found)


def _once(marks: Iterable[MarkAtSchool]) -> Iterable[MarkAtSchool]:
    """Return one mark of each session: of two schools' a D gives way, and an unauthorised absence to any other mark."""
    found: dict[tuple[date, Half], MarkAtSchool] = {}
    for mark in marks:
        other = found.get((mark.date, mark.session))
        if other is None or _rank(mark) < _rank(other):
            found[mark.date, mark.session] = mark
    return found.values()


def _rank(mark: MarkAtSchool) -> int:
    return _ORDER.index("dual" if mark.code == DUAL else category(mark.code, mark.date))
