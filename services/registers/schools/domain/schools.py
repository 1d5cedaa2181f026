"""Schools with their attendance policies, and which school continues which."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a school."""

    name: str
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class School:
    """A school, as the authority knows it."""

    urn: int
    name: str
    la_code: str
    establishment_number: str
    phase: str
    district: str | None
    senior_attendance_champion: Contact | str | None


@dataclass(frozen=True, slots=True)
class Policy:
    """A school's attendance policy, which holds from its day until the next one's.

    `sickness_rule_hours`: for how long it keeps a child away after an illness; None: it does not.
    """

    since: date
    senior_attendance_champion: Contact | str
    day_to_day_contact: Contact | str
    legal_consequences_wording: str
    sickness_rule_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Succession:
    """A school before or after another one, and the first day of the later one."""

    urn: int
    on: date
