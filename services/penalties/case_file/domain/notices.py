"""Notices to Improve and penalty notices, with everything that their letters print."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.sessions import OffencePeriod, Session

NoticeKind = Literal["penalty-notice", "excluded-pupil-notice"]
MainReason = Literal["holiday", "late", "other"]
Tier = Literal["first", "second", "flat"]
Findings = tuple[dict[str, object], ...]
"""Findings as `shared.law.Finding.as_json` gives them."""

FAILED = frozenset({"failed", "failed-early"})
UNSETTLED = frozenset({"issued", "served", "overdue"})
"""Statuses of a penalty notice that is neither paid nor withdrawn."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How and when a notice reached the parent, and where the proof is."""

    method: str
    posted_on: date
    received_on: date
    proof_id: UUID


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the parent can turn to."""

    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice to one parent about one child. The planned dates suppose first-class post on the day of issue."""

    id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    sessions: tuple[Session, ...]
    """Those that it relies on."""
    issued_on: date
    issued_at: datetime
    issued_by: str
    issued_by_role: str
    method: str | None = None
    posted_on: date | None = None
    proof_id: UUID | None = None
    served_revision: int = 0
    status: str = "issued"
    held: bool = False
    findings: Findings
    serving_findings: Findings = ()
    """Of the receipt that counts now."""

    def proof_of(self, received_on: date | None) -> Proof | None:
        """Return how it was served by the day of receipt; None before."""
        if self.method is None or self.posted_on is None or received_on is None or self.proof_id is None:
            return None
        return Proof(self.method, self.posted_on, received_on, self.proof_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementNotice(Notice):
    """One Notice to Improve."""

    kind: Literal["notice-to-improve"] = "notice-to-improve"
    calendar_urn: int
    support_offered: str
    support_available: str
    contact: Contact
    expected_improvement: str
    early_grounds: str | None
    planned_served_on: date
    planned_starts_on: date
    planned_ends_on: date
    served_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    judged_on: date | None = None
    """By which day it was judged last whether the period is over."""
    ended_on: date | None = None
    outcome_reason: str | None = None
    ended_by: str | None = None
    ended_by_role: str | None = None

    @property
    def running(self) -> bool:
        """Whether it has no outcome yet."""
        return self.status in {"issued", "served"}

    @property
    def proof(self) -> Proof | None:
        """How it was served; None before."""
        return self.proof_of(self.served_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyNotice(Notice):
    """One penalty notice; amounts in pence."""

    kind: NoticeKind
    reference: str
    decision_id: UUID
    agreement_id: UUID
    offence_from: date
    offence_to: date
    main_reason: MainReason
    set_aside_reason: str | None = None
    tier: Tier
    early_pence: int
    full_pence: int
    planned_received_on: date
    planned_early_deadline: date
    planned_final_deadline: date
    received_on: date | None = None
    early_deadline: date | None = None
    final_deadline: date | None = None
    overdue_from: date | None = None
    paid_pence: int = 0
    paid_on: date | None = None
    revision: int = 0
    paid_revision: int = 0
    concluded_on: date | None = None
    acquitted: bool = False
    withdrawn_on: date | None = None
    withdrawal_ground: str | None = None
    withdrawal_reason: str | None = None
    withdrawn_by: str | None = None
    withdrawn_by_role: str | None = None
    restores: bool = False

    @property
    def offence(self) -> OffencePeriod:
        """The period of the offence."""
        return OffencePeriod(self.offence_from, self.offence_to)

    @property
    def stands(self) -> bool:
        """Whether it is not withdrawn on a ground that allows a new one."""
        return not (self.status == "withdrawn" and self.restores)

    @property
    def unsettled(self) -> bool:
        """Whether it is neither paid nor withdrawn, and no court has concluded about it."""
        return self.status in UNSETTLED and self.concluded_on is None

    @property
    def proof(self) -> Proof | None:
        """How it was served; None before."""
        return self.proof_of(self.received_on)
