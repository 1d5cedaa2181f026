"""What penalties responds about advice and policy."""

from typing import Any

from tests.console.responses import FINDING, MOTHER

RULES = [
    {"rule": "support-first", "recommends": "neither", "applies": False, "text": "Everything was tried, or it is recorded why not."},
    {"rule": "long-holiday", "recommends": "prosecution", "applies": True, "text": "A single holiday of 22 sessions: more than 20."},
]
POLICY = {
    "la_code": "881", "pack": "essex", "on": "2026-09-21",
    "code": {
        "version": "Essex code", "published": "2024-07-01", "in_force_from": "2024-08-19", "address": "https://schools.essex.gov.uk/code",
        "discretion": "Case by case.", "reference": "Essex, July 2024",
    },
    "parameters": [
        {
            "name": name, "description": f"About {name}.", "value": value, "unit": "sessions", "since": "2024-08-19", "reference": "Policy",
            "href": "https://schools.essex.gov.uk/",
        }
        for name, value in (("number", 20), ("list", ["meeting", "contact"]), ("truth", True), ("table", {"a": 1}))
    ],
}  # fmt: skip


def advice_about(parent_id: str = MOTHER) -> dict[str, Any]:
    """Advice to prosecute for a long holiday."""
    return {
        "parent_id": parent_id, "recommendation": "prosecution", "decided_by": "long-holiday", "rules": RULES, "refer_by": "2026-10-08",
        "answer_by": "2026-10-05", "findings": [FINDING],
    }  # fmt: skip
