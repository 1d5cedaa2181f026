"""The form of referral and the thread of referrals, from penalties."""

from datetime import date
from uuid import UUID

from services.console.responses.cases import Agreement
from services.console.responses.values import ServiceResponse


class Declaration(ServiceResponse):
    """A declaration, as it was made, or why not."""

    item: str
    declared: bool
    why_not: str | None


class FormDeclaration(Declaration):
    """A declaration that the authority asks for, as the last referral made it."""

    text: str


class SupportGap(ServiceResponse):
    """An item of support that was open, and why the referral did not wait for it."""

    item: str
    why_not: str


class OpenSupport(ServiceResponse):
    """An item of the checklist of support that the log leaves open."""

    item: str
    words: str


class FormParent(ServiceResponse):
    """A contact on the form, and what a decision that still holds asks for about them."""

    id: UUID
    parent_by: str | None
    basis: str | None
    asked_for: str | None


class ReferralForm(ServiceResponse):
    """The form of the next referral, filled in."""

    goes_to: str
    sessions: int
    first_session: date
    last_session: date
    holiday: bool
    parents: list[FormParent]
    declarations: list[FormDeclaration]
    support: list[OpenSupport]
    statement: str | None
    answer: Agreement | None


class Referral(ServiceResponse):
    """A referral as it was sent, what it changed of the one before, and the authority's answer."""

    id: UUID
    number: int
    parent_ids: list[UUID]
    course: str
    statement: str
    declarations: list[Declaration]
    support_gaps: list[SupportGap]
    complete: bool
    referred_on: date
    referred_by: str
    referred_by_role: str
    changes: list[str]
    answer: Agreement | None


class Thread(ServiceResponse):
    """The referrals of a case, oldest first."""

    items: list[Referral]
