"""Who is on which school's roll, from when to when, and where two rolls overlap (dual registration)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True, order=True)
class Spell:
    """One stay on a school's roll: first and last day on it, both included (`left_on` None: still there)."""

    urn: int
    admitted_on: date
    left_on: date | None = None

    @property
    def end(self) -> date:
        """The last day, or the end of time."""
        return self.left_on or date.max

    def covers(self, day: date) -> bool:
        """Return whether the pupil is on the roll that day."""
        return self.admitted_on <= day <= self.end


@dataclass(frozen=True, slots=True)
class Overlap:
    """The part of a spell during which another school, or the same one on another record, has the pupil too (from the first such day to the last)."""

    spell: Spell
    start: date
    end: date

    @property
    def to(self) -> date | None:
        """The last such day; None where no end is known."""
        return None if self.end == date.max else self.end

    def within(self, others: Sequence["Overlap"]) -> bool:
        """Return whether one of the other overlaps of this school contains this one."""
        return any(other.spell.urn == self.spell.urn and other.start <= self.start and self.end <= other.end for other in others)


def fault(spells: Sequence[Spell]) -> str | None:
    """Return what is wrong with one school's spells of a pupil, or None."""
    if any(spell.admitted_on > spell.end for spell in spells):
        return "left_on is before admitted_on"
    if any(before.end >= after.admitted_on for before, after in pairwise(sorted(spells, key=lambda spell: spell.admitted_on))):
        return "two spells on this roll overlap"
    return None


def overlaps(spells: Sequence[Spell], others: Sequence[Spell] = ()) -> list[Overlap]:
    """Return for each spell that overlaps another school's, or any on other records of the child (`others`), the stretch in which it does."""
    found = []
    for spell in spells:
        common = [
            (max(spell.admitted_on, other.admitted_on), min(spell.end, other.end))
            for other in (*(each for each in spells if each.urn != spell.urn), *others)
            if spell.admitted_on <= other.end and other.admitted_on <= spell.end
        ]
        if common:
            found.append(Overlap(spell, min(start for start, _ in common), max(end for _, end in common)))
    return found
