"""Notices, people and events for tests, each with its own ids."""

from typing import Any
from uuid import UUID

from shared.contracts.penalties import NoticeIssued, NoticeWithdrawn, PaymentReceived
from shared.ids import new_id

SESSIONS = [
    {"date": f"2026-09-{day}", "session": half, "code": "O", "urn": 100401, "version": 1} for day in range(14, 19) for half in ("AM", "PM")
]
KEY = "tests-11111111-1111-4111-8111-111111111111-22222222-2222-4222-8222-222222222222"
UPN = "A881400020401"
HOME = ["1 High Street", "Chelmsford", "CM1 1QH"]


def a_notice_issued(**changes: Any) -> NoticeIssued:
    facts = {
        "notice_id": new_id(), "kind": "notice-to-improve", "case_id": new_id(), "pupil_id": new_id(), "parent_id": new_id(),
        "urn": 100401, "la_code": "881", "sessions": SESSIONS, "issued_on": "2026-09-21",
    }  # fmt: skip
    return NoticeIssued.model_validate({**facts, **changes})


def a_withdrawal(of: NoticeIssued, **changes: Any) -> NoticeWithdrawn:
    facts = {
        "notice_id": of.notice_id, "kind": of.kind, "case_id": of.case_id, "pupil_id": of.pupil_id, "parent_id": of.parent_id,
        "ground": "material-error", "withdrawn_on": "2026-09-22", "restores": True,
    }  # fmt: skip
    return NoticeWithdrawn.model_validate({**facts, **changes})


def a_payment(of: NoticeIssued, **changes: Any) -> PaymentReceived:
    facts = {
        "notice_id": of.notice_id, "case_id": of.case_id, "pupil_id": of.pupil_id, "parent_id": of.parent_id, "payment_id": "pay1",
        "amount_pence": 8000, "counted_on": "2026-10-08", "paid_pence": 8000, "due_pence": 0, "discharged": True, "revision": 1,
    }  # fmt: skip
    return PaymentReceived.model_validate({**facts, **changes})


def a_notice_to_improve(**changes: Any) -> dict[str, Any]:
    return {
        "issued_on": "2026-09-21",
        "issued_by": "J. Officer",
        "issued_by_role": "school",
        "sessions": SESSIONS,
        "support_offered": "Two meetings; breakfast club.",
        "support_available": "Early Help drop-in.",
        "contact": {"name": "K. Contact", "phone": "01245 000000", "email": None},
        "expected_improvement": "No further unauthorised absence.",
        "early_grounds": "Two further sessions in the first three weeks.",
        "planned_starts_on": "2026-09-28",
        "planned_ends_on": "2026-11-13",
        **changes,
    }


def a_penalty_notice(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "penalty-notice",
        "reference": "PN-7K3M-9QXD",
        "issued_on": "2026-11-16",
        "issued_by": "J. Officer",
        "issued_by_role": "aco",
        "sessions": SESSIONS,
        "offence": {"from": "2026-09-14", "to": "2026-10-06"},
        "tier": "first",
        "early_pence": 8000,
        "full_pence": 16000,
        "planned_received_on": "2026-11-18",
        "planned_early_deadline": "2026-12-08",
        "planned_final_deadline": "2026-12-15",
        **changes,
    }


def people(pupil_id: UUID, parent_id: UUID, **changes: Any) -> dict[str, Any]:
    parent = {
        "id": str(parent_id), "forename": "Sam", "surname": "Example", "relationship": "mother", "lives_with_pupil": True,
        "address": HOME, "email": None, "urn": 100401,
    }  # fmt: skip
    other = {**parent, "id": str(new_id()), "forename": "Alex", "address": ["99 Hidden Lane", "Harlow", "CM20 1AA"]}
    pupil = {"id": str(pupil_id), "upn": UPN, "forename": "Test", "surname": "Pupil", "date_of_birth": "2014-03-03", "schools": []}
    return {"pupil": pupil, "parents": [other, {**parent, **changes}]}


def answers(event: NoticeIssued, notice: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """What other services respond about a notice that was issued; `changes` are of the parent."""
    folder = "notices-to-improve" if event.kind == "notice-to-improve" else "penalty-notices"
    found = notice or (a_notice_to_improve() if folder == "notices-to-improve" else a_penalty_notice())
    return {
        f"/v1/{folder}/{event.notice_id}": found,
        f"/v1/people/{event.pupil_id}": people(event.pupil_id, event.parent_id, **changes),
        "/v1/schools/100401": {"urn": 100401, "name": "School 100401", "la_code": "881"},
    }
