"""Two records of one child."""

from datetime import datetime
from typing import Self
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
