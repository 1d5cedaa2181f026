"""A case as the rules see it: everything that was decided and done, in order of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, NotRequired, Self, TypedDict
from uuid import UUID

from shared.attendance.sessions import Half

DecisionKind = Literal["support", "notice-to-improve", "penalty-notice", "prosecution", "no-action"]
Recommendation = Literal["penalty-notice", "prosecution", "neither"]
NoticeKind = Literal["penalty-notice", "excluded-pupil-notice"]
MainReason = Literal["holiday", "late", "other"]
Tier = Literal["first", "second", "flat"]
Slot = tuple[date, Half]
"""A session, whichever school marked it."""
SchoolSession = tuple[date, Half, int]
"""A session of one school (its URN)."""
Findings = tuple[dict[str, object], ...]
"""Findings as `shared.law.Finding.as_json` gives them."""

FAILED = frozenset({"failed", "failed-early"})
UNSETTLED = frozenset({"issued", "served", "overdue"})
"""Statuses of a penalty notice that is neither paid nor withdrawn."""


class StoredSession(TypedDict):
    """A session as tables hold it."""

    date: str
    session: Half
    code: str
    urn: int
    version: int
    set_aside: NotRequired[bool]


@dataclass(frozen=True, slots=True)
class Session:
    """One counting session: which mark, in which version, and whether a closed case had set it aside."""

    date: date
    session: Half
    code: str
    urn: int
    version: int
    set_aside: bool = False

    @classmethod
    def of(cls, stored: StoredSession) -> Self:
        """Return a session from a table."""
        day, aside = date.fromisoformat(stored["date"]), stored.get("set_aside", False)
        return cls(day, stored["session"], stored["code"], stored["urn"], stored["version"], aside)

    @property
    def slot(self) -> Slot:
        """Which session this is, for every school."""
        return self.date, self.session

    @property
    def at_school(self) -> SchoolSession:
        """Which session of which school this is."""
        return self.date, self.session, self.urn


@dataclass(frozen=True, slots=True)
class OffencePeriod:
    """First and last day of the offence, both included."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Parent:
    """One person as a parent of the pupil; `open_match`: perhaps the same person as another, which an officer has yet to decide."""

    id: UUID
    open_match: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decided, for which parents."""

    id: UUID
    case_id: UUID
    decision: DecisionKind
    parent_ids: tuple[UUID, ...]
    reason: str
    no_improvement_notice_reason: str | None
    decided_on: date
    decided_at: datetime
    decided_by: str
    decided_by_role: str
    decided_by_subject: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """The authority's answer to a request: for or against it."""

    id: UUID
    case_id: UUID
    agreed: bool
    recommendation: Recommendation
    parent_ids: tuple[UUID, ...]
    reason: str
    agreed_on: date
    agreed_at: datetime
    agreed_by: str
    agreed_by_role: str
    agreed_by_subject: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CourtFile:
    """One court file against one parent: `opened`, `charged`, `concluded` or `withdrawn`."""

    id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    notice_ids: tuple[UUID, ...] = ()
    charged_sessions: tuple[Session, ...] = ()
    status: str = "opened"
    charged_on: date | None = None
    ended_on: date | None = None
    acquitted: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it has not come to its end."""
        return self.status in {"opened", "charged"}


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one case that a rule may ask."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    run_id: UUID
    status: str
    threshold: str
    holiday: bool
    sessions: tuple[Session, ...]
    """The ten of the crossing."""
    counting: tuple[Session, ...]
    """Every counting session, as thresholds judged them last."""
    findings: Findings = ()
    """Of the threshold."""
    parents: tuple[Parent, ...] = ()
    decisions: tuple[Decision, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    improvement_notices: tuple[ImprovementNotice, ...] = ()
    penalty_notices: tuple[PenaltyNotice, ...] = ()
    court_files: tuple[CourtFile, ...] = ()
    held: bool = False
    """The mark of a session behind one of its notices changed, or a letter came back, and no officer has cleared it."""
    relied_on: tuple[Session, ...] = ()
    """Sessions behind standing penalty notices to any parent of the pupil: spent for the threshold, not for the other parent."""
    spent: Mapping[UUID, frozenset[Slot]] = field(default_factory=dict)
    """By parent: sessions that a standing notice or a charge has spent against them."""
    changed: frozenset[SchoolSession] = frozenset()
    """Sessions whose mark was amended since they were judged, or which are none of the pupil's any more."""
