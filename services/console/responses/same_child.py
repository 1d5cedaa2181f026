"""Two records that may be of one child, of two authorities, from registers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from services.console.responses.differences import Details
from services.console.responses.values import ServiceResponse


class MergerProposal(ServiceResponse):
    """Two UPNs that may be one child's: `other` is shown to an officer who reaches that record, and may confirm (`decides`)."""

    id: UUID
    status: Literal["open", "confirmed", "refused"]
    own_upn: str
    other_upn: str
    la_code: str
    pupil: Details | None
    other: Details | None
    decides: bool
    reason: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str | None

    @property
    def name(self) -> str:
        """Return the name of the child of the authority that asks."""
        return self.pupil.name if self.pupil else "Name not shown"

    @property
    def births_differ(self) -> bool:
        """Return whether the two records are shown with different dates of birth."""
        return bool(self.pupil and self.other and self.pupil.date_of_birth != self.other.date_of_birth)
