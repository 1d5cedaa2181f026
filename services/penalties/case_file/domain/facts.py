"""A case as the rules see it: everything that was decided and done, in order of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.penalties.case_file.domain.liability import Basis, ParentBy
from services.penalties.case_file.domain.notices import Findings, ImprovementNotice, PenaltyNotice
from services.penalties.case_file.domain.sessions import SchoolSession, Session, Slot
from shared.attendance.sessions import Half

DecisionKind = Literal["support", "notice-to-improve", "penalty-notice", "prosecution", "no-action"]
Recommendation = Literal["penalty-notice", "prosecution", "neither"]


@dataclass(frozen=True, slots=True)
class Parent:
    """One person whom schools record as a contact of the pupil.

    `open_match`: perhaps the same person as another, which an officer has yet to decide. `parent_by`: what makes them a parent in law, None
    while nothing shows it: nothing is decided about them or issued to them. `basis`: whether they allowed the absence of this case.
    """

    id: UUID
    open_match: bool = False
    parent_by: ParentBy | None = None
    basis: Basis | None = None


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
    findings: Findings = ()


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
    refer_to: int | None = None
    """The school whose accredited persons may see the case and issue the notice, while this is the authority's last answer."""
    referred_sessions: tuple[Session, ...] = ()
    """What a referral to court rests on."""
    findings: Findings = ()
    in_force_until: date | None = None
    """The last day on which it may be acted on."""
    offence_from: date | None = None
    offence_to: date | None = None
    """The period of the offence that it names, if it names one."""

    def is_about(self, parent_id: UUID) -> bool:
        """Return whether it answers about this parent. One that names nobody, of an earlier version, is about everyone."""
        return not self.parent_ids or parent_id in self.parent_ids

    def has_run_out(self, today: date) -> bool:
        """Return whether its days are over."""
        return self.in_force_until is not None and today > self.in_force_until


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
    verdict: str | None = None
    appeal_until: date | None = None
    """Until which day the prosecutor may appeal against an acquittal."""
    agreement_id: UUID | None = None
    """The authority's agreement on which it was opened without a penalty notice; None for others, and where it was not stored."""

    @property
    def is_open(self) -> bool:
        """Whether it has not come to its end."""
        return self.status in {"opened", "charged"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as the threshold opened it and as it was closed. `sessions`: the ten of the crossing; `counting`: all that count."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    status: str
    opened_on: date
    run_id: UUID
    policy: str
    threshold: str
    met_on: date
    met_session: Half
    window_from: date
    window_to: date
    sessions: tuple[Session, ...]
    counting: tuple[Session, ...]
    counts: dict[str, int]
    holiday: bool
    holiday_from: date | None
    holiday_to: date | None
    earliest_time_bar: date
    findings: Findings
    closed_on: date | None = None
    outcome: str | None = None
    set_aside_to: date | None = None
    by_hand: bool = False
    """A person opened it: its run is its own, and thresholds knows nothing of it."""
    opening_reason: str | None = None
    opened_by: str | None = None
    opened_by_role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile(Case):
    """A case with everything that a rule may ask about it. `as_of`: the day on which it is judged."""

    as_of: date
    ended_for_all: bool = False
    """Closed at a time when a case ended for all its parents at once."""
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
    warned_elsewhere: frozenset[UUID] = frozenset()
    """Parents to whom a Notice to Improve is running in another case of the child."""
    changed: frozenset[SchoolSession] = frozenset()
    """Sessions whose mark was amended since they were judged, or which are none of the pupil's any more."""
