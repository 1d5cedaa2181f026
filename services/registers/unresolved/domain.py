"""N: the reason for an absence is not established yet, and by when it must be (SI 2024/208 reg. 10(7) to (9))."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date

from shared.law import Law


def reason_due(session_on: date, school_days: Sequence[date], law: Law) -> date | None:
    """Return the last day for the reason: so many school days, not working days, after the session.

    SI 2024/208 reg. 10(7) to (9). `school_days`: the days on which the school holds a session, in order; None where they are not known
    that far. Raise UnknownProvisionError for a session before the regulations (`awaits_reason`).
    """
    place = bisect_right(school_days, session_on) + int(law.at("reason_school_days", session_on).value) - 1
    return school_days[place] if place < len(school_days) else None


def days_left(due_on: date, school_days: Sequence[date], today: date) -> int:
    """Return how many school days after `today` are left up to the last one; negative: how many have passed since."""
    return bisect_right(school_days, due_on) - bisect_right(school_days, today)
