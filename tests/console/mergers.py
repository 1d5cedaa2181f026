"""Responses about records that may be of one child."""

from typing import Any

from tests.console.responses import UPN

PROPOSAL = "01990000-0000-7000-8000-000000000031"
OTHER_UPN = "B881200000002"


def a_proposal(**changes: Any) -> dict[str, Any]:
    """A proposal as the officer who decides it sees it."""
    return {
        "id": PROPOSAL,
        "status": "open",
        "own_upn": UPN,
        "other_upn": OTHER_UPN,
        "la_code": "881",
        "pupil": {"forename": "Robin", "surname": "Example", "date_of_birth": "2014-03-03"},
        "other": {"forename": "Robyn", "surname": "Example", "date_of_birth": "2014-03-04"},
        "decides": True,
        "reason": "The transfer file came under another number.",
        "proposed_at": "2026-09-02T08:00:00Z",
        "proposed_by": "Ann Officer",
        "decided_at": None,
        "decided_by": None,
        "decision_reason": None,
        "merger_id": None,
    } | changes


def refused(**changes: Any) -> dict[str, Any]:
    """A proposal as the officer who made it sees it, with the answer."""
    answer = {
        "status": "refused",
        "decided_at": "2026-09-03T08:00:00Z",
        "decided_by": "Kim Officer",
        "decision_reason": "They are cousins.",
    }
    return a_proposal(other=None, decides=False, **answer) | changes
