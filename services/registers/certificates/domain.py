"""The figures of an attendance certificate (Education Act 1996 s.566): sessions possible, attended, missed with and without authority."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from shared.attendance.register_codes import Category, codes_on
from shared.attendance.sessions import Half


@dataclass(frozen=True, slots=True)
class Entry:
    """A mark as it stood at the instant of the certificate; `flagged`: outside the school's sessions or the pupil's roll."""

    date: date
    session: Half
    code: str
    version: int
    recorded_at: datetime
    flagged: bool = False

    @property
    def category(self) -> Category:
        """What the code stands for on its day."""
        return category(self.code, self.date)


@dataclass(frozen=True, slots=True)
class Tally:
    """Sessions counted by class: those not possible (such as D, X and Y1 to Y7) by themselves, flagged marks nowhere."""

    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    not_possible: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def possible(self) -> int:
        """Sessions that the pupil could have attended."""
        return self.attended + self.authorised + self.unauthorised

    @property
    def percentages(self) -> "Percentages":
        """The shares of the possible sessions."""
        return Percentages(*(percentage(part, self.possible) for part in (self.attended, self.authorised, self.unauthorised)))


@dataclass(frozen=True, slots=True)
class Percentages:
    """Shares of the possible sessions in per cent, to two places; None where no session was possible."""

    attended: Decimal | None
    authorised: Decimal | None
    unauthorised: Decimal | None


def tally(entries: Iterable[Entry]) -> Tally:
    """Count a pupil's sessions by the class that each code has on its day (SI 2024/208 reg. 10; before 19 August 2024 SI 2006/1751)."""
    classes: Counter[Category] = Counter()
    codes: Counter[str] = Counter()
    for entry in entries:
        if not entry.flagged:
            classes[entry.category] += 1
            codes[entry.code] += 1
    return Tally(
        classes["attending"], classes["authorised"], classes["unauthorised"], classes["not-possible"], Counter(dict(sorted(codes.items())))
    )


def once(entries: Iterable[Entry]) -> list[Entry]:
    """Return each session once: of marks on two records of the child, one that is no unauthorised absence goes before one that is."""
    found: dict[tuple[date, Half], Entry] = {}
    for entry in entries:
        other = found.get((entry.date, entry.session))
        if other is None or other.category == "unauthorised":
            found[entry.date, entry.session] = entry
    return [found[key] for key in sorted(found)]


def unauthorised(entries: Iterable[Entry]) -> list[Entry]:
    """Return the sessions of absence without authority, in order; flagged marks are none."""
    missed = [each for each in entries if not each.flagged and each.category == "unauthorised"]
    return sorted(missed, key=lambda each: (each.date, each.session))


@cache
def category(code: str, day: date) -> Category:
    """Return what a code stands for on a day; a code that the table of that day does not know is no mark."""
    found = codes_on(day).get(code)
    return found.category if found else "none"


def percentage(part: int, total: int) -> Decimal | None:
    """Return a share in per cent to two places, halves up; None of nothing."""
    return (Decimal(100 * part) / total).quantize(Decimal("0.01"), ROUND_HALF_UP) if total else None
