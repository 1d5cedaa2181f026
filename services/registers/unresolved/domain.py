"""N: how long the reason for an absence may still take (SI 2024/208 reg. 10(7) to (9))."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date


def days_left(due_on: date, school_days: Sequence[date], today: date) -> int:
    """Return how many school days after `today` are left up to the last one; negative: how many have passed since."""
    return bisect_right(school_days, due_on) - bisect_right(school_days, today)
