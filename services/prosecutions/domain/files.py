"""The life of a court file, and when it may be charged."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from services.prosecutions.domain import evidence
from services.prosecutions.domain.gates import Gate, GateAnswer, gates_of
from services.prosecutions.domain.holds import Cause, Hold
from services.prosecutions.domain.limits import time_limits
from shared.law import Law

Status = Literal["draft", "charged", "concluded", "withdrawn", "stopped"]
Verdict = Literal[
    "no-evidence-offered", "not-guilty", "guilty-plea", "guilty-in-absence", "guilty-after-trial", "absolute-discharge",
]  # fmt: skip

TRANSITIONS: dict[tuple[Status, Status], str] = {
    ("draft", "charged"): "an officer charges",
    ("draft", "stopped"): "paid, or the notice is withdrawn",
    ("draft", "withdrawn"): "an officer gives it up",
    ("charged", "withdrawn"): "an officer gives it up",
    ("charged", "concluded"): "the court decides",
}
"""Every way from one state to another, with what brings it about."""


@dataclass(frozen=True, slots=True)
class CourtFile:
    """A court file against one parent. `outcome`: the verdict, or why the file was given up or stopped."""

    id: UUID
    offence: evidence.Offence
    status: Status
    held: bool
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    notice_id: UUID | None
    decision_id: UUID | None
    notice: evidence.OverdueNotice | None
    improvement_notices: tuple[evidence.ImprovementNotice, ...]
    sessions: tuple[evidence.ReliedOnSession, ...]
    safe_limit: date
    outer_limit: date
    findings: tuple[evidence.PublishedFinding, ...]
    opened_on: date
    charged_on: date | None = None
    charged_sessions: tuple[evidence.ReliedOnSession, ...] | None = None
    ended_on: date | None = None
    outcome: str | None = None
    orders: tuple[str, ...] | None = None

    @property
    def is_open(self) -> bool:
        """Return whether the file is a draft or charged."""
        return self.status in ("draft", "charged")

    @property
    def gates_to_answer(self) -> tuple[Gate, ...]:
        """Return the questions to be answered before a charge."""
        return gates_of(self.offence, notice=self.notice_id is not None)

    @property
    def proofs(self) -> tuple[evidence.NamedProof, ...]:
        """Return the proofs of serving: of the penalty notice, if any, and of the Notices to Improve before it."""
        own = [evidence.NamedProof.of(f"Penalty notice {self.notice.reference}", self.notice.served)] if self.notice else []
        return (*own, *(evidence.NamedProof.of("Notice to Improve", each.served) for each in self.improvement_notices if each.served))

    @property
    def notice_ids(self) -> tuple[UUID, ...]:
        """Return the penalty notices that the file is based on."""
        return (self.notice_id,) if self.notice_id else ()

    def is_named_in(self, ids: Collection[UUID]) -> bool:
        """Return whether the id of the file, or of its notice, is among these."""
        return self.id in ids or self.notice_id in ids

    def relies_on_any(self, sessions: Collection[tuple[int, date, str]]) -> bool:
        """Return whether the file relies on a mark of one of these sessions, whatever its version."""
        return any((each.urn, each.date, each.session) in sessions for each in self.sessions)

    def relies_on_earlier(self, urn: int, day: date, session: str, version: int) -> bool:
        """Return whether the file relies on an earlier version of this mark."""
        return any((each.urn, each.date, each.session) == (urn, day, session) and each.version < version for each in self.sessions)


def draft(
    file_id: UUID,
    case: evidence.Case,
    parent_id: UUID,
    opened_on: date,
    law: Law,
    *,
    notice: evidence.OverdueNotice | None = None,
    notice_id: UUID | None = None,
    decision_id: UUID | None = None,
) -> CourtFile:
    """Return a new file against one parent: on an unpaid notice, or on the decision that agreed to a direct referral."""
    ordered = tuple(sorted(case.sessions, key=lambda each: (each.date, each.session, each.urn)))
    limits = time_limits((each.date for each in ordered), law)
    return CourtFile(
        id=file_id,
        offence="s103" if notice and notice.kind == "excluded-pupil-notice" else "s444",
        status="draft",
        held=False,
        case_id=case.case_id,
        pupil_id=case.pupil_id,
        parent_id=parent_id,
        urn=case.urn,
        la_code=case.la_code,
        notice_id=notice_id,
        decision_id=decision_id,
        notice=notice,
        improvement_notices=case.improvement_notices,
        sessions=ordered,
        safe_limit=limits.safe_limit,
        outer_limit=limits.outer_limit,
        findings=(*case.findings, *(each.as_json() for each in limits.findings)),
        opened_on=opened_on,
    )


@dataclass(frozen=True, slots=True)
class NoticeState:
    """What later events stored about a penalty notice: whether it ended, and how it was served since."""

    discharged: bool = False
    withdrawn_on: date | None = None
    received_on: date | None = None
    returned_on: date | None = None
    due_revision: int = 0
    payable_until: date | None = None
    """The last day to pay of a notice that was overdue too early, until it falls due again."""

    @property
    def ended(self) -> bool:
        """Return whether the notice is paid in full or withdrawn."""
        return self.discharged or self.withdrawn_on is not None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands between a file and a charge."""

    what: str
    why: str


def sources(to: Status) -> tuple[Status, ...]:
    """Return the states from which a file may come to `to`."""
    return tuple(start for start, end in TRANSITIONS if end == to)


def acquits(verdict: Verdict) -> bool:
    """Return whether the court acquitted: then the notice counts no more for the cap."""
    return verdict in ("not-guilty", "no-evidence-offered")


def obstacles_to_charge(
    file: CourtFile,
    answers: Mapping[str, GateAnswer],
    holds: Sequence[Hold],
    notice_ended: bool,
    charged_on: date,
    today: date,
) -> list[Obstacle]:
    """Return all that forbids a charge on `charged_on`; an empty list allows it.

    Every gate is answered by a named officer and none adversely (Education Act 1996 s.447(1); Code for Crown Prosecutors), nothing
    holds the file, the notice is not paid (s.444A: payment discharges liability), and at least one session is in time (s.127).
    """
    found = [Obstacle(gate.id, "not answered") for gate in file.gates_to_answer if gate.id not in answers]
    found += [
        Obstacle(gate.id, "answered against the case")
        for gate in file.gates_to_answer
        if gate.id in answers and answers[gate.id].answer != gate.opens
    ]
    found += [Obstacle("hold", each.cause) for each in holds if each.cleared_on is None]
    if notice_ended:
        found.append(Obstacle("paid", "the notice is paid in full"))
    if charged_on > file.outer_limit:
        found.append(Obstacle("time-bar", f"the last day for any of the sessions was {file.outer_limit}"))
    if charged_on > today:
        found.append(Obstacle("charged_on", "this day lies ahead"))
    if charged_on < file.opened_on:
        found.append(Obstacle("charged_on", f"the file was opened on {file.opened_on}"))
    return found


def changed_serving(file: CourtFile, state: NoticeState) -> Cause | None:
    """Return the cause of a hold where the notice is not overdue or was received later than the file states, or its letter came back.

    None where nothing of this is so.

    Proceedings may not be begun before the period for paying has ended (SI 2007/1867 reg. 7), and that begins with receipt, which
    a returned letter rebuts (Interpretation Act 1978 s.7).
    """
    if file.notice is None:
        return None
    if state.returned_on:
        return Cause("The letter came back: that the notice was received is no longer presumed", f"returned {state.returned_on}")
    if state.payable_until:
        return Cause(f"The notice is not overdue: it may be paid until {state.payable_until}", f"payable {state.due_revision}")
    if state.received_on and state.received_on > file.notice.served.received_on:
        return Cause(f"The notice was received later than was known, on {state.received_on}", f"received {state.received_on}")
    return None
