"""A sickness rule keeps a child away for 24 or 48 hours after an illness: an O in that time may be a child whom the school turned away."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.registers.schools.domain.schools import Policy
from shared.attendance.sessions import Half

ILL, ABSENT = "I", "O"


@dataclass(frozen=True, slots=True, order=True)
class MarkedSession:
    """A session of one pupil at one school."""

    date: date
    session: Half


@dataclass(frozen=True, slots=True)
class SicknessAnswer:
    """What a named person answered about one version of a mark. Where the child was turned away, the mark is to be amended."""

    version: int
    turned_away: bool
    reason: str
    answered_by: str
    answered_at: datetime


def sickness_rule_on(policies: Iterable[Policy], day: date) -> int | None:
    """Return for how many hours a school kept ill children away by its policy of a day; None without such a rule. `policies`: the newest first."""
    return next((policy.sickness_rule_hours for policy in policies if policy.since <= day), None)


def illness_before(absent: MarkedSession, ill: Iterable[MarkedSession], school_days: Sequence[date], within: int) -> MarkedSession | None:
    """Return the last session of illness before an absence, no more than `within` school days before it; None where there is none."""
    last = max((each for each in ill if each < absent), default=None)
    if last is None or bisect_right(school_days, absent.date) - bisect_right(school_days, last.date) > within:
        return None
    return last


def earliest_illness(absent: Iterable[MarkedSession], school_days: Sequence[date], within: int) -> date:
    """Return the first day of which an illness may be asked about for any of these absences, of which there is one at least."""
    first = min(each.date for each in absent)
    before = school_days[: bisect_right(school_days, first)]
    return min(before[-within - 1 :], default=first)
