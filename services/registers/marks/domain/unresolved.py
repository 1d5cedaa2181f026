"""N: the reason for an absence is not established yet (SI 2024/208 reg. 10(7) to (9))."""

from datetime import date

from shared.attendance.reasons import UNRESOLVED
from shared.law import Law


def awaits_reason(code: str, session_on: date, law: Law) -> bool:
    """Return whether a mark is one whose reason must still come: the duty does not reach back before the regulations."""
    return code == UNRESOLVED and any(provision.since <= session_on for provision in law.history["reason_school_days"])
