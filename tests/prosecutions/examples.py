"""Events for tests, each with its own ids."""

from typing import Any

from shared.contracts.penalties import CaseDecided, NoticeWithdrawn, PaymentOverdue, PaymentReceived
from shared.contracts.thresholds import ReliedOnMarkChanged
from shared.ids import new_id

SESSIONS = [
    {"date": f"2026-{day}", "session": half, "code": "O", "urn": 100401, "version": 1}
    for day in ("09-14", "09-15", "09-16", "09-17", "09-18", "10-05", "10-06")
    for half in ("AM", "PM")
]


def an_overdue_notice(**changes: Any) -> PaymentOverdue:
    warned = {
        "notice_id": new_id(), "issued_on": "2026-09-21", "starts_on": "2026-09-28", "ends_on": "2026-11-13", "outcome": "failed",
        "outcome_on": "2026-11-16",
        "served": {"notice_id": new_id(), "method": "first-class-post", "posted_on": "2026-09-21", "received_on": "2026-09-23", "proof_id": new_id()},
    }  # fmt: skip
    facts = {
        "notice_id": new_id(), "kind": "penalty-notice", "reference": "PN-7K3M-9QXD", "case_id": new_id(), "pupil_id": new_id(),
        "parent_id": new_id(), "urn": 100401, "la_code": "881", "offence": {"from": "2026-09-14", "to": "2026-10-06"}, "sessions": SESSIONS,
        "issued_on": "2026-11-16",
        "served": {"notice_id": new_id(), "method": "first-class-post", "posted_on": "2026-11-16", "received_on": "2026-11-18", "proof_id": new_id()},
        "tier": "first", "early_pence": 8000, "full_pence": 16000, "early_deadline": "2026-12-08", "final_deadline": "2026-12-15",
        "overdue_from": "2026-12-16", "paid_pence": 0, "improvement_notices": [warned],
        "decisions": [{"on": "2026-11-16", "what": "decided: penalty-notice", "by_role": "school"}],
        "findings": [{"provision": "tariff", "reference": "SI 2007/1867", "version": "2024-08-19", "facts": {}, "outcome": "first"}],
    }  # fmt: skip
    return PaymentOverdue.model_validate({**facts, **changes})


def a_payment(of: PaymentOverdue, **changes: Any) -> PaymentReceived:
    facts = {
        "notice_id": of.notice_id, "case_id": of.case_id, "pupil_id": of.pupil_id, "parent_id": of.parent_id, "payment_id": "pay1",
        "amount_pence": 16000, "counted_on": "2026-12-17", "paid_pence": 16000, "due_pence": 0, "discharged": True, "revision": 1,
    }  # fmt: skip
    return PaymentReceived.model_validate({**facts, **changes})


def a_withdrawal(of: PaymentOverdue, **changes: Any) -> NoticeWithdrawn:
    facts = {
        "notice_id": of.notice_id, "kind": of.kind, "case_id": of.case_id, "pupil_id": of.pupil_id, "parent_id": of.parent_id,
        "ground": "no-proceedings", "withdrawn_on": "2026-12-20", "restores": False,
    }  # fmt: skip
    return NoticeWithdrawn.model_validate({**facts, **changes})


def a_changed_mark(of: PaymentOverdue, **changes: Any) -> ReliedOnMarkChanged:
    facts = {
        "pupil_id": of.pupil_id, "urn": 100401, "date": "2026-09-14", "session": "AM", "previous_code": "O", "code": "I", "previous_version": 1,
        "version": 2, "relied_on_by": [],
    }  # fmt: skip
    return ReliedOnMarkChanged.model_validate({**facts, **changes})


def an_agreement(**changes: Any) -> CaseDecided:
    facts = {
        "decision_id": new_id(), "case_id": new_id(), "pupil_id": new_id(), "urn": 100401, "la_code": "881", "stage": "agreement", "agreed": True,
        "recommendation": "prosecution", "parent_ids": [new_id(), new_id()], "decided_on": "2026-12-16", "decided_by_role": "aco", "sessions": SESSIONS,
    }  # fmt: skip
    return CaseDecided.model_validate({**facts, **changes})
