"""Referrals, in and out."""

from collections import Counter
from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.penalties.case_file.domain.liability import Basis, ParentBy
from services.penalties.case_file.schemas import Findings, Line, Parents, Shown, Text
from services.penalties.decisions.schemas import AgreementOut
from services.penalties.referrals.domain import Course, Declaration, DeclarationItem, ReferralContent, SupportGap
from services.penalties.referrals.use_cases import ShownReferral


class DeclarationIn(BaseModel):
    """One declaration: made, or why it is not."""

    item: DeclarationItem
    declared: bool
    why_not: Text | None = None


class SupportGapIn(BaseModel):
    """An item of the checklist of support that the log leaves open, and why the referral does not wait for it."""

    item: Line
    why_not: Text


class ReferralIn(BaseModel):
    """A referral in the caller's name. What it does not declare, and what the support log leaves open, needs a reason each."""

    parents: Parents
    course: Course
    statement: Text
    declarations: Annotated[list[DeclarationIn], Field(max_length=20)] = []
    support_gaps: Annotated[list[SupportGapIn], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _names_each_item_once(self) -> Self:
        named = Counter([*(each.item for each in self.declarations), *(each.item for each in self.support_gaps)])
        if any(number > 1 for number in named.values()):
            raise ValueError("an item is named once")
        return self

    def content(self) -> ReferralContent:
        """Return it as the rules take it."""
        return ReferralContent(
            tuple(self.parents),
            self.course,
            self.statement,
            tuple(Declaration(each.item, each.declared, each.why_not) for each in self.declarations),
            tuple(SupportGap(each.item, each.why_not) for each in self.support_gaps),
        )


class DeclarationOut(Shown):
    """One declaration: made, or why it is not."""

    item: DeclarationItem
    declared: bool
    why_not: str | None


class SupportGapOut(Shown):
    """An item of the checklist of support that was open, and why the referral did not wait for it."""

    item: str
    why_not: str


class ReferralOut(Shown):
    """A referral as it was sent, its number in the thread, what it changed of the one before, and the authority's answer to it."""

    id: UUID
    number: int
    parent_ids: list[UUID]
    course: Course
    statement: str
    declarations: list[DeclarationOut]
    support_gaps: list[SupportGapOut]
    complete: bool
    referred_on: date
    referred_at: datetime
    referred_by: str
    referred_by_role: str
    findings: Findings
    changes: list[str]
    answer: AgreementOut | None

    @classmethod
    def of(cls, shown: ShownReferral) -> Self:
        """Return it as it is shown."""
        answer = AgreementOut.model_validate(shown.answer) if shown.answer else None
        beside = {"number": shown.number, "changes": [*shown.changes], "answer": answer}
        names = cls.model_fields.keys() - beside.keys()
        return cls.model_validate({**{name: getattr(shown.referral, name) for name in names}, **beside})


class ThreadOut(Shown):
    """The referrals of a case, oldest first. A request and an agreement without one are valid: the plain decision stands by itself."""

    items: list[ReferralOut]


class FormParentOut(Shown):
    """A contact on the form: what makes them a parent, whether they allowed the absence, and what a decision that still holds asks for."""

    id: UUID
    parent_by: ParentBy | None
    basis: Basis | None
    asked_for: Course | None


class FormDeclarationOut(Shown):
    """A declaration that the authority asks for, and how the last referral answered it."""

    item: DeclarationItem
    text: str
    declared: bool
    why_not: str | None


class OpenSupportOut(Shown):
    """An item of the checklist of support that the log leaves open."""

    item: str
    state: Literal["missing", "without-outcome"]
    words: str


class ReferralFormOut(Shown):
    """The form of the next referral, filled in from the register, the log and the referral before. `goes_to`: the role that answers it."""

    goes_to: Literal["business-support", "aco"]
    sessions: int
    first_session: date
    last_session: date
    holiday: bool
    parents: list[FormParentOut]
    declarations: list[FormDeclarationOut]
    support: list[OpenSupportOut]
    statement: str | None
    answer: AgreementOut | None
