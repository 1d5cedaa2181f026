"""A family as registers returns it, and what penalty notices would cost it as penalties does."""

from typing import Any

from tests.console.responses import FINDING, LEAVE, MOTHER, PUPIL, URN, a_leave_request

BROTHER = "01990000-0000-7000-8000-0000000000b1"


def a_child(child: str = PUPIL, forename: str = "Robin", **changes: Any) -> dict[str, Any]:
    school = {"urn": URN, "name": "Example School", "la_code": "881", "admitted_on": "2025-09-01", "left_on": None}
    return {
        "id": child, "upn": "A881400020401", "forename": forename, "surname": "Example", "date_of_birth": "2014-03-03", "schools": [school],
        "parent_ids": [MOTHER], "marks": [], "leave": [],
    } | changes  # fmt: skip


def a_mark(code: str, day: str = "2026-10-05", half: str = "AM") -> dict[str, Any]:
    return {"urn": URN, "date": day, "session": half, "code": code, "flags": []}


def a_family(**changes: Any) -> dict[str, Any]:
    leave = {
        "id": LEAVE, "urn": URN, "from": "2026-10-05", "to": "2026-10-09", "status": "granted", "code": "C", "decided_on": "2026-09-21",
        "sessions_of_week": [],
    }  # fmt: skip
    parent = {"id": MOTHER, "forename": "Sam", "surname": "Example", "open_match": False, "children": [PUPIL, BROTHER]}
    children = [
        a_child(marks=[a_mark("G"), a_mark("/", half="PM")]),
        a_child(BROTHER, "Alex", marks=[a_mark("C"), a_mark("/", half="PM")], leave=[leave]),
    ]
    return {"from": "2026-10-05", "to": "2026-10-09", "parents": [parent], "children": children} | changes


FAMILY = "01990000-0000-7000-8000-0000000000f1"


def family_leave(*statuses: str) -> dict[str, Any]:
    one = {"id": LEAVE, "family_id": FAMILY}
    two = {"id": BROTHER, "pupil_id": BROTHER, "forename": "Alex", "family_id": FAMILY}
    items = [a_leave_request(**each, status=status) for each, status in zip((one, two), statuses or ("asked", "asked"), strict=True)]
    return {"id": FAMILY, "items": items}


def an_assessment(*tiers: str) -> dict[str, Any]:
    amounts = {"first": (8000, 16000), "second": (16000, 16000), "refused": (None, None)}
    items = [
        {
            "parent_id": MOTHER, "pupil_id": pupil, "available": tier != "refused", "tier": tier, "early_pence": amounts[tier][0],
            "full_pence": amounts[tier][1], "findings": [FINDING],
        }
        for pupil, tier in zip((PUPIL, BROTHER), tiers, strict=False)
    ]  # fmt: skip
    sums = [sum(amounts[tier][number] or 0 for tier in tiers) for number in (0, 1)]
    return {"proposed_on": "2026-10-20", "items": items, "early_pence": sums[0], "full_pence": sums[1]}
