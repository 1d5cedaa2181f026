"""Decisions and agreements, in and out."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from services.penalties.case_file.domain.facts import DecisionKind, Recommendation
from services.penalties.case_file.schemas import Findings, OffenceIn, Parents, Shown, Text
from services.penalties.liability.schemas import Liability
from shared.http import Urn


class DecisionOut(Shown):
    """What a named person decided."""

    id: UUID
    decision: DecisionKind
    parent_ids: list[UUID]
    reason: str
    no_improvement_notice_reason: str | None
    decided_on: date
    decided_at: datetime
    decided_by: str
    decided_by_role: str
    findings: Findings
    """Which code of conduct was in force."""


class AgreementOut(Shown):
    """What the authority answered."""

    id: UUID
    agreed: bool
    recommendation: Recommendation
    parent_ids: list[UUID]
    reason: str
    agreed_on: date
    agreed_at: datetime
    agreed_by: str
    agreed_by_role: str
    refer_to: int | None = None
    findings: Findings
    in_force_until: date | None = None
    """The last day on which it may be acted on."""
    offence_from: date | None = None
    offence_to: date | None = None


class DecisionIn(BaseModel):
    """A decision, its reason, and the parents it is about: all of them unless named.

    `liability`: recorded before the decision is judged; who is neither mother nor father is decided about only once it shows them to be a parent.
    """

    decision: DecisionKind
    reason: Text
    parents: Parents | None = None
    no_improvement_notice_reason: Text | None = None
    liability: Liability = []


class AgreementIn(BaseModel):
    """The authority's answer to a request, about everyone who was asked for unless it names `parents`.

    `offence`: the only period for which it holds. `refer_to`: the school whose accredited persons may see the case and issue the notice.
    """

    agreed: bool
    recommendation: Recommendation
    reason: Text
    parents: Parents | None = None
    offence: OffenceIn | None = None
    refer_to: Urn | None = None
