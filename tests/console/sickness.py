"""Questions about absences after an illness, as registers responds with them."""

from typing import Any

from tests.console.responses import PUPIL, UPN


def a_question(**changes: Any) -> dict[str, Any]:
    """An O that nobody has answered about yet."""
    return {
        "pupil_id": PUPIL,
        "upn": UPN,
        "forename": "Robin",
        "surname": "Example",
        "date": "2027-01-05",
        "session": "AM",
        "ill_on": "2027-01-04",
        "rule_hours": 48,
        "answer": None,
    } | changes


def an_answer(**changes: Any) -> dict[str, Any]:
    """The answer that the child was not turned away."""
    return {"turned_away": False, "reason": "Seen in town.", "answered_by": "Jo Head", "answered_at": "2027-01-08T09:00:00Z"} | changes
