"""Two records of one child, put together by an officer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Record:
    """One of two records of a child."""

    pupil_id: UUID
    upn: str


@dataclass(frozen=True, slots=True)
class WrongBirthDate(Record):
    """The record whose date of birth is wrong, and how that is known."""

    reason: str


@dataclass(frozen=True, slots=True)
class Merger:
    """An officer's decision that two records are of one child, who is known as `survivor`; `undone_at` where it was taken back."""

    id: UUID
    survivor: Record
    absorbed: Record
    reason: str
    wrong_birth_date: WrongBirthDate | None
    decided_at: datetime
    decided_by: str
    undone_at: datetime | None = None
    undone_by: str | None = None
    undoing_reason: str | None = None
