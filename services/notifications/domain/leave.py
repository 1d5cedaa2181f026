"""What a letter about leave of absence prints: the decision and, where it is refused, what may follow (SI 2024/208 reg. 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

from services.notifications.domain.notices import Contact
from services.notifications.domain.people import Person, School
from shared.attendance.dates import long_date_with_weekday
from shared.attendance.money import pounds
from shared.attendance.sessions import Half
from shared.law import Law

Contents = Mapping[str, object]
"""What a template prints, by name."""

GRANTED_FOR = {
    "C": "for exceptional circumstances",
    "C1": "for a regulated performance or regulated employment abroad",
    "C2": "under a temporary part-time timetable",
}
"""On what ground leave is granted, by the code that the register then holds."""


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """A day of every week for which leave was granted: its sessions, and the times where they were fixed."""

    weekday: str
    sessions: tuple[Half, ...]
    start: time | None = field(default=None, metadata={"alias": "from"})
    end: time | None = field(default=None, metadata={"alias": "to"})

    @property
    def sentence(self) -> str:
        """Return the day in words."""
        halves = "all day" if len(self.sessions) > 1 else HALVES[self.sessions[0]]
        times = f", {self.start:%H:%M} to {self.end:%H:%M}" if self.start and self.end else ""
        return f"{self.weekday.capitalize()} {halves}{times}"


HALVES: Mapping[Half, str] = {"AM": "morning", "PM": "afternoon"}


@dataclass(frozen=True, slots=True)
class LeaveDecision:
    """What a school decided on a request for leave; `late`: after the first day asked for; no `sessions_of_week`: every session."""

    outcome: Literal["granted", "refused"]
    code: Literal["C", "C1", "C2"] | None
    reason: str
    decided_on: date
    decided_by: str
    late: bool
    sessions_of_week: tuple[DayOfWeek, ...] = ()

    def __post_init__(self) -> None:
        """Refuse leave that is granted without a code."""
        if self.outcome == "granted" and self.code is None:
            raise ValueError("leave is granted under a code")


@dataclass(frozen=True, slots=True)
class LeaveRequest:
    """A request for leave of absence that was decided."""

    decision: LeaveDecision
    starts_on: date = field(metadata={"alias": "from"})
    ends_on: date = field(metadata={"alias": "to"})


@dataclass(frozen=True, slots=True)
class Policy:
    """What a school's attendance policy has for parents."""

    legal_consequences_wording: str
    day_to_day_contact: Contact | str

    def contact(self) -> Sequence[tuple[str, str]]:
        """Return the particulars of the contact, each with its label."""
        contact = self.day_to_day_contact
        return contact.rows() if isinstance(contact, Contact) else [("Contact", contact)]


@dataclass(frozen=True, slots=True)
class DecidedLeave:
    """A decided request with what its letter prints besides: the school's policy, if it sent one, and what absence may cost."""

    request: LeaveRequest
    policy: Policy | None
    amounts: Sequence[tuple[str, str]]


def amounts_of_notices(law: Law, day: date) -> Sequence[tuple[str, str]]:
    """Return what penalty notices for absence on a day would cost, and how that grows.

    SI 2007/1867, as amended by SI 2024/210: amounts per parent and per child; after the last notice of the period, the court.
    """
    names = ("first_early_amount", "first_full_amount", "second_amount", "lower_rate_days", "payment_days", "cap_notices", "cap_years")
    early, full, second, lower_days, days, notices, years = (law.at(name, day).value for name in names)
    first = f"{pounds(early)} if it is paid within {lower_days} days, {pounds(full)} if it is paid after that and within {days} days"
    return [
        (f"A first notice in {years} years", first),
        (f"A second notice in {years} years", f"{pounds(second)}, to be paid within {days} days; no lower amount"),
        (f"After {notices} notices in {years} years", "No further penalty notice: the authority considers prosecution"),
    ]


def leave_decision(leave: DecidedLeave, pupil: Person, school: School) -> Contents:
    """Return what the letter about a decision on leave prints."""
    decision, policy = leave.request.decision, leave.policy
    first, last = long_date_with_weekday(leave.request.starts_on), long_date_with_weekday(leave.request.ends_on)
    rows = [
        ("Child", pupil.name),
        ("School", school.name),
        ("First day asked for", first),
        ("Last day asked for", last),
        *([("Times of the week", "; ".join(each.sentence for each in decision.sessions_of_week))] if decision.sessions_of_week else []),
        ("Decision", f"Granted, {GRANTED_FOR[decision.code]}" if decision.outcome == "granted" and decision.code else "Refused"),
        ("Decided on", long_date_with_weekday(decision.decided_on)),
        ("Decided by", decision.decided_by),
    ]
    return {
        "title": f"Leave of absence {decision.outcome}: {pupil.name}",
        "granted": decision.outcome == "granted",
        "weekly": bool(decision.sessions_of_week),
        "late": decision.late,
        "days": {"first": first, "last": last},
        "particulars": rows,
        "reason": decision.reason,
        "amounts": [{"when": when, "amount": amount} for when, amount in leave.amounts],
        "policy": policy.legal_consequences_wording if policy else None,
        "contact": policy.contact() if policy else [],
    }
