"""Which marks of a register are accepted, which are none, and which are kept apart with a reason (SI 2024/208 reg. 10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.registers.marks.domain.rolls import Spell
from shared.attendance.register_codes import RegisterCode
from shared.attendance.sessions import Half


class Reason(StrEnum):
    """Why a mark is kept apart."""

    IN_FUTURE = "in-future"
    UNKNOWN_CODE = "unknown-code"
    RETIRED_CODE = "retired-code"
    CODE_NOT_YET = "code-not-yet-in-force"
    WRONG_SESSION = "wrong-session"
    UNKNOWN_UPN = "unknown-upn"
    NOT_ON_ROLL = "not-on-roll"

    @property
    def sentence(self) -> str:
        """What the school is told."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.IN_FUTURE: "The date lies in the future.",
    Reason.UNKNOWN_CODE: "There is no such code.",
    Reason.RETIRED_CODE: "The code was retired before this date.",
    Reason.CODE_NOT_YET: "The code was not in force on this date.",
    Reason.WRONG_SESSION: "The code is not used in this half of the day.",
    Reason.UNKNOWN_UPN: "No pupil with this UPN has been sent for this school.",
    Reason.NOT_ON_ROLL: "The pupil is not on this school's roll on this date.",
}

EXPLAINED_BY_A_ROLL = (Reason.UNKNOWN_UPN, Reason.NOT_ON_ROLL)
"""Reasons that a pupil or roll arriving later takes away."""


SentMark = Mapping[str, Any]
"""A mark as a school sends it: `upn` and `code`, perhaps `minutes_late`."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A pupil as one school knows them: the spells on its roll, and the stretch in which another school has the pupil too."""

    pupil_id: UUID
    spells: tuple[Spell, ...]
    shared: tuple[tuple[date, date | None], ...] = ()

    def on_roll(self, day: date) -> bool:
        """Tell whether the pupil is on this school's roll that day."""
        return any(spell.covers(day) for spell in self.spells)

    def dual(self, day: date) -> bool:
        """Tell whether another school may have the pupil on its roll that day too."""
        return any(start <= day and (end is None or day <= end) for start, end in self.shared)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What will be stored for one pupil."""

    code: str
    minutes_late: int | None
    dual: bool


@dataclass(slots=True)
class Sorted:
    """A register, sorted out. Of several valid marks for one pupil the last is accepted."""

    accepted: dict[UUID, Accepted] = field(default_factory=dict)
    ignored: int = 0
    rejected: list[tuple[SentMark, Reason]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Book:
    """The codes that one session's register may hold, and why it may not hold the others."""

    day: date
    session: Half
    codes: Mapping[str, RegisterCode]
    every_code: Sequence[RegisterCode]

    def read(self, code: str) -> str | Reason | None:
        """Return the code to store, the reason for keeping it apart, or None where it is no mark.

        Many systems export both marks of presence as a slash: in the afternoon it is stored as the backslash it stands for.
        """
        known = self.codes.get(code)
        if known is None:
            return self._why_not(code)
        if known.category == "none":
            return None
        if code == "/" and self.session == "PM":
            return "\\"
        return code if self.session in known.sessions else Reason.WRONG_SESSION

    def _why_not(self, code: str) -> Reason | None:
        dated = [each for each in self.every_code if each.code == code]
        if any(each.category == "none" for each in dated):
            return None
        if any(each.until is not None and each.until < self.day for each in dated):
            return Reason.RETIRED_CODE
        return Reason.CODE_NOT_YET if dated else Reason.UNKNOWN_CODE


def sort_out(marks: Iterable[SentMark], book: Book, roll: Mapping[str, Enrolled], *, today: date) -> Sorted:
    """Sort a register's marks; `roll` holds the pupils of this school by UPN, `today` is the day of receipt."""
    done = Sorted()
    readings: dict[str, str | Reason | None] = {}
    future = book.day > today
    for mark in marks:
        code = mark["code"]
        if code not in readings:
            readings[code] = book.read(code)
        reading = readings[code]
        if reading is None:
            done.ignored += 1
            continue
        if future:
            done.rejected.append((mark, Reason.IN_FUTURE))
            continue
        if isinstance(reading, Reason):
            done.rejected.append((mark, reading))
            continue
        pupil = roll.get(mark["upn"])
        if pupil is None:
            done.rejected.append((mark, Reason.UNKNOWN_UPN))
        elif not pupil.on_roll(book.day):
            done.rejected.append((mark, Reason.NOT_ON_ROLL))
        else:
            done.accepted[pupil.pupil_id] = Accepted(reading, mark.get("minutes_late"), pupil.dual(book.day))
    return done
