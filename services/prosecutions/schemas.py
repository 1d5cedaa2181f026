"""The shapes of requests and answers."""

from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.prosecutions.domain import Answer, Limits, Offence, Status, Verdict
from services.prosecutions.use_cases import FileDetail
from services.prosecutions.use_cases.bundle import proofs_of
from shared.attendance.sessions import Half

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]*$")]
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
    findings: list[dict[str, Any]]

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """Show limits."""
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
    notice_id: UUID | None = Field(default=None, exclude=True)
    safe_limit: date
    outer_limit: date
    opened_on: date
    charged_on: date | None
    ended_on: date | None
    outcome: str | None
    notice_ids: list[UUID] = []

    def model_post_init(self, _context: object) -> None:
        """Show the notice as the list that the public contract has."""
        if self.notice_id:
            self.notice_ids = [self.notice_id]


class StepOut(BaseModel):
    """A step of the chronology."""

    model_config = ConfigDict(from_attributes=True)

    on: date
    what: str
    by: str | None


class GateOut(BaseModel):
    """A question and the latest answer to it; null: not answered yet."""

    id: str
    question: str
    reference: str
    opens: Answer
    answer: Answer | None = None
    reason: str | None = None
    answered_by: str | None = None
    answered_on: date | None = None


class HoldOut(BaseModel):
    """What holds or held a file."""

    model_config = ConfigDict(from_attributes=True)

    cause: str
    held_on: date
    cleared_on: date | None
    cleared_by: str | None
    cleared_reason: str | None


class FileOut(FileShown):
    """A file with all that belongs to it."""

    sessions: list[dict[str, Any]]
    charged_sessions: list[dict[str, Any]] | None
    notice: dict[str, Any] | None
    improvement_notices: list[dict[str, Any]]
    orders: list[str] | None
    findings: list[dict[str, Any]]
    proofs: list[dict[str, Any]] = []
    chronology: list[StepOut] = []
    gates: list[GateOut] = []
    holds: list[HoldOut] = []

    @classmethod
    def of(cls, detail: FileDetail) -> Self:
        """Put a file and its parts together."""
        gates = [
            GateOut(
                id=gate.id,
                question=gate.question,
                reference=gate.reference,
                opens=gate.opens,
                answer=answer.answer if answer else None,
                reason=answer.reason if answer else None,
                answered_by=answer.answered_by if answer else None,
                answered_on=answer.answered_on if answer else None,
            )
            for gate, answer in detail.gates
        ]
        parts = {
            "proofs": proofs_of(detail.file),
            "chronology": [StepOut.model_validate(each) for each in detail.chronology],
            "gates": gates,
            "holds": [HoldOut.model_validate(each) for each in detail.holds],
        }
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
    orders: list[Order] = []
    concluded_on: date


class WithdrawalIn(BaseModel):
    """Why a file is given up: a word for others, and the reason for the file."""

    ground: Ground = "other"
    reason: Reason


class ClearanceIn(BaseModel):
    """Why a held file may go on."""

    reason: Reason
