"""The shapes of requests and responses."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.evidence import ImprovementNotice, NamedProof, Offence, OverdueNotice, PublishedFinding, ReliedOnSession
from services.prosecutions.domain.files import Status, Verdict
from services.prosecutions.domain.gates import Answer, Gate, GateAnswer
from services.prosecutions.domain.holds import Hold
from services.prosecutions.domain.limits import Limits
from services.prosecutions.use_cases.files import FileDetail
from shared.attendance.sessions import Half
from shared.http.types import Reason

Order = Literal[
    "fine", "community-order", "custody", "suspended-sentence", "deferred-sentence", "parenting-order", "supervision-order-direction",
    "costs", "surcharge",
]  # fmt: skip
Ground = Literal["paid", "evidence", "public-interest", "time-barred", "other"]


SchoolDay = Annotated[date, Field(ge=date(1996, 11, 1), le=date(2199, 12, 31))]
"""A day under the Education Act 1996."""


class SessionIn(BaseModel):
    """A session."""

    date: SchoolDay
    session: Half


class LimitsIn(BaseModel):
    """The sessions whose time limits are asked for."""

    sessions: Annotated[list[SessionIn], Field(min_length=1, max_length=2000)]


class LimitsOut(BaseModel):
    """Last days for a charge: for every session, and for the latest of them."""

    safe_limit: date
    outer_limit: date
    findings: list[PublishedFinding]

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """Return limits as they are shown."""
        return cls(safe_limit=limits.safe_limit, outer_limit=limits.outer_limit, findings=[each.as_json() for each in limits.findings])


class FileShown(BaseModel):
    """A file in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    offence: Offence
    status: Status
    held: bool
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    urn: int
    la_code: str
    notice_ids: tuple[UUID, ...]
    safe_limit: date
    outer_limit: date
    opened_on: date
    charged_on: date | None
    ended_on: date | None
    outcome: str | None


class GateOut(BaseModel):
    """A question and the latest answer to it; null: not answered yet."""

    id: str
    question: str
    reference: str
    opens: Answer
    answer: Answer | None
    reason: str | None
    answered_by: str | None
    answered_on: date | None

    @classmethod
    def of(cls, gate: Gate, given: GateAnswer | None) -> Self:
        """Return a gate with its answer, if any."""
        return cls(
            id=gate.id,
            question=gate.question,
            reference=gate.reference,
            opens=gate.opens,
            answer=given.answer if given else None,
            reason=given.reason if given else None,
            answered_by=given.answered_by if given else None,
            answered_on=given.answered_on if given else None,
        )


class FileOut(FileShown):
    """A file with its evidence, chronology, gates and holds."""

    sessions: tuple[ReliedOnSession, ...]
    charged_sessions: tuple[ReliedOnSession, ...] | None
    notice: OverdueNotice | None
    improvement_notices: tuple[ImprovementNotice, ...]
    orders: tuple[str, ...] | None
    findings: tuple[PublishedFinding, ...]
    proofs: tuple[NamedProof, ...]
    chronology: list[Step] = []
    gates: list[GateOut] = []
    holds: list[Hold] = []

    @classmethod
    def of(cls, detail: FileDetail) -> Self:
        """Return a file with all that belongs to it."""
        gates = [GateOut.of(gate, given) for gate, given in detail.gates]
        parts = {"chronology": detail.chronology, "gates": gates, "holds": detail.holds}
        return cls.model_validate(detail.file).model_copy(update=parts)


class AnswerIn(BaseModel):
    """An officer's answer to a gate."""

    answer: Answer
    reason: Reason


class ChargeIn(BaseModel):
    """The day on which the charge was brought."""

    charged_on: date


class OutcomeIn(BaseModel):
    """What the court decided, and what it ordered."""

    outcome: Verdict
    orders: Annotated[list[Order], Field(max_length=20)] = []
    concluded_on: date


class WithdrawalIn(BaseModel):
    """Why a file is given up: a ground that is published, and the reason, which stays with the file."""

    ground: Ground = "other"
    reason: Reason


class ClearanceIn(BaseModel):
    """Why a held file may go on."""

    reason: Reason
