"""Flagged registers, as registers responds with them."""

from typing import Any

from tests.console.responses import PUPIL, UPN


def a_flagged_register(**changes: Any) -> dict[str, Any]:
    flag = {"flag": "leave-granted", "sentence": "Leave was granted for this day."}
    mark = {"pupil_id": PUPIL, "upn": UPN, "forename": "Robin", "surname": "Example", "code": "G", "minutes_late": None, "flags": [flag]}
    return {
        "date": "2027-01-05",
        "session": "AM",
        "opened_at": None,
        "closed_at": None,
        "minutes_open": None,
        "flags": [],
        "marks": [mark],
    } | changes
