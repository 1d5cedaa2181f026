"""The time bar (Magistrates' Courts Act 1980 s.127): six calendar months from each absence.

Whether time runs from each absence or from the last one is not settled, so a file shows both: `safe_limit` for the earliest session
relied on, `outer_limit` for the latest. Between the two, sessions become time-barred one by one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from shared.attendance.dates import add_months
from shared.law import Finding, Law

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Last days for a charge: `safe_limit` for every session, `outer_limit` for the latest of them."""

    safe_limit: date
    outer_limit: date
    findings: tuple[Finding, ...]


def last_day_to_charge(session_on: date, law: Law) -> date:
    """Return the last day on which an absence can be charged (Magistrates' Courts Act 1980 s.127(1))."""
    return add_months(session_on, law.at("time_bar_months", session_on).value)


def time_limits(sessions_on: Iterable[date], law: Law) -> Limits:
    """Return the limits of a file that relies on sessions of these days (at least one)."""
    days = sorted(sessions_on)
    earliest, latest = days[0], days[-1]
    safe, outer = last_day_to_charge(earliest, law), last_day_to_charge(latest, law)
    findings = (
        law.at("time_bar_months", earliest).finding("safe-limit", earliest_session_on=earliest, safe_limit=safe),
        law.at("time_bar_months", latest).finding("outer-limit", latest_session_on=latest, outer_limit=outer),
    )
    return Limits(safe, outer, findings)


def split_by_time(sessions: Sequence[T], day_of: Callable[[T], date], charged_on: date, law: Law) -> tuple[tuple[T, ...], tuple[T, ...]]:
    """Return the sessions that a charge of that day may name, and those that are time-barred."""
    in_time = tuple(each for each in sessions if charged_on <= last_day_to_charge(day_of(each), law))
    return in_time, tuple(each for each in sessions if each not in in_time)
