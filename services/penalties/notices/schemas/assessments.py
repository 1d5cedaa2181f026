"""A notice that is only thought of, in and out."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.case_file.schemas import Day, Findings
from services.penalties.notices.domain.tariff import EarlierNotice, NoticeLaw, TierOrRefused
from services.penalties.notices.use_cases.assess import AssessedNotice


class OffenceIn(BaseModel):
    """First and last day of the offence, both included."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("the offence period ends before it begins")
        return self


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

    @property
    def period(self) -> OffencePeriod:
        """Return the offence as the rules take it."""
        return OffencePeriod(self.offence.start, self.offence.end)


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
