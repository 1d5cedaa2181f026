"""The shapes of requests and responses."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notifications.domain import court_files
from services.notifications.domain.letters import Kind, Status
from services.notifications.repository import ProofRow
from services.notifications.use_cases.letters.read import LetterDetail
from shared.http.types import Reason
from shared.problems import Invalid


class Shown(BaseModel):
    """A response that is made from a row."""

    model_config = ConfigDict(from_attributes=True)


class LetterShown(Shown):
    """A letter: about which notice, to whom, and how far it has come. `received_on` is deemed receipt and may lie ahead.

    `misdated_on`: when it was found that the letter went out with a day on it, `made_on`, that lay ahead.
    """

    id: UUID
    kind: Kind
    about: UUID
    parent_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    channel: str
    status: Status
    made_on: date | None
    posted_on: date | None
    received_on: date | None
    returned_on: date | None
    misdated_on: date | None
    last_error: str | None = Field(serialization_alias="trouble")


class CourtFileShown(Shown):
    """A court file that rests on the notice: how far it has come and since when; `outcome`: the verdict, or why it was given up."""

    id: UUID
    status: court_files.Status
    since: date
    outcome: str | None


class DateDecision(Shown):
    """What a named person decided about a letter that bears a wrong date: whether a correcting letter goes out, and why."""

    corrects: bool
    reason: str
    decided_by: str
    decided_by_role: str


class LetterInFull(LetterShown):
    """A letter with its proofs of serving, what became of its notice in court, and what was decided about a wrong date on it."""

    proofs: Sequence[ProofRow] = ()
    court_files: Sequence[CourtFileShown] = ()
    date_decision: DateDecision | None = None

    @classmethod
    def of(cls, detail: LetterDetail) -> Self:
        """Return a letter with its proofs."""
        return cls.model_validate(detail.letter).model_copy(
            update={
                "proofs": detail.proofs,
                "court_files": [CourtFileShown.model_validate(each) for each in detail.court_files],
                "date_decision": detail.date_decision and DateDecision.model_validate(detail.date_decision),
            }
        )


class RetryIn(BaseModel):
    """What was put right, so that a failed letter can be made afresh."""

    reason: Reason


class DateDecisionIn(BaseModel):
    """Whether a correcting letter goes out about a wrong date on a letter, and why."""

    corrects: bool
    reason: Reason


class SchoolMessage(Shown):
    """A message to a school."""

    id: UUID
    kind: str
    about: UUID
    urn: int
    pupil_id: UUID
    facts: Mapping[str, object]
    sent_at: datetime = Field(serialization_alias="told_at")


class ReturnedLetter(BaseModel):
    """GOV.UK Notify's message about a letter that the post brought back."""

    notification_id: UUID

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Return the message of a raw body; raise Invalid where it is not of this shape."""
        try:
            return cls.model_validate_json(raw)
        except ValidationError:
            raise Invalid("A message about a returned letter names its notification_id.") from None
