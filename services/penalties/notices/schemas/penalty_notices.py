"""Penalty notices, in and out."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.penalties.case_file.domain.notices import MainReason, NoticeKind, Tier
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.schemas import Day, Findings, Parents, SessionOut, Shown, SpanOut, Text
from services.penalties.notices.use_cases.issue import Order

PenaltyNoticeStatus = Literal["issued", "served", "paid", "overdue", "withdrawn"]


class SpanIn(BaseModel):
    """First and last day of the offence, both included."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")


class PenaltyNoticesIn(BaseModel):
    """What an officer asks to be issued."""

    parents: Parents
    offence: SpanIn
    main_reason: MainReason
    set_aside_reason: Text | None = None

    def order(self) -> Order:
        """Return it as the use case takes it."""
        offence = OffencePeriod(self.offence.start, self.offence.end)
        return Order(tuple(self.parents), offence, self.main_reason, self.set_aside_reason)


class IssuedPenaltyNotice(Shown):
    """A penalty notice that was just issued; amounts in pence."""

    id: UUID
    reference: str
    parent_id: UUID
    tier: Tier
    early_pence: int
    full_pence: int
    status: PenaltyNoticeStatus


class IssuedPenaltyNotices(BaseModel):
    """All penalty notices of one order."""

    items: list[IssuedPenaltyNotice]


class PenaltyNoticeSummary(IssuedPenaltyNotice):
    """A penalty notice in a list. `due_pence`: still to be paid, today."""

    kind: NoticeKind
    case_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    offence: SpanOut
    main_reason: MainReason
    held: bool
    issued_on: date
    received_on: date | None
    early_deadline: date | None
    final_deadline: date | None
    due_pence: int
    paid_pence: int


class PenaltyNoticeOut(PenaltyNoticeSummary):
    """A penalty notice with everything its letter prints. The planned dates suppose first-class post on the day of issue."""

    sessions: list[SessionOut]
    set_aside_reason: str | None
    issued_by: str
    issued_by_role: str
    planned_received_on: date
    planned_early_deadline: date
    planned_final_deadline: date
    method: str | None
    posted_on: date | None
    proof_id: UUID | None
    overdue_from: date | None
    paid_on: date | None
    concluded_on: date | None
    withdrawn_on: date | None
    withdrawal_ground: str | None
    findings: Findings
