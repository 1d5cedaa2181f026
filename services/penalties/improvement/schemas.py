"""Notices to Improve, in and out."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.penalties.case_file.domain.notices import Contact
from services.penalties.case_file.schemas import Findings, Line, Parents, SessionOut, Shown, Text
from services.penalties.improvement.domain import ImprovementOutcome, ImprovementTerms

ImprovementStatus = Literal["issued", "served", "ended", "met", "failed", "failed-early", "cancelled"]


class ContactIn(Shown):
    """Whom the parent can turn to."""

    name: Line
    phone: Line | None = None
    email: Line | None = None


class ImprovementNoticesIn(BaseModel):
    """What a Notice to Improve contains (Working together to improve school attendance: what it must contain)."""

    parents: Parents
    support_offered: Text
    support_available: Text
    contact: ContactIn
    expected_improvement: Text
    early_grounds: Text | None = None

    def terms(self) -> ImprovementTerms:
        """Return what the notice offers and expects."""
        contact = Contact(self.contact.name, self.contact.phone, self.contact.email)
        return ImprovementTerms(self.support_offered, self.support_available, contact, self.expected_improvement, self.early_grounds)


class IssuedImprovementNotice(Shown):
    """A Notice to Improve that was just issued."""

    id: UUID
    parent_id: UUID
    status: ImprovementStatus


class IssuedImprovementNotices(BaseModel):
    """All Notices to Improve of one order."""

    items: list[IssuedImprovementNotice]


class ImprovementNoticeSummary(IssuedImprovementNotice):
    """A Notice to Improve in a list; `ended`: its time is over, and a named person has to record how it ended."""

    case_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    held: bool
    issued_on: date
    served_on: date | None
    starts_on: date | None
    ends_on: date | None
    ended_on: date | None


class ImprovementNoticeOut(ImprovementNoticeSummary):
    """A Notice to Improve with everything its letter prints. The planned dates suppose first-class post on the day of issue."""

    sessions: list[SessionOut]
    support_offered: str
    support_available: str
    contact: ContactIn
    expected_improvement: str
    early_grounds: str | None
    issued_by: str
    issued_by_role: str
    planned_served_on: date
    planned_starts_on: date
    planned_ends_on: date
    method: str | None
    posted_on: date | None
    proof_id: UUID | None
    outcome_reason: str | None
    ended_by: str | None
    ended_by_role: str | None
    sessions_since_service: list[SessionOut]
    findings: Findings


class OutcomeIn(BaseModel):
    """How a Notice to Improve ended, and why."""

    outcome: ImprovementOutcome
    reason: Text
