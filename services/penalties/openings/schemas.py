"""A case that is opened by hand, in and out."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.penalties.case_file.schemas import Shown, Text
from services.penalties.openings.domain import CaseKind
from services.penalties.openings.use_cases import Request
from shared.http import Upn, Urn


class CaseIn(BaseModel):
    """Whom the case is about, the school that has the pupil on its roll, and why it is opened without the threshold's word."""

    upn: Upn
    urn: Urn
    reason: Text
    kind: CaseKind

    def request(self) -> Request:
        """Return what is asked for."""
        return Request(self.upn, self.urn, self.reason, self.kind)


class OpenedCaseOut(Shown):
    """The case that was opened; `threshold`: `below` where it is not met and the authority's policy allows a case all the same."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    status: Literal["open"]
    threshold: Literal["met", "below"]
    by_hand: bool
    opened_on: date
