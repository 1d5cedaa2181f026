"""Responses of the reports over many cases."""

from typing import Any

from tests.console.responses import CASE, PUPIL, UPN, URN


def an_undecided_case(**changes: Any) -> dict[str, Any]:
    """An open case on which nobody has decided in time."""
    return {
        "id": CASE,
        "pupil_id": PUPIL,
        "upn": UPN,
        "urn": URN,
        "la_code": "881",
        "opened_on": "2026-09-18",
        "holiday": False,
        "threshold": "met",
        "count": 10,
        "earliest_time_bar": "2027-03-14",
        "due_on": "2026-10-02",
        "school_days": 30,
        "by_calendar": True,
    } | changes


def a_first_decision(**changes: Any) -> dict[str, Any]:
    """A case that was decided on too late."""
    finding = {
        "provision": "first_decision_days",
        "reference": "Policy",
        "href": "https://www.gov.uk/",
        "version": "2024-08-19",
        "value": 10,
        "outcome": "the first decision is late",
        "facts": {},
    }
    return {
        "opened_on": "2026-09-18",
        "due_on": "2026-10-02",
        "decided_on": "2026-10-05",
        "school_days": 11,
        "late": True,
        "by_calendar": True,
        "finding": finding,
    } | changes
