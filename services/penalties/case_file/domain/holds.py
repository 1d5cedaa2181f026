"""Holds: what stopped a notice, and who cleared it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.sessions import SchoolSession
from shared.attendance.sessions import Half

Cause = Literal["mark-changed", "letter-returned"]
Lost = Literal["off-roll", "not-held", "not-of-age", "leave-granted"]


@dataclass(frozen=True, slots=True)
class MarkChange:
    """A mark that changed under a notice; `lost`: why its session is none of the pupil's any more."""

    date: date
    session: Half
    urn: int
    previous_code: str
    code: str
    previous_version: int
    version: int
    lost: Lost | None = None

    @property
    def at_school(self) -> SchoolSession:
        """Which session of which school this is."""
        return self.date, self.session, self.urn


@dataclass(frozen=True, slots=True)
class ReturnedLetter:
    """A letter that came back, and the proof of service that stood then."""

    letter_id: UUID
    returned_on: date
    proof_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One thing that stops a notice; `subject` names it, so that the same thing stops a notice once."""

    id: UUID
    case_id: UUID
    about: UUID
    about_kind: str
    cause: Cause
    subject: str
    change: MarkChange | ReturnedLetter
    held_on: date
    cleared_on: date | None = None
    cleared_at: datetime | None = None
    cleared_by: str | None = None
    cleared_by_role: str | None = None
    cleared_reason: str | None = None
