"""The notices that letters are, or are about, as `penalties` gives them; amounts in pence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.attendance.dates import Period
from shared.attendance.sessions import Half

NoticeKind = Literal["notice-to-improve", "penalty-notice", "excluded-pupil-notice"]
WithdrawalGround = Literal["outside-code", "wrong-person", "material-error", "no-proceedings"]


@dataclass(frozen=True, slots=True)
class Session:
    """A session of absence with the code of its mark."""

    date: date
    session: Half
    code: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a parent can turn to."""

    name: str
    phone: str | None = None
    email: str | None = None

    def rows(self) -> Sequence[tuple[str, str]]:
        """Return the contact's particulars, each with its label."""
        named = (("Name", self.name), ("Phone", self.phone), ("E-mail", self.email))
        return [(label, value) for label, value in named if value]


@dataclass(frozen=True, slots=True)
class NoticeToImprove:
    """A Notice to Improve. The planned dates suppose first-class post on the day of issue."""

    issued_on: date
    issued_by: str
    issued_by_role: str
    sessions: tuple[Session, ...]
    support_offered: str
    support_available: str
    contact: Contact
    expected_improvement: str
    early_grounds: str | None
    planned_starts_on: date
    planned_ends_on: date


@dataclass(frozen=True, slots=True)
class PenaltyNotice:
    """A penalty notice. The planned dates suppose first-class post on the day of issue."""

    kind: Literal["penalty-notice", "excluded-pupil-notice"]
    reference: str
    issued_on: date
    issued_by: str
    issued_by_role: str
    sessions: tuple[Session, ...]
    offence: Period
    tier: Literal["first", "second", "flat"]
    early_pence: int
    full_pence: int
    planned_received_on: date
    planned_early_deadline: date
    planned_final_deadline: date


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why and when a notice was withdrawn."""

    ground: WithdrawalGround
    withdrawn_on: date


@dataclass(frozen=True, slots=True)
class Payment:
    """What was paid for a notice in all, and the day on which it was paid in full."""

    paid_pence: int
    counted_on: date


@dataclass(frozen=True, slots=True)
class Misdated:
    """A letter that was sent with a day on it that still lay ahead."""

    kind: str
    dated: date
    posted_on: date | None


@dataclass(frozen=True, slots=True)
class Correction:
    """The letters to one parent about one thing whose date is corrected."""

    letters: tuple[Misdated, ...]
