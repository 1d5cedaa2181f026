"""Penalty notices, in and out: assessed, issued, read, withdrawn."""

from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.penalties.case_file.domain.notices import MainReason, NoticeKind, Tier
from services.penalties.case_file.schemas import Day, Findings, OffenceIn, Parents, SessionOut, Shown, SpanIn, SpanOut, Text
from services.penalties.notices.domain.penalty_notices import Ground
from services.penalties.notices.domain.tariff import EarlierNotice, NoticeLaw, TierOrRefused
from services.penalties.notices.use_cases.assess import AssessedNotice
from services.penalties.notices.use_cases.family import FamilyAssessment, ParentAndChild
from services.penalties.notices.use_cases.issue import Order


class EarlierNoticeIn(BaseModel):
    """A notice issued before to the same parent about the same child, by any authority."""

    kind: NoticeLaw
    issued_on: Day
    offence_from: Day | None = None
    withdrawn: bool = False
    acquitted: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.offence_from and self.offence_from > self.issued_on:
            raise ValueError("the earlier notice was issued before its offence")
        return self

    def as_fact(self) -> EarlierNotice:
        """Return it as the rules take it."""
        return EarlierNotice(self.kind, self.issued_on, self.offence_from, self.withdrawn, self.acquitted)


class AssessmentIn(BaseModel):
    """What is thought of: which notice, proposed for which day, for which offence, after which earlier notices."""

    kind: NoticeLaw
    proposed_on: Day
    offence: OffenceIn
    posted_on: Day | None = None
    served_by: Literal["first-class-post", "hand"] = "first-class-post"
    earlier: list[EarlierNoticeIn] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.offence.end > self.proposed_on:
            raise ValueError("the notice is proposed before the offence has ended")
        if self.posted_on and self.posted_on < self.proposed_on:
            raise ValueError("the notice is posted before it is issued")
        return self


class AssessmentOut(BaseModel):
    """Whether the notice is available, at what amounts (pence; null when refused), with which dates (null without `posted_on`)."""

    available: bool
    tier: TierOrRefused
    early_pence: int | None
    full_pence: int | None
    received_on: date | None
    early_deadline: date | None
    final_deadline: date | None
    overdue_from: date | None
    findings: Findings

    @classmethod
    def of(cls, assessed: AssessedNotice) -> Self:
        """Show an assessment."""
        found, dates = assessed.assessment, assessed.deadlines
        return cls(
            available=found.available,
            tier=found.tier,
            early_pence=found.early_pence,
            full_pence=found.full_pence,
            received_on=assessed.received_on,
            early_deadline=dates and dates.early_deadline,
            final_deadline=dates and dates.final_deadline,
            overdue_from=dates and dates.overdue_from,
            findings=[finding.as_json() for finding in assessed.findings],
        )


class ProposedNoticeIn(BaseModel):
    """To whom a notice would go, and about whom."""

    parent_id: UUID
    pupil_id: UUID


class FamilyAssessmentIn(BaseModel):
    """Which notices are thought of, for one offence period; proposed for today unless another day is named."""

    proposed_on: Day | None = None
    offence: OffenceIn
    notices: list[ProposedNoticeIn] = Field(min_length=1, max_length=100)

    @property
    def pairs(self) -> list[ParentAndChild]:
        """The notices as the use case takes them."""
        return [ParentAndChild(each.parent_id, each.pupil_id) for each in self.notices]


class ProposedNoticeOut(ProposedNoticeIn):
    """What one notice would be; the amounts are null when it is refused."""

    available: bool
    tier: TierOrRefused
    early_pence: int | None
    full_pence: int | None
    findings: Findings


class FamilyAssessmentOut(BaseModel):
    """What each notice would be, and the sums over those that are available: each paid at its lower amount in time, and each in full."""

    proposed_on: date
    items: list[ProposedNoticeOut]
    early_pence: int
    full_pence: int

    @classmethod
    def of(cls, proposed_on: date, found: FamilyAssessment) -> Self:
        """Show an assessment."""
        items = [
            ProposedNoticeOut(
                parent_id=one.parent_id,
                pupil_id=one.pupil_id,
                available=each.available,
                tier=each.tier,
                early_pence=each.early_pence,
                full_pence=each.full_pence,
                findings=[finding.as_json() for finding in each.findings],
            )
            for one, each in found.items
        ]
        return cls(proposed_on=proposed_on, items=items, early_pence=found.early_pence, full_pence=found.full_pence)


PenaltyNoticeStatus = Literal["issued", "served", "paid", "overdue", "withdrawn"]


class PenaltyNoticesIn(BaseModel):
    """What an officer asks to be issued."""

    parents: Parents
    offence: SpanIn
    main_reason: MainReason
    set_aside_reason: Text | None = None

    def order(self) -> Order:
        """Return it as the use case takes it."""
        return Order(tuple(self.parents), self.offence.period(), self.main_reason, self.set_aside_reason)


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


class WithdrawalIn(BaseModel):
    """Why a notice is withdrawn: the ground that goes into the return to the Department, and the officer's own words."""

    ground: Ground
    reason: Text


class WithdrawalOut(Shown):
    """The withdrawn notice, and what is owed back to the parent."""

    id: UUID
    reference: str
    status: str
    ground: Ground
    withdrawn_on: date
    refund_due_pence: int
