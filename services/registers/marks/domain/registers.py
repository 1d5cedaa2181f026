"""Which marks of a register are accepted, which are ignored, and which are rejected into quarantine (SI 2024/208 reg. 10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

from services.registers.marks.domain.rolls import Spell
from shared.attendance.register_codes import RegisterCode, all_codes, codes_on
from shared.attendance.sessions import Half
from shared.sentences import CodeWithSentence


class Rejection(CodeWithSentence):
    """Why a mark goes to quarantine."""

    IN_FUTURE = "in-future", "The date lies in the future."
    UNKNOWN_CODE = "unknown-code", "There is no such code."
    RETIRED_CODE = "retired-code", "The code was retired before this date."
    CODE_NOT_YET = "code-not-yet-in-force", "The code was not in force on this date."
    WRONG_SESSION = "wrong-session", "The code is not used in this half of the day."
    UNKNOWN_UPN = "unknown-upn", "No pupil with this UPN has been sent for this school."
    NOT_ON_ROLL = "not-on-roll", "The pupil is not on this school's roll on this date."


EXPLAINED_BY_A_ROLL = (Rejection.UNKNOWN_UPN, Rejection.NOT_ON_ROLL)
"""Rejections that a pupil or roll arriving later takes away."""


@dataclass(frozen=True, slots=True)
class SentMark:
    """A mark as a school sends it."""

    upn: str
    code: str
    minutes_late: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Who wrote to a register and why, and when the register was open."""

    caller: str
    source: Literal["register", "amendment", "release"] = "register"
    by_name: str | None = None
    by_title: str | None = None
    reason: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LockedRegister:
    """A school's register of one session, locked for writing under one revision."""

    urn: int
    la_code: str
    date: date
    session: Half
    revision: int
    has_partition: bool = True
    roll_version: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredMark:
    """A mark as it was stored."""

    pupil_id: UUID
    code: str
    version: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A pupil as one school knows them: the spells on its roll, and the periods in which another school has the pupil too."""

    pupil_id: UUID
    spells: tuple[Spell, ...]
    overlaps: tuple[tuple[date, date | None], ...] = ()

    def on_roll(self, day: date) -> bool:
        """Return whether the pupil is on this school's roll that day."""
        return any(spell.covers(day) for spell in self.spells)

    def dual(self, day: date) -> bool:
        """Return whether another school may have the pupil on its roll that day too."""
        return bool(self.overlaps) and any(start <= day and (end is None or day <= end) for start, end in self.overlaps)


class Accepted(NamedTuple):
    """What will be stored for one pupil."""

    code: str
    minutes_late: int | None
    dual: bool


M = TypeVar("M", bound=SentMark)


@dataclass(slots=True)
class CheckedMarks(Generic[M]):
    """The marks of a register after the check. Of several valid marks for one pupil the last is accepted."""

    accepted: dict[UUID, Accepted] = field(default_factory=dict)
    ignored: int = 0
    rejected: list[tuple[M, Rejection]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SessionCodes:
    """The codes that one session's register may hold, and why it may not hold the others."""

    day: date
    session: Half
    codes: Mapping[str, RegisterCode]
    every_code: Sequence[RegisterCode]

    def read(self, code: str) -> str | Rejection | None:
        """Return the code to store, why it is rejected, or None where it stands for no mark.

        Many systems export both marks of presence as a slash: in the afternoon it is stored as the backslash it stands for.
        """
        found = self.codes.get(code)
        if found is None:
            return self._why_not(code)
        if found.category == "none":
            return None
        if code == "/" and self.session == "PM":
            return "\\"
        return code if self.session in found.sessions else Rejection.WRONG_SESSION

    def _why_not(self, code: str) -> Rejection | None:
        dated = [each for each in self.every_code if each.code == code]
        if any(each.category == "none" for each in dated):
            return None
        if any(each.until is not None and each.until < self.day for each in dated):
            return Rejection.RETIRED_CODE
        return Rejection.CODE_NOT_YET if dated else Rejection.UNKNOWN_CODE


def session_codes(day: date, session: Half) -> SessionCodes:
    """Return the codes that the register of a session may hold."""
    return SessionCodes(day, session, codes_on(day), all_codes())


def check_marks(marks: Iterable[M], session: SessionCodes, roll: Mapping[str, Enrolled], *, today: date) -> CheckedMarks[M]:
    """Check a register's marks; `roll` holds the pupils of this school by UPN, `today` is the day of receipt."""
    checked: CheckedMarks[M] = CheckedMarks()
    readings: dict[str, str | Rejection | None] = {}
    day, future = session.day, session.day > today
    for mark in marks:
        if mark.code not in readings:
            readings[mark.code] = session.read(mark.code)
        reading = readings[mark.code]
        if reading is None:
            checked.ignored += 1
        elif future:
            checked.rejected.append((mark, Rejection.IN_FUTURE))
        elif isinstance(reading, Rejection):
            checked.rejected.append((mark, reading))
        elif (pupil := roll.get(mark.upn)) is None:
            checked.rejected.append((mark, Rejection.UNKNOWN_UPN))
        elif not pupil.on_roll(day):
            checked.rejected.append((mark, Rejection.NOT_ON_ROLL))
        else:
            checked.accepted[pupil.pupil_id] = Accepted(reading, mark.minutes_late, pupil.dual(day))
    return checked
