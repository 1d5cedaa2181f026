"""Responses of the services, with what a test changes in them."""

from typing import Any

from tests.console.parents import a_parent

CASE = "01990000-0000-7000-8000-000000000001"
PUPIL = "01990000-0000-7000-8000-000000000002"
MOTHER = "01990000-0000-7000-8000-000000000003"
FATHER = "01990000-0000-7000-8000-000000000004"
IMPROVEMENT_NOTICE = "01990000-0000-7000-8000-000000000005"
PENALTY_NOTICE = "01990000-0000-7000-8000-000000000006"
FILE = "01990000-0000-7000-8000-000000000007"
LETTER = "01990000-0000-7000-8000-000000000008"
UPN = "A881200000401"
URN = 100401

FINDING = {
    "provision": "threshold_sessions",
    "reference": "National framework for penalty notices, August 2024",
    "href": "https://www.gov.uk/government/publications/working-together-to-improve-school-attendance",
    "version": "2024-08-19",
    "value": 10,
    "outcome": "met",
    "facts": {"counted": 10, "first": "2026-09-14"},
}


def sessions(*days: str, code: str = "O") -> list[dict[str, Any]]:
    """Give both sessions of each day."""
    return [{"date": day, "session": half, "code": code, "urn": URN, "version": 1} for day in days for half in ("AM", "PM")]


TEN = sessions("2026-09-14", "2026-09-15", "2026-09-16", "2026-09-17", "2026-09-18")


def a_case_in_a_list(**changes: Any) -> dict[str, Any]:
    return {
        "id": CASE,
        "pupil_id": PUPIL,
        "upn": UPN,
        "urn": URN,
        "la_code": "881",
        "status": "open",
        "outcome": None,
        "opened_on": "2026-09-18",
        "closed_on": None,
        "threshold": "met",
        "policy": "essex",
        "met_at": {"date": "2026-09-18", "session": "PM"},
        "holiday": False,
        "count": 10,
        "earliest_time_bar": "2027-03-14",
    } | changes


def an_action(action: str, allowed: bool = True, why_not: str | None = None) -> dict[str, Any]:
    return {"action": action, "allowed": allowed, "why_not": why_not}


def a_case(**changes: Any) -> dict[str, Any]:
    return (
        a_case_in_a_list()
        | {
            "pupil_name": "Robin Example",
            "window": {"from": "2026-09-14", "to": "2026-09-20"},
            "sessions": TEN,
            "counting": [each | {"set_aside": False} for each in TEN],
            "counts": {"O": 10},
            "holiday_period": None,
            "findings": [FINDING],
            "parents": [a_parent(MOTHER, "Sam Example", "mother", True), a_parent(FATHER, "Alex Example", "father")],
            "liability": [],
            "decisions": [],
            "agreement": None,
            "agreements": [],
            "notices": [],
            "held": False,
            "holds": [],
            "actions": [
                an_action("decide"),
                an_action("close-without-action"),
                an_action("issue-notice-to-improve", False, "No decision for a Notice to Improve names this parent."),
                an_action("record-outcome", False, "No Notice to Improve is running."),
                an_action("agree", False, "This needs another role."),
                an_action("issue-penalty-notice", False, "This needs another role."),
                an_action("record-liability"),
                an_action("clear", False, "Nothing awaits a clearance."),
            ],
        }
        | changes
    )


def people(**changes: Any) -> dict[str, Any]:
    pupil = {
        "id": PUPIL,
        "upn": UPN,
        "forename": "Robin",
        "surname": "Example",
        "date_of_birth": "2014-05-02",
        "schools": [{"urn": URN, "name": "Riverside Primary", "la_code": "881", "admitted_on": "2019-09-01", "left_on": None}],
    }
    return {"pupil": pupil | changes, "parents": []}


def an_improvement_notice(**changes: Any) -> dict[str, Any]:
    return {
        "id": IMPROVEMENT_NOTICE,
        "case_id": CASE,
        "pupil_id": PUPIL,
        "parent_id": MOTHER,
        "urn": URN,
        "la_code": "881",
        "status": "ended",
        "held": False,
        "issued_on": "2026-09-21",
        "served_on": "2026-09-23",
        "starts_on": "2026-09-28",
        "ends_on": "2026-11-13",
        "ended_on": None,
        "sessions": TEN,
        "support_offered": "Two meetings.",
        "support_available": "Early Help drop-in.",
        "contact": {"name": "J. Officer", "phone": "01245 000000", "email": None},
        "expected_improvement": "No further unauthorised absence.",
        "early_grounds": None,
        "issued_by": "J. Officer",
        "issued_by_role": "school",
        "outcome_reason": None,
        "ended_by": None,
        "ended_by_role": None,
        "sessions_since_service": sessions("2026-10-05"),
        "findings": [FINDING],
    } | changes


def a_penalty_notice(**changes: Any) -> dict[str, Any]:
    return {
        "id": PENALTY_NOTICE,
        "reference": "881-7K2M-9QXT",
        "kind": "penalty-notice",
        "case_id": CASE,
        "pupil_id": PUPIL,
        "parent_id": FATHER,
        "urn": URN,
        "la_code": "881",
        "status": "overdue",
        "held": False,
        "tier": "first",
        "early_pence": 8000,
        "full_pence": 16000,
        "offence": {"from": "2026-09-14", "to": "2026-10-06"},
        "main_reason": "other",
        "issued_on": "2026-11-16",
        "received_on": "2026-11-18",
        "early_deadline": "2026-12-08",
        "final_deadline": "2026-12-15",
        "due_pence": 16000,
        "paid_pence": 0,
        "sessions": TEN,
        "issued_by": "Ann Officer",
        "issued_by_role": "aco",
        "paid_on": None,
        "withdrawn_on": None,
        "withdrawal_ground": None,
        "findings": [FINDING],
    } | changes


def a_letter(**changes: Any) -> dict[str, Any]:
    return {
        "id": LETTER,
        "kind": "penalty-notice",
        "about": PENALTY_NOTICE,
        "parent_id": FATHER,
        "pupil_id": PUPIL,
        "urn": URN,
        "la_code": "881",
        "channel": "post",
        "status": "served",
        "made_on": "2026-11-16",
        "posted_on": "2026-11-16",
        "received_on": "2026-11-18",
        "returned_on": None,
        "trouble": None,
    } | changes


def a_file_in_a_list(**changes: Any) -> dict[str, Any]:
    return {
        "id": FILE,
        "status": "draft",
        "held": False,
        "offence": "s444",
        "case_id": CASE,
        "pupil_id": PUPIL,
        "parent_id": FATHER,
        "urn": URN,
        "la_code": "881",
        "safe_limit": "2027-03-14",
        "outer_limit": "2027-04-06",
        "opened_on": "2026-12-16",
        "charged_on": None,
        "ended_on": None,
        "outcome": None,
        "notice_ids": [PENALTY_NOTICE],
    } | changes


def a_file(**changes: Any) -> dict[str, Any]:
    gate = {
        "id": "public-interest",
        "question": "Is a prosecution in the public interest?",
        "reference": "Code for Crown Prosecutors",
        "opens": "yes",
        "answer": None,
        "reason": None,
        "answered_by": None,
        "answered_on": None,
    }
    return (
        a_file_in_a_list()
        | {
            "sessions": TEN,
            "chronology": [{"on": "2026-11-16", "what": "Penalty notice issued", "by": "Ann Officer"}],
            "findings": [FINDING],
            "proofs": [],
            "gates": [gate],
            "holds": [],
        }
        | changes
    )


def a_threshold(**changes: Any) -> dict[str, Any]:
    return {
        "pupil_id": PUPIL,
        "upn": UPN,
        "status": "met",
        "count": 10,
        "count_with_unresolved_n": None,
        "met_at": {"date": "2026-09-18", "session": "PM"},
        "window": {"from": "2026-09-14", "to": "2026-09-20"},
        "sessions": TEN,
        "counting": TEN,
        "holiday": False,
        "run_id": CASE,
        "flagged": [],
        "disagreements": [],
        "findings": [FINDING],
    } | changes


def a_dead_letter(**changes: Any) -> dict[str, Any]:
    return {
        "id": 7,
        "consumer": "penalties",
        "event_id": CASE,
        "topic": "thresholds",
        "key": PUPIL,
        "type": "threshold-met.v1",
        "error": "KeyError: 'urn'",
        "attempts": 1,
        "arrived_at": "2026-11-18T14:05:00Z",
        "resolved_at": None,
        "resolution": None,
        "resolved_by": None,
        "reason": None,
    } | changes


SIBLING = "01990000-0000-7000-8000-000000000009"
LEAVE = "01990000-0000-7000-8000-00000000000a"
IMPORT = "01990000-0000-7000-8000-00000000000b"


def a_school(**changes: Any) -> dict[str, Any]:
    return {"urn": URN, "name": "Mill Lane School", "la_code": "881", "phase": "secondary", "district": "Braintree"} | changes


def an_unresolved_mark(**changes: Any) -> dict[str, Any]:
    return {
        "pupil_id": PUPIL,
        "upn": UPN,
        "forename": "Robin",
        "surname": "Example",
        "year_group": "9",
        "urn": URN,
        "school": "Mill Lane School",
        "due_on": "2027-01-12",
        "date": "2027-01-05",
        "session": "AM",
        "days_left": 2,
        "overdue": False,
    } | changes


def a_leave_request(**changes: Any) -> dict[str, Any]:
    return {
        "id": LEAVE,
        "status": "asked",
        "pupil_id": PUPIL,
        "upn": UPN,
        "forename": "Robin",
        "surname": "Example",
        "urn": URN,
        "la_code": "881",
        "parent_id": MOTHER,
        "lives_with_pupil": True,
        "asked_on": "2027-01-04",
        "in_advance": True,
        "from": "2027-01-18",
        "to": "2027-01-22",
        "reason": "A wedding abroad.",
        "recorded_at": "2027-01-04T09:00:00Z",
        "recorded_by": "K. Clerk",
        "decision": None,
        "withdrawal": None,
        "siblings": [],
    } | changes


def a_leave_decision(**changes: Any) -> dict[str, Any]:
    return {
        "outcome": "granted",
        "code": "C",
        "reason": "A close relative.",
        "decided_on": "2027-01-06",
        "decided_at": "2027-01-06T09:00:00Z",
        "decided_by": "H. Head",
        "role": "school",
        "late": False,
        "findings": [FINDING],
    } | changes


def a_sibling(**changes: Any) -> dict[str, Any]:
    return {
        "id": SIBLING,
        "pupil_id": SIBLING,
        "forename": "Kim",
        "surname": "Example",
        "urn": 100402,
        "school": "High Road Primary",
        "from": "2027-01-18",
        "to": "2027-01-19",
        "status": "refused",
        "code": None,
        "decided_on": "2027-01-07",
    } | changes


def a_withdrawal(**changes: Any) -> dict[str, Any]:
    return {
        "withdrawn_on": "2027-01-08",
        "reason": "It is off.",
        "recorded_at": "2027-01-08T09:00:00Z",
        "recorded_by": "K. Clerk",
        "role": "school",
    } | changes


def an_import(**changes: Any) -> dict[str, Any]:
    return {
        "id": IMPORT,
        "state": "done",
        "format": "csv",
        "name": "marks.csv",
        "urn": URN,
        "size": 4096,
        "sha256": "00",
        "made_by": "Mo Lead",
        "received_at": "2027-01-04T09:00:00Z",
        "started_at": "2027-01-04T09:00:01Z",
        "ended_at": "2027-01-04T09:00:09Z",
        "total": 1200,
        "position": 1200,
        "recorded": 1100,
        "amended": 40,
        "unchanged": 50,
        "ignored": 8,
        "rejected": 2,
        "trouble": None,
        "file_deleted_on": None,
    } | changes


def a_refused_line(**changes: Any) -> dict[str, Any]:
    return {
        "number": 7,
        "line": 8,
        "school": str(URN),
        "upn": UPN,
        "date": "2026-09-10",
        "session": "AM",
        "code": "Q",
        "reason": "There is no such code.",
        "kept_apart": False,
    } | changes
