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
class ImprovementNotice:
    """One Notice to Improve to one parent. The planned dates suppose first-class post on the day of issue."""

    id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    calendar_urn: int
    sessions: tuple[Session, ...]
    support_offered: str
    support_available: str
    contact: Contact
    expected_improvement: str
    early_grounds: str | None
    issued_on: date
    issued_at: datetime
    issued_by: str
    issued_by_role: str
    planned_served_on: date
    planned_starts_on: date
    planned_ends_on: date
    method: str | None = None
    posted_on: date | None = None
    served_on: date | None = None
    proof_id: UUID | None = None
    served_revision: int = 0
    starts_on: date | None = None
    ends_on: date | None = None
    status: str = "issued"
    held: bool = False
    ended_on: date | None = None
    outcome_reason: str | None = None
    ended_by: str | None = None
    ended_by_role: str | None = None
    findings: Findings
    serving_findings: Findings = ()

    @property
    def kind(self) -> Literal["notice-to-improve"]:
        """The kind of notice."""
        return "notice-to-improve"

    @property
    def running(self) -> bool:
        """Whether it has no outcome yet."""
        return self.status in {"issued", "served"}

    @property
    def proof(self) -> Proof | None:
        """How it was served; None before."""
        return _proof(self.method, self.posted_on, self.served_on, self.proof_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PenaltyNotice:
    """One penalty notice to one parent about one child; amounts in pence. The planned dates suppose first-class post on the day of issue."""

    id: UUID
    reference: str
    kind: NoticeKind
    case_id: UUID
    decision_id: UUID
    agreement_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    offence_from: date
    offence_to: date
    sessions: tuple[Session, ...]
    main_reason: MainReason
    set_aside_reason: str | None = None
    tier: Tier
    early_pence: int
    full_pence: int
    issued_on: date
    issued_at: datetime
    issued_by: str
    issued_by_role: str
    planned_received_on: date
    planned_early_deadline: date
    planned_final_deadline: date
    method: str | None = None
    posted_on: date | None = None
    received_on: date | None = None
    proof_id: UUID | None = None
    served_revision: int = 0
    early_deadline: date | None = None
    final_deadline: date | None = None
    overdue_from: date | None = None
    status: str = "issued"
    held: bool = False
    paid_pence: int = 0
    paid_on: date | None = None
    revision: int = 0
    concluded_on: date | None = None
    acquitted: bool = False
    withdrawn_on: date | None = None
    withdrawal_ground: str | None = None
    withdrawal_reason: str | None = None
    withdrawn_by: str | None = None
    withdrawn_by_role: str | None = None
    restores: bool = False
    findings: Findings
    serving_findings: Findings = ()

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
        return _proof(self.method, self.posted_on, self.received_on, self.proof_id)


def _proof(method: str | None, posted_on: date | None, received_on: date | None, proof_id: UUID | None) -> Proof | None:
    if method is None or posted_on is None or received_on is None or proof_id is None:
        return None
    return Proof(method, posted_on, received_on, proof_id)
