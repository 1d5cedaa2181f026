"""Cases, out."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator

from services.penalties.case_file.domain.holds import MarkChange, ReturnedLetter
from services.penalties.case_file.domain.liability import Basis, ParentBy
from services.penalties.case_file.domain.matters import ByWhom, MatterOutcome, Stage, What
from services.penalties.case_file.schemas import Findings, SessionOut, Shown, SpanOut
from services.penalties.decisions.schemas import AgreementOut, DecisionOut
from services.penalties.liability.schemas import LiabilityRecordOut
from shared.attendance.sessions import Half

CaseStatus = Literal["open", "closed"]


class SlotOut(Shown):
    """A session: a date and `AM` or `PM`."""

    date: date
    session: Half


class CaseSummary(Shown):
    """A case in a list. `by_hand`: a person opened it; `threshold` is `below` where it is not met."""

    id: UUID
    pupil_id: UUID
    upn: str | None
    urn: int
    la_code: str
    status: CaseStatus
    outcome: str | None
    opened_on: date
    closed_on: date | None
    threshold: Literal["met", "withdrawn", "below"]
    policy: str
    met_at: SlotOut
    holiday: bool
    count: int
    earliest_time_bar: date
    by_hand: bool


class CaseStatusOut(Shown):
    """What a school's system reads of a case in a list: no names, no reasons."""

    id: UUID
    upn: str | None
    urn: int
    status: CaseStatus


class StageOut(Shown):
    """How far a case has come with one parent."""

    parent_id: UUID
    stage: Stage


class CaseStagesOut(CaseStatusOut):
    """What a school's system reads of a case: no names, no reasons."""

    stages: list[StageOut]


class CountingSessionOut(SessionOut):
    """A counting session; `set_aside`: a notice relies on it only with a reason."""

    set_aside: bool = False


class ActionOut(Shown):
    """One step, and why it is not possible now."""

    action: str
    allowed: bool
    why_not: str | None


class NextStepOut(Shown):
    """What comes next, by whom, and the day by which or on which, where one is stored."""

    what: What
    by_whom: ByWhom
    due_on: date | None


class MatterOut(Shown):
    """How far one parent's matter has come, how it ended, and the steps possible in it. `provisional`: the verdict may be appealed against."""

    id: UUID
    stage: Stage
    outcome: MatterOutcome | None
    provisional: bool
    ended_on: date | None
    next: NextStepOut | None
    actions: list[ActionOut]


class ParentOut(Shown):
    """A contact of the pupil; the name is null while registers cannot be asked. `open_match`: no notice may be issued to them yet.

    `parent_by`: what makes them a parent in law; null: nothing recorded shows it, and nothing is decided about them or issued to them.
    `basis`: whether they allowed the absence of this case. `liability_basis`: what a school's system sent as making them a parent.
    `matter`: null for someone who is no parent in law, or became one when the case was closed and its time bar had passed.
    """

    id: UUID
    name: str | None
    relationship: str | None
    lives_with_pupil: bool | None
    open_match: bool
    parent_by: ParentBy | None
    basis: Basis | None
    liability_basis: str | None
    matter: MatterOut | None


class CaseNotice(Shown):
    """A notice of the case, in short."""

    id: UUID
    kind: str
    parent_id: UUID
    status: str
    held: bool
    issued_on: date
    reference: str | None = None
    served_on: date | None = None
    ends_on: date | None = None
    tier: str | None = None
    early_pence: int | None = None
    full_pence: int | None = None
    paid_pence: int | None = None
    final_deadline: date | None = None


def _change(change: MarkChange | ReturnedLetter) -> dict[str, object]:
    """Return what changed; a mark that is not lost has no `lost`."""
    return {name: value for name, value in asdict(change).items() if name != "lost" or value}


class HoldOut(Shown):
    """What stopped a notice, and who cleared it."""

    id: UUID
    about: UUID
    about_kind: str
    cause: str
    change: Annotated[dict[str, object], BeforeValidator(_change)]
    held_on: date
    cleared_on: date | None
    cleared_by: str | None
    cleared_by_role: str | None
    cleared_reason: str | None


class RecordedPupilOut(Shown):
    """The pupil as one school records them; by a roll entry that waits for an officer, or was refused, the school reaches nothing."""

    urn: int
    forename: str
    surname: str
    date_of_birth: date
    claim: Literal["accepted", "waiting", "confirmed", "refused"]


class PupilDifferenceOut(Shown):
    """In what schools record the pupil differently. What counted before counts until an officer decides; a school sees `differing` alone."""

    id: UUID
    differing: list[Literal["forename", "surname", "date_of_birth"]]
    schools: list[RecordedPupilOut]


class OtherCaseOut(Shown):
    """Another open case of the child, which the caller may see: each run of the threshold has a case of its own."""

    id: UUID
    urn: int
    met_at: SlotOut
    status: CaseStatus


class CaseOut(CaseSummary):
    """A case with everything that was decided and done in it. `sessions`: the ten of the crossing; `counting`: all that count."""

    opening_reason: str | None
    """Why a person opened the case; null where the threshold did."""
    opened_by: str | None
    opened_by_role: str | None
    pupil_name: str | None
    pupil_difference: PupilDifferenceOut | None
    window: SpanOut
    sessions: list[SessionOut]
    counting: list[CountingSessionOut]
    counts: dict[str, int]
    holiday_period: SpanOut | None
    findings: Findings
    parents: list[ParentOut]
    liability: list[LiabilityRecordOut]
    """What people recorded of who is a parent and who allowed the absence, oldest first; the last word holds."""
    decisions: list[DecisionOut]
    agreement: AgreementOut | None
    """The authority's last word."""
    agreements: list[AgreementOut]
    notices: list[CaseNotice]
    held: bool
    holds: list[HoldOut]
    actions: list[ActionOut]
    other_cases: list[OtherCaseOut]
