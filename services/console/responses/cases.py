"""Cases, notices, letters and court files, from penalties, prosecutions, notifications and thresholds."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.console.responses.values import Finding, Period, ServiceResponse, Session
from shared.attendance.sessions import Half

OTHER_ROLE = "This needs another role."
"""Why a service refuses an action, in its words, to whoever it can never be for."""


class CaseSummary(ServiceResponse):
    """A case in a list."""

    id: UUID
    pupil_id: UUID
    upn: str | None
    urn: int
    la_code: str
    status: str
    outcome: str | None = None
    opened_on: date
    closed_on: date | None = None
    threshold: str
    met_at: Session
    holiday: bool
    count: int
    earliest_time_bar: date
    by_hand: bool = False


class RecordedPupil(ServiceResponse):
    """The pupil as one school records them."""

    urn: int
    forename: str
    surname: str
    date_of_birth: date
    claim: str


class PupilDifference(ServiceResponse):
    """In what schools record the pupil differently, until an officer decides."""

    id: UUID
    differing: list[str]
    schools: list[RecordedPupil]


class LiabilityRecord(ServiceResponse):
    """What a named person recorded of a parent, or, with a reason, that it was wrong."""

    parent_id: UUID
    parent_by: str | None
    basis: str | None
    shown_by: str | None
    withdrawal_reason: str | None
    on: date = Field(alias="recorded_on")
    by: str = Field(alias="recorded_by")
    role: str = Field(alias="recorded_by_role")


class Decision(ServiceResponse):
    """What a named person decided, and why."""

    decision: str
    parent_ids: list[UUID]
    reason: str
    no_improvement_notice_reason: str | None
    on: date = Field(alias="decided_on")
    at: datetime = Field(alias="decided_at")
    by: str = Field(alias="decided_by")
    role: str = Field(alias="decided_by_role")


class Agreement(ServiceResponse):
    """The authority's response to a request for its agreement."""

    agreed: bool
    recommendation: str
    reason: str
    on: date = Field(alias="agreed_on")
    at: datetime = Field(alias="agreed_at")
    by: str = Field(alias="agreed_by")
    role: str = Field(alias="agreed_by_role")


class CaseNotice(ServiceResponse):
    """A notice of a case, in short."""

    id: UUID
    kind: str
    parent_id: UUID
    status: str
    issued_on: date


class ImprovementNoticeSummary(ServiceResponse):
    """A Notice to Improve in a list."""

    id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    status: str
    held: bool
    issued_on: date
    served_on: date | None
    starts_on: date | None
    ends_on: date | None


class ImprovementNotice(ImprovementNoticeSummary):
    """A Notice to Improve."""

    issued_by: str | None = None
    ended_on: date | None = None
    outcome_reason: str | None
    ended_by: str | None
    sessions_since_service: list[Session]
    findings: list[Finding]


class PenaltyNoticeSummary(ServiceResponse):
    """A penalty notice in a list; amounts in pence."""

    id: UUID
    reference: str
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    status: str
    held: bool
    tier: str
    early_pence: int
    full_pence: int
    offence: Period
    main_reason: str
    issued_on: date
    received_on: date | None
    early_deadline: date | None
    final_deadline: date | None
    due_pence: int
    paid_pence: int


class PenaltyNotice(PenaltyNoticeSummary):
    """A penalty notice."""

    sessions: list[Session]
    issued_by: str
    paid_on: date | None
    withdrawn_on: date | None
    withdrawal_ground: str | None = None
    findings: list[Finding]


class HoldChange(ServiceResponse):
    """What caused a hold: a changed mark, or a mark that no longer counts (`lost`), or a letter that came back."""

    on: date | None = Field(default=None, alias="date")
    session: Half | None = None
    previous_code: str | None = None
    code: str | None = None
    lost: str | None = None
    returned_on: date | None = None


class Hold(ServiceResponse):
    """Something that stops a notice until an officer clears it."""

    about: UUID
    cause: str
    change: HoldChange
    held_on: date | None = None
    cleared_on: date | None = None
    cleared_by: str | None = None
    cleared_reason: str | None = None


class Permission(ServiceResponse):
    """Whether an action is allowed now, or why not."""

    action: str
    allowed: bool
    why_not: str | None = None

    @property
    def other_role(self) -> bool:
        """Return whether the action can never be this person's: what stands in its way is their role."""
        return self.why_not == OTHER_ROLE


class NextStep(ServiceResponse):
    """What comes next in a matter, by whom and by when."""

    what: str
    by_whom: str
    due_on: date | None = None


class Matter(ServiceResponse):
    """How far a case has come with one parent, how it ended, what comes next, and the steps possible now."""

    stage: str
    outcome: str | None = None
    provisional: bool = False
    ended_on: date | None = None
    next: NextStep | None = None
    actions: tuple[Permission, ...] = ()

    @property
    def permissions(self) -> dict[str, Permission]:
        """Return the permissions by the name of the action."""
        return {each.action: each for each in self.actions}


class Parent(ServiceResponse):
    """A parent of the pupil; without a name where registers did not respond."""

    id: UUID
    name: str | None = None
    relationship: str | None = None
    lives_with_pupil: bool | None = None
    open_match: bool = False
    parent_by: str | None = None
    basis: str | None = None
    liability_basis: str | None = None
    matter: Matter | None = None


class OpenedCase(ServiceResponse):
    """A case that was opened by hand."""

    id: UUID


class OtherCase(ServiceResponse):
    """Another open case of the child."""

    id: UUID
    urn: int
    met_at: Session


class Case(CaseSummary):
    """A case with everything that was decided and issued in it."""

    opening_reason: str | None = None
    opened_by: str | None = None
    pupil_name: str | None
    pupil_difference: PupilDifference | None = None
    window: Period
    sessions: list[Session]
    counting: list[Session]
    holiday_period: Period | None = None
    parents: list[Parent]
    liability: list[LiabilityRecord]
    decisions: list[Decision]
    agreements: list[Agreement]
    notices: list[CaseNotice]
    held: bool
    holds: list[Hold]
    actions: list[Permission]
    findings: list[Finding]
    other_cases: tuple[OtherCase, ...] = ()

    @property
    def names(self) -> dict[UUID, str]:
        """Return the parents' names by id, numbered where a name is missing."""
        return {parent.id: parent.name or f"Parent {number}" for number, parent in enumerate(self.parents, start=1)}

    @property
    def rulings(self) -> list[Decision | Agreement]:
        """Return the decisions and the authority's agreements or refusals, in order of time."""
        return sorted([*self.decisions, *self.agreements], key=lambda each: each.at)

    @property
    def permissions(self) -> dict[str, Permission]:
        """Return the permissions by the name of the action."""
        return {each.action: each for each in self.actions}


class DateDecision(ServiceResponse):
    """What an officer decided about a letter that bears a wrong date: whether a correcting letter goes out, and why."""

    corrects: bool
    reason: str
    decided_by: str


class Letter(ServiceResponse):
    """A letter as sent; `error`: why it was not; `misdated_on`: when it was found that it went out with a day that lay ahead."""

    id: UUID
    about: UUID
    kind: str
    parent_id: UUID
    pupil_id: UUID
    urn: int
    status: str
    made_on: date | None = None
    posted_on: date | None = None
    misdated_on: date | None = None
    date_decision: DateDecision | None = None
    error: str | None = Field(default=None, alias="trouble")


class FileSummary(ServiceResponse):
    """A court file in a list."""

    id: UUID
    status: str
    held: bool
    offence: str
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    safe_limit: date
    outer_limit: date
    opened_on: date
    charged_on: date | None
    ended_on: date | None
    outcome: str | None


class ChronologyEntry(ServiceResponse):
    """A dated fact of a file."""

    on: date
    what: str
    by: str | None


class Gate(ServiceResponse):
    """A question that a named officer answers before a charge; any answer but `opens` is adverse."""

    question: str
    reference: str
    opens: str
    answer: str | None
    reason: str | None
    answered_by: str | None
    answered_on: date | None


class File(FileSummary):
    """A court file."""

    sessions: list[Session]
    chronology: list[ChronologyEntry]
    findings: list[Finding]
    gates: list[Gate]


class FlaggedMark(Session):
    """A mark that is stored and does not count."""

    why: str


class SchoolMark(ServiceResponse):
    """The code that one school recorded."""

    urn: int
    code: str


class Disagreement(ServiceResponse):
    """Two schools' marks for one session of which not all count."""

    date: date
    session: Half
    marks: list[SchoolMark]


class Threshold(ServiceResponse):
    """A pupil's threshold, with what explains it."""

    pupil_id: UUID
    upn: str
    status: Literal["below", "approaching", "met"]
    count: int
    count_with_unresolved_n: int | None
    met_at: Session | None
    window: Period | None
    sessions: list[Session]
    counting: list[Session]
    holiday: bool
    flagged: list[FlaggedMark]
    disagreements: list[Disagreement]
    findings: list[Finding]
