"""What stops a notice, as penalties responds."""

from typing import Any

from tests.console.responses import IMPROVEMENT_NOTICE, URN


def a_hold(**changes: Any) -> dict[str, Any]:
    """A change of a mark that the warning relies on, which nobody has cleared."""
    change = {"date": "2026-09-14", "session": "AM", "urn": URN, "previous_code": "O", "code": "I", "previous_version": 1, "version": 2}
    about = {"about": IMPROVEMENT_NOTICE, "about_kind": "notice-to-improve", "cause": "mark-changed"}
    return about | {"change": change, "held_on": "2026-10-01", "cleared_on": None} | changes
