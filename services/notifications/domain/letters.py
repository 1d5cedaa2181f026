"""The life of a letter, from the request to the proof of posting."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.notifications.domain.notices import Correction, NoticeKind, Payment, Withdrawal
from shared.ids import derived_id

Kind = Literal[NoticeKind, "withdrawal", "receipt", "leave-decision", "correction"]
Status = Literal["requested", "made", "sent", "served", "returned", "failed", "cancelled"]
Outcome = Literal["waiting", "posted", "refused"]

NOTICE_KINDS = frozenset({"notice-to-improve", "penalty-notice", "excluded-pupil-notice"})
"""Letters that are themselves the notice: that they were served is published."""

TRANSITIONS: dict[tuple[Status, Status], str] = {
    ("requested", "made"): "printed on",
    ("requested", "failed"): "cannot be made, or given up",
    ("requested", "cancelled"): "notice withdrawn, or decided in court, first",
    ("made", "sent"): "taken by the printer",
    ("made", "requested"): "dated ahead, before it was handed over",
    ("made", "failed"): "refused by the printer, or given up",
    ("made", "cancelled"): "notice withdrawn, or decided in court, first",
    ("cancelled", "sent"): "the printer had it already",
    ("sent", "served"): "posted",
    ("sent", "failed"): "refused by the printer, or given up",
    ("sent", "returned"): "brought back by the post",
    ("served", "returned"): "brought back by the post",
    ("failed", "requested"): "a person asks again",
}
"""Every way from one state to another, with what brings it about."""


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """A letter that is to be made; `about`: the notice, or the request for leave.

    `notice_kind`: of the notice, null for leave; `occasion`: what the letter is sent for, where it is not the notice itself.
    """

    kind: Kind
    about: UUID
    parent_id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    notice_kind: NoticeKind | None = None
    occasion: Withdrawal | Payment | Correction | None = None

    @property
    def letter_id(self) -> UUID:
        """The id of the letter, which is its reference at the provider: the same whenever it is requested."""
        return derived_id(self.about, self.kind, self.parent_id)


REFUSED = frozenset({"permanent-failure", "technical-failure", "cancelled", "virus-scan-failed", "validation-failed"})


def sources(to: Status) -> tuple[Status, ...]:
    """Return the states from which a letter may come to `to`."""
    return tuple(start for start, end in TRANSITIONS if end == to)


def outcome_of(provider_status: str) -> Outcome:
    """Return what a GOV.UK Notify status of a letter means: `received` is printed and dispatched; there is no delivery receipt."""
    if provider_status == "received":
        return "posted"
    return "refused" if provider_status in REFUSED else "waiting"


def dispatched_at(sent_at: datetime | None, completed_at: datetime | None) -> datetime | None:
    """Return the instant of posting: the latest that the printer gives, so that no clock starts too early."""
    return max((instant for instant in (sent_at, completed_at) if instant), default=None)


def wait_seconds(tries: int) -> int:
    """Return how many seconds to wait before another service or the printer is asked again: 1 s, 2 s, 4 s … at most an hour."""
    return int(min(2 ** min(tries, 12), 3600))
