"""Responses about parents who may be one person."""

from typing import Any

from tests.console.responses import FATHER, MOTHER, UPN, URN

MATCH = "01990000-0000-7000-8000-000000000041"


def a_contact(**changes: Any) -> dict[str, Any]:
    """A parent as one school knows them."""
    return {
        "urn": URN,
        "school": "Mill Lane School",
        "la_code": "881",
        "ref": "C1",
        "forename": "Pat",
        "surname": "Example",
        "address": ["1 High Street", "CM1 1QH"],
        "email": "pat@example.org",
        "phone": None,
        "pupils": [UPN],
    } | changes


def a_match(**changes: Any) -> dict[str, Any]:
    """A match of parents in two authorities, as an officer of the first one reads it."""
    hidden: dict[str, Any] = {"ref": "", "address": None, "email": None, "phone": None, "pupils": []}
    return {
        "id": MATCH,
        "status": "open",
        "reasons": ["name", "postcode"],
        "people": [
            {"id": MOTHER, "contacts": [a_contact()], "within_reach": True},
            {"id": FATHER, "contacts": [a_contact(urn=URN + 1, school="Borough School", la_code="935", **hidden)], "within_reach": False},
        ],
        "confirmation": None,
        "decides": False,
        "proposed_at": "2026-09-02T08:00:00Z",
        "decided_at": None,
        "decided_by": None,
        "reason": None,
    } | changes


def a_confirmation(**changes: Any) -> dict[str, Any]:
    """The answer of the first of two authorities."""
    return {
        "la_code": "935",
        "reason": "The school knows her.",
        "confirmed_at": "2026-09-03T08:00:00Z",
        "confirmed_by": "Kim Officer",
    } | changes


def decided(**changes: Any) -> dict[str, Any]:
    """A match that officers of two authorities confirmed."""
    answer = {"status": "same", "decided_at": "2026-09-04T08:00:00Z", "decided_by": "Ann Officer", "reason": "Spoke to both."}
    person = {"id": MOTHER, "contacts": [a_contact(), a_contact(urn=URN + 1, school="Borough School")], "within_reach": True}
    return a_match(**answer, people=[person], confirmation=a_confirmation(), decides=True) | changes
