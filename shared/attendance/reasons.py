"""By when the reason for an absence must be established (SI 2024/208 reg. 10(7) to (9))."""

from collections.abc import Iterable
from datetime import date
from itertools import islice

from shared.law import Law

UNRESOLVED = "N"
"""The code of a session whose reason is not established yet."""


def reason_due(session_on: date, school_days: Iterable[date], law: Law) -> date | None:
    """Return the last day for the reason: so many school days, not working days, after the session.

    `school_days`: the days on which the school holds a session, in order; None where they do not reach that far. Raise
    UnknownProvisionError for a session before the regulations.
    """
    needed = law.at("reason_school_days", session_on).value
    return next(islice((day for day in school_days if day > session_on), needed - 1, None), None)
