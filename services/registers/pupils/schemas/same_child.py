"""Two records of one child."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, model_validator

from services.registers.fields import Answer, Prose
from shared.http import Upn


class WrongBirthDate(BaseModel):
    """Under which of the two UPNs the date of birth is wrong, and how that is known."""

    upn: Upn
    reason: Prose


class MergerIn(BaseModel):
    """A UPN of each of the two records, and why they are of one child; where their dates of birth differ, which is wrong."""

    upns: tuple[Upn, Upn]
    reason: Prose
    wrong_birth_date: WrongBirthDate | None = None

    @model_validator(mode="after")
    def _is_of_the_two(self) -> Self:
        if self.wrong_birth_date and self.wrong_birth_date.upn not in self.upns:
            raise ValueError("wrong_birth_date names one of the two UPNs")
        return self

    @property
    def wrong_birth(self) -> tuple[str, str] | None:
        """Return the UPN under which the date of birth is wrong, and how that is known."""
        wrong = self.wrong_birth_date
        return (wrong.upn, wrong.reason) if wrong else None


class ProposalDecision(BaseModel):
    """An officer's answer to a proposal; where the dates of birth of the two records differ, which is wrong."""

    same: bool
    reason: Prose
    wrong_birth_date: WrongBirthDate | None = None

    @property
    def wrong_birth(self) -> tuple[str, str] | None:
        """Return the UPN under which the date of birth is wrong, and how that is known."""
        wrong = self.wrong_birth_date
        return (wrong.upn, wrong.reason) if wrong else None


class ProposedPupil(Answer):
    """The pupil of one of the two records, as they count."""

    forename: str
    surname: str
    date_of_birth: date


class MergerProposalOut(Answer):
    """Two UPNs that may be one child's, of two authorities: the other one confirms or refuses, and it alone sees the pupil of its record."""

    id: UUID
    status: Literal["open", "confirmed", "refused"]
    own_upn: str
    other_upn: str
    la_code: str
    """The authority that proposes."""
    pupil: ProposedPupil | None = None
    other: ProposedPupil | None = None
    """The pupil of the other record, for an officer who reaches it."""
    decides: bool = False
    """Whether the caller reaches the other record, and so may confirm."""
    reason: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None
    merger_id: UUID | None


class MergerUndoing(BaseModel):
    """Why they are of two children after all."""

    reason: Prose


class RecordOut(Answer):
    """One of the two records."""

    pupil_id: UUID
    upn: str


class WrongBirthDateOut(RecordOut):
    """The record whose date of birth is wrong, and how that is known."""

    reason: str


class MergerOut(Answer):
    """Two records that are of one child, known as `survivor`, as an officer decided; `undone_…` where that was taken back.

    `wrong_birth_date`: where the dates of birth differed. Nothing is changed in that record; the child's age is judged by the other.
    """

    id: UUID
    survivor: RecordOut
    absorbed: RecordOut
    reason: str
    wrong_birth_date: WrongBirthDateOut | None
    decided_at: datetime
    decided_by: str
    undone_at: datetime | None
    undone_by: str | None
    undoing_reason: str | None
