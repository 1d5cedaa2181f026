"""A pupil's attendance and engagement as registers returns them."""

from typing import Any

from tests.console.responses import FINDING, UPN, URN


def figures(**changes: Any) -> dict[str, Any]:
    return {
        "possible": 100, "attended": 85, "authorised": 5, "unauthorised": 10, "not_possible": 2, "missed": 15, "excused": 5, "expected": 95,
        "attendance": 85.0, "absence": 15.0, "engagement": 89.47, "absence_mark": "persistent",
    } | changes  # fmt: skip


def an_engagement(total: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    schools = [figures(urn=URN), figures(urn=100999, absence_mark=None)]
    found = {"upn": UPN, "from": "2026-09-01", "to": "2027-01-11", "total": total or figures(), "schools": schools, "findings": [FINDING]}
    return found | changes
