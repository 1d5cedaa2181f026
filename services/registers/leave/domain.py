"""Leave of absence: asked for by a parent, granted as C, C1 or C2 or refused by the school (SI 2024/208 reg. 11)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.registers.marks.domain.patterns import Pattern, sessions_a_week
from shared.law import Finding, Law

State = Literal["asked", "granted", "refused", "withdrawn"]
Outcome = Literal["granted", "refused"]
Code = Literal["C", "C1", "C2"]

TRANSITIONS: dict[tuple[State, State], str] = {
    ("asked", "granted"): "leave-decided",
    ("asked", "refused"): "leave-decided",
    ("asked", "withdrawn"): "withdrawn by the parent",
    ("granted", "withdrawn"): "withdrawn by the parent",
}
"""Every way from one state to another, and the event it makes: a withdrawal makes none, because whoever withdrew knows."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a decision looks at. `lives_with_pupil`: whether the parent who asked does, by the school's own record; None: not recorded."""

    asked_on: date
    starts_on: date
    ends_on: date
    lives_with_pupil: bool | None

    @property
    def in_advance(self) -> bool:
        """Whether it was asked for before the leave begins."""
        return self.asked_on < self.starts_on


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. `late`: the leave had begun by then."""

    outcome: Outcome
    code: Code | None
    late: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Why leave cannot be granted in this way."""

    sentence: str


def decide(
    request: Request, outcome: Outcome, code: Code | None, decided_on: date, law: Law, pattern: Pattern = ()
) -> Decision | NotPossible:
    """Return the decision with what it rests on, or why it cannot be made.

    SI 2024/208 reg. 11: leave for exceptional circumstances (C) only where it was asked for before it began, by a parent with whom the
    pupil normally lives. The first is a date and binds; the second is the school's own record and is found, for a person to judge.
    A part-time timetable (C2) has fixed days and times and the agreement of such a parent; both are found, for a person to judge.
    A refusal needs no ground and writes no mark: the school codes what then happens.
    """
    if (code is None) != (outcome == "refused"):
        return NotPossible("Leave is granted as C, C1 or C2; a refusal has no code.")
    late = decided_on >= request.starts_on
    if code is None:
        return Decision(outcome, None, late, ())
    provision = law.at("leave_asked_for_before", request.starts_on)
    needed = code in provision.value
    if needed and not request.in_advance:
        return NotPossible(f"{code} is for leave that was asked for before it began ({provision.reference}).")
    lives: dict[bool | None, str] = {
        True: "asked by a parent the pupil lives with",
        False: "asked by a parent the pupil does not live with",
    }
    parent = lives.get(request.lives_with_pupil, "not recorded whether the pupil lives with that parent")
    finding = provision.finding(parent if needed else "not needed", code=code, asked_on=request.asked_on, starts_on=request.starts_on)
    fixed = law.at("leave_with_fixed_times", request.starts_on)
    if code not in fixed.value:
        return Decision(outcome, code, late, (finding,))
    weekly = sessions_a_week(pattern)
    timed = bool(pattern) and all(each.start for each in pattern)
    extent = f"{weekly} sessions of every week, {'at fixed times' if timed else 'no times recorded'}" if pattern else "every session"
    return Decision(outcome, code, late, (finding, fixed.finding(f"{extent}; {parent}", code=code, sessions_a_week=weekly or None)))


def check_withdrawal(request: Request, withdrawn_on: date) -> NotPossible | None:
    """Return why a request cannot have been withdrawn on a day, if it cannot: leave is withdrawn after it was asked for and before it begins."""
    if withdrawn_on < request.asked_on:
        return NotPossible("Leave is withdrawn after it was asked for.")
    if withdrawn_on >= request.starts_on:
        return NotPossible("Leave that has begun is not withdrawn: the register says what happened.")
    return None


def kept_since(today: date, years: int) -> date:
    """Return the earliest day of which what is kept for so many years is still kept: 1 March where that year has no 29 February."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return (today - timedelta(days=1)).replace(year=today.year - years) + timedelta(days=1)
