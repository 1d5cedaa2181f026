"""What `notifications` publishes: whether and when a letter reached its reader."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event


class NoticeServed(Event):
    """Proof of posting or of delivery exists; `received_on` may lie ahead (deemed receipt).

    `revision` grows per notice: a later, better proof replaces an earlier one.
    """

    topic, name, key_field = "notifications", "notice-served", "pupil_id"

    notice_id: UUID
    pupil_id: UUID
    letter_id: UUID
    method: Literal["first-class-post", "hand", "email"]
    posted_on: date
    received_on: date
    proof_id: UUID
    revision: int


class LetterReturned(Event):
    """The post brought a letter back: the presumption of receipt is rebutted."""

    topic, name, key_field = "notifications", "letter-returned", "pupil_id"

    notice_id: UUID
    pupil_id: UUID
    letter_id: UUID
    returned_on: date


class LetterFailed(Event):
    """A letter could not be made or sent, and a person must look."""

    topic, name, key_field = "notifications", "letter-failed", "pupil_id"

    notice_id: UUID
    pupil_id: UUID
    letter_id: UUID
    reason: Literal["no-address", "refused-by-provider", "no-such-person", "cannot-be-made"]
