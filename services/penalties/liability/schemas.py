"""What makes somebody a parent, and whether they allowed the absence, in and out."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.penalties.case_file.domain.liability import Basis, LiabilityEntry, ParentBy
from services.penalties.case_file.schemas import Shown, Text


class LiabilityIn(BaseModel):
    """What is recorded of one parent, with what shows it.

    `parent_by`: what makes them a parent (Education Act 1996 s.576); mother and father are parents by birth without it. `basis`: whether they
    allowed the absence, or could have prevented it.
    """

    parent_id: UUID
    parent_by: ParentBy | None = None
    basis: Basis | None = None
    shown_by: Text

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if self.parent_by is None and self.basis is None:
            raise ValueError("give parent_by, basis or both")
        return self

    def entry(self) -> LiabilityEntry:
        """Return it as the rules take it."""
        return LiabilityEntry(self.parent_id, self.parent_by, self.basis, self.shown_by)


def _one_entry_for_each(entries: list[LiabilityIn]) -> list[LiabilityIn]:
    if any(number > 1 for number in Counter(entry.parent_id for entry in entries).values()):
        raise ValueError("a parent is named once")
    return entries


Liability = Annotated[list[LiabilityIn], Field(max_length=20), AfterValidator(_one_entry_for_each)]


class LiabilityWithdrawalIn(BaseModel):
    """Of which parent what was recorded is wrong, and why."""

    parent_id: UUID
    reason: Text


class LiabilityRecordOut(Shown):
    """What a named person recorded of one parent; with a `withdrawal_reason`, that what was recorded before is wrong."""

    id: UUID
    case_id: UUID
    parent_id: UUID
    parent_by: ParentBy | None
    basis: Basis | None
    shown_by: str | None
    withdrawal_reason: str | None
    recorded_on: date
    recorded_at: datetime
    recorded_by: str
    recorded_by_role: str
