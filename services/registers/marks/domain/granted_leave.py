"""Marks of sessions for which leave was granted: one with a code other than leave's contradicts the decision, until a person decides.

Leave is granted before the absence and by a person (SI 2024/208 reg. 11); the register is written afterwards, often by another one. Which of
the two is wrong nobody but the school can know.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from services.registers.marks.domain.patterns import Pattern, includes
from shared.attendance.sessions import Half

LEAVE_CODES = frozenset({"C", "C1", "C2"})
"""The codes under which leave is granted."""


class PupilSession(NamedTuple):
    """A session of one pupil at one school."""

    date: date
    session: Half
    pupil_id: UUID


class MarkOfSession(NamedTuple):
    """A mark as it now stands."""

    at: PupilSession
    code: str
    version: int


@dataclass(frozen=True, slots=True)
class GrantedLeave:
    """Leave that a school granted to a pupil, and that was not withdrawn; `pattern`: for which sessions of the week, empty: for all."""

    pupil_id: UUID
    starts_on: date
    ends_on: date
    decided_at: datetime
    pattern: Pattern = ()

    def spans(self, day: date) -> bool:
        """Return whether a day is one of those from the first to the last of the leave."""
        return self.starts_on <= day <= self.ends_on

    def covers(self, day: date, half: Half) -> bool:
        """Return whether leave was granted for a session."""
        return self.spans(day) and includes(self.pattern, day, half)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person of the school confirmed this version of a mark, although leave had been granted for its day."""

    version: int
    confirmed_at: datetime


def covered_by_leave(
    marks: Iterable[MarkOfSession], leave: Collection[GrantedLeave], confirmed: Mapping[PupilSession, Confirmation]
) -> frozenset[PupilSession]:
    """Return the sessions whose mark is no leave although leave was granted, and was confirmed by nobody since that decision."""
    found = set()
    for at, code, version in marks:
        if code in LEAVE_CODES:
            continue
        granted = [each.decided_at for each in leave if each.pupil_id == at.pupil_id and each.covers(at.date, at.session)]
        word = confirmed.get(at)
        if granted and not (word and word.version == version and word.confirmed_at > max(granted)):
            found.add(at)
    return frozenset(found)
