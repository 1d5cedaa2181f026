"""The shapes of requests and answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from services.notifications.domain import Kind, Status
from shared.problems import Invalid


class Shown(BaseModel):
    """Something that is read from rows."""

    model_config = ConfigDict(from_attributes=True)


class LetterShown(Shown):
    """A letter: about which notice, to whom, and how far it has come. `received_on` is deemed receipt and may lie ahead."""

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
    trouble: str | None


class Proof(Shown):
    """Proof that a letter was posted, and when it counts as received."""

    id: UUID
    method: str
    posted_on: date
    received_on: date
    evidence: dict[str, Any]
    findings: list[dict[str, Any]]
    recorded_at: datetime


class LetterInFull(LetterShown):
    """A letter with its proofs of service."""

    proofs: list[Proof] = []

    @classmethod
    def of(cls, letter: object, proofs: Sequence[object]) -> Self:
        """Put a letter and its proofs together."""
        return cls.model_validate(letter).model_copy(update={"proofs": [Proof.model_validate(proof) for proof in proofs]})


class RetryIn(BaseModel):
    """Why a failed letter should go now."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class SchoolMessage(Shown):
    """A message to a school."""

    id: UUID
    kind: str
    about: UUID
    urn: int
    pupil_id: UUID
    facts: dict[str, Any]
    told_at: datetime


class ReturnedLetter(BaseModel):
    """GOV.UK Notify's message about a letter that the post brought back."""

    notification_id: UUID

    @classmethod
    def read(cls, raw: bytes) -> Self:
        """Read the raw body; raise Invalid where it is not of this shape."""
        try:
            return cls.model_validate_json(raw)
        except ValidationError:
            raise Invalid("A message about a returned letter names its notification_id.") from None
