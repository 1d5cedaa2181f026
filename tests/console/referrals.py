"""The form of referral and a thread of referrals, as penalties responds."""

from typing import Any

from tests.console.responses import FATHER, MOTHER

ANSWER = {
    "agreed": False, "recommendation": "penalty-notice", "reason": "Ask the form tutor first.", "agreed_on": "2026-09-24",
    "agreed_at": "2026-09-24T10:00:00Z", "agreed_by": "Ben Officer", "agreed_by_role": "aco",
}  # fmt: skip


def a_form(**changes: Any) -> dict[str, Any]:
    """The form after a referral that was declined."""
    return {
        "goes_to": "aco", "sessions": 10, "first_session": "2026-09-14", "last_session": "2026-09-18", "holiday": False,
        "parents": [
            {"id": MOTHER, "parent_by": "birth", "basis": "allowed", "asked_for": "penalty-notice"},
            {"id": FATHER, "parent_by": None, "basis": None, "asked_for": None},
        ],
        "declarations": [
            {"item": "staff-contacts-checked", "text": "The contacts of all staff were checked.", "declared": False, "why_not": "The tutor is ill."},
            {"item": "leads-in-support", "text": "The leads are in support.", "declared": True, "why_not": None},
        ],
        "support": [{"item": "senco-view", "state": "missing", "words": "Nothing is recorded."}],
        "statement": "The talk helped.", "answer": ANSWER,
    } | changes  # fmt: skip


def a_sent_referral(**changes: Any) -> dict[str, Any]:
    """A referral that lacked two things and was declined."""
    return {
        "id": MOTHER, "number": 1, "parent_ids": [MOTHER], "course": "penalty-notice", "statement": "The talk helped.",
        "declarations": [
            {"item": "staff-contacts-checked", "declared": False, "why_not": "The tutor is ill."},
            {"item": "leads-in-support", "declared": True, "why_not": None},
        ],
        "support_gaps": [{"item": "senco-view", "why_not": "The SENCO is away."}], "complete": False, "referred_on": "2026-09-21",
        "referred_by": "Ann Head", "referred_by_role": "school", "changes": ["The statement is another one."], "answer": ANSWER,
    } | changes  # fmt: skip
