"""What `penalties` publishes: cases, decisions, notices, payments."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event, Findings, Part, Period, RelianceSession

NoticeKind = Literal["notice-to-improve", "penalty-notice", "excluded-pupil-notice"]
Tier = Literal["first", "second", "flat"]
Decision = Literal["support", "notice-to-improve", "penalty-notice", "prosecution", "no-action"]


class ServedNotice(Part):
    """How and when a notice reached the parent."""

    notice_id: UUID
    method: str
    posted_on: date
    received_on: date
    proof_id: UUID


class ImprovementHistory(Part):
    """A Notice to Improve that came before. `parent_id` null: to the parent whom the event is about."""

    notice_id: UUID
    parent_id: UUID | None = None
    issued_on: date
    served: ServedNotice | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    outcome: str | None = None
    outcome_on: date | None = None


class DecisionTaken(Part):
    """A step in the case, for the chronology (the reasons stay with penalties). Without `parent_ids` it concerns every parent."""

    on: date
    what: str
    by_role: str
    parent_ids: tuple[UUID, ...] = ()


class CaseOpened(Event):
    """The duty to consider: a case was opened for a pupil who met the threshold, or by hand by a person (`by_hand`, with a run of its own).

    With a revision after the first it was opened again.
    """

    topic, name, key_field = "penalties", "case-opened", "pupil_id"

    case_id: UUID
    run_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    opened_on: date
    by_hand: bool = False
    revision: int = 1
    """Of the case: counted over its openings and closings."""


class ParentLiability(Part):
    """What makes somebody a parent of the pupil (Education Act 1996 s.576), and whether they allowed the absence; null where nobody recorded it."""

    parent_id: UUID
    parent_by: Literal["birth", "parental-responsibility", "care"] | None = None
    basis: Literal["allowed", "could-have-prevented"] | None = None


class CaseDecided(Event):
    """A named person decided on a case (`stage` decision), or the authority agreed or declined (`stage` agreement).

    An agreement with recommendation "prosecution" is what opens a court file without a penalty notice; it carries the evidence and,
    for the chronology, what came before. `liability`: what is recorded of each of its parents when this is published.
    """

    topic, name, key_field = "penalties", "case-decided", "pupil_id"

    decision_id: UUID
    case_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    stage: Literal["decision", "agreement"]
    decision: Decision | None = None
    agreed: bool | None = None
    recommendation: Literal["penalty-notice", "prosecution", "neither"] | None = None
    parent_ids: tuple[UUID, ...] = ()
    decided_on: date
    decided_by_role: str
    sessions: tuple[RelianceSession, ...] = ()
    improvement_notices: tuple[ImprovementHistory, ...] = ()
    decisions: tuple[DecisionTaken, ...] = ()
    liability: tuple[ParentLiability, ...] = ()
    findings: Findings = ()


class CaseClosed(Event):
    """A case ended. `set_aside_to`: closed without a penalty notice or charge, so counting sessions up to that day raise no alert.

    But for those that the run of another open case of the child holds, which `thresholds` knows.
    """

    topic, name, key_field = "penalties", "case-closed", "pupil_id"

    case_id: UUID
    run_id: UUID
    pupil_id: UUID
    outcome: Literal["no-action", "improved", "paid", "withdrawn", "court"]
    closed_on: date
    set_aside_to: date | None = None
    revision: int = 2
    """Of the case: counted over its openings and closings."""


class NoticeIssued(Event):
    """A notice to one parent about one child was issued; its letter has yet to be served.

    The words of the letter are asked from `penalties` and the addresses from `registers` when it is made.
    """

    topic, name, key_field = "penalties", "notice-issued", "pupil_id"

    notice_id: UUID
    kind: NoticeKind
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    sessions: tuple[RelianceSession, ...]
    issued_on: date
    reference: str | None = None
    offence: Period | None = None
    main_reason: Literal["holiday", "late", "other"] | None = None
    tier: Tier | None = None
    early_pence: int | None = None
    full_pence: int | None = None
    findings: Findings = ()


class ImprovementEnded(Event):
    """A named person recorded the outcome of a Notice to Improve."""

    topic, name, key_field = "penalties", "improvement-ended", "pupil_id"

    notice_id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    outcome: Literal["met", "failed", "failed-early", "cancelled"]
    ended_on: date


class PaymentReceived(Event):
    """Money for a notice arrived. `counted_on` is the London date that decides the rate; `discharged`: the notice is paid."""

    topic, name, key_field = "penalties", "payment-received", "pupil_id"

    notice_id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    payment_id: str
    amount_pence: int
    counted_on: date
    paid_pence: int
    due_pence: int
    """Still to be paid, on `counted_on`, after this payment."""
    discharged: bool
    revision: int


class PaymentOverdue(Event):
    """A penalty notice was not paid in full by its last day: everything a court file needs."""

    topic, name, key_field = "penalties", "payment-overdue", "pupil_id"

    notice_id: UUID
    kind: NoticeKind
    reference: str
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    offence: Period
    sessions: tuple[RelianceSession, ...]
    issued_on: date
    served: ServedNotice
    tier: Tier
    early_pence: int
    full_pence: int
    early_deadline: date
    final_deadline: date
    overdue_from: date
    paid_pence: int
    improvement_notices: tuple[ImprovementHistory, ...] = ()
    decisions: tuple[DecisionTaken, ...] = ()
    findings: Findings = ()
    revision: int | None = None
    """Of the notice; null: published before notices had one for this."""


class NoticeChanged(Event):
    """A penalty notice that was overdue is not: its last day to pay was found to lie ahead. It falls due again by `payment-overdue`.

    `why` date: it was judged by a date that was wrong; receipt: it was received later than was known.
    """

    topic, name, key_field = "penalties", "notice-changed", "pupil_id"

    notice_id: UUID
    kind: NoticeKind
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    status: Literal["issued", "served", "paid", "overdue", "withdrawn"]
    held: bool
    sessions: tuple[RelianceSession, ...]
    early_deadline: date | None = None
    final_deadline: date | None = None
    due_pence: int
    """Still to be paid on the day on which this was published."""
    paid_pence: int
    why: Literal["date", "receipt"]
    revision: int


class NoticeWithdrawn(Event):
    """A notice was withdrawn. `restores`: the ground allows a new notice, so its sessions may count again."""

    topic, name, key_field = "penalties", "notice-withdrawn", "pupil_id"

    notice_id: UUID
    kind: NoticeKind
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    ground: Literal["outside-code", "wrong-person", "material-error", "no-proceedings"]
    withdrawn_on: date
    restores: bool
