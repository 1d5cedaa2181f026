"""What became of a court file, as far as letters about its notices follow it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

Status = Literal["opened", "charged", "concluded", "withdrawn"]

ORDER: tuple[Status, ...] = ("opened", "charged", "withdrawn", "concluded")
"""The states in the order in which a file comes to them: an earlier one, arriving late, changes nothing."""


@dataclass(frozen=True, slots=True)
class CourtFile:
    """A court file: `outcome` is the verdict, or why it was given up."""

    id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    notice_ids: tuple[UUID, ...]
    status: Status
    since: date
    outcome: str | None = None

    @property
    def ends_its_notices(self) -> bool:
        """Return whether its notices demand nothing any more: a court has decided about the offence, or they are paid."""
        return self.status == "concluded" or (self.status == "withdrawn" and self.outcome == "paid")

    def replaces(self, before: "CourtFile") -> bool:
        """Return whether this state comes after another one of the same file."""
        return ORDER.index(self.status) > ORDER.index(before.status)
