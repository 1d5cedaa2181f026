"""Responses about pupils whom schools record differently."""

from typing import Any

from tests.console.responses import PUPIL, UPN, URN

DIFFERENCE = "01990000-0000-7000-8000-000000000021"


def a_record(**changes: Any) -> dict[str, Any]:
    """A pupil as one school records them."""
    return {
        "urn": URN,
        "school": "North School",
        "la_code": "881",
        "forename": "Robin",
        "surname": "Example",
        "date_of_birth": "2014-03-03",
        "year_group": "7",
        "admitted_on": "2025-09-01",
        "left_on": None,
        "claim": "accepted",
        "recorded_at": "2026-09-01T08:00:00Z",
    } | changes


def a_difference(**changes: Any) -> dict[str, Any]:
    """A pupil whom two schools record differently, one of them by the UPN alone."""
    details = {"forename": "Robin", "surname": "Example", "date_of_birth": "2014-03-03"}
    return {
        "id": DIFFERENCE,
        "pupil_id": PUPIL,
        "upn": UPN,
        "status": "open",
        "opened_at": "2026-09-02T08:00:00Z",
        "differing": ["surname"],
        "counts": details,
        "confirmed": False,
        "majority": details,
        "schools": [a_record(), a_record(urn=URN + 1, school="South School", surname="Stranger", claim="waiting", left_on="2026-12-18")],
        "decisions": [
            {
                "urn": URN,
                "claims": {str(URN): "accepted"},
                "reason": "The file came.",
                "decided_at": "2026-09-01T09:00:00Z",
                "decided_by": "Kim Officer",
            }
        ],
        "confirmations": [],
        "awaits": [],
    } | changes


def a_claim(**changes: Any) -> dict[str, Any]:
    """A pupil of a school's roll whom no officer has confirmed."""
    return {
        "upn": UPN,
        "forename": "Robin",
        "surname": "Stranger",
        "date_of_birth": "2014-03-03",
        "claim": "waiting",
        "explanation": "Another school has this UPN with another surname or date of birth.",
        "recorded_at": "2026-09-01T08:00:00Z",
    } | changes
