"""The steps of a case, as penalties responds: its notices, decisions and the authority's agreement."""

from typing import Any

from tests.console.responses import FATHER


def a_notice_of_a_case(notice_id: str, kind: str, parent_id: str, status: str, issued_on: str, *, held: bool = False) -> dict[str, Any]:
    return {"id": notice_id, "kind": kind, "parent_id": parent_id, "status": status, "issued_on": issued_on, "held": held}


def a_decision(**changes: Any) -> dict[str, Any]:
    return {
        "decision": "penalty-notice",
        "parent_ids": [FATHER],
        "reason": "Support did not work.",
        "no_improvement_notice_reason": None,
        "decided_on": "2026-11-16",
        "decided_at": "2026-11-16T10:00:00Z",
        "decided_by": "J. Officer",
        "decided_by_role": "school",
    } | changes


def an_agreement(**changes: Any) -> dict[str, Any]:
    return {
        "agreed": True,
        "recommendation": "penalty-notice",
        "reason": "Evidence complete.",
        "agreed_on": "2026-11-16",
        "agreed_at": "2026-11-16T11:00:00Z",
        "agreed_by": "Ann Officer",
        "agreed_by_role": "aco",
    } | changes
