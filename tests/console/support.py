"""Responses about the support log."""

from typing import Any

from tests.console.responses import CASE, FATHER, MOTHER, URN

ENTRY = "01990000-0000-7000-8000-000000000061"
REFERRAL = "01990000-0000-7000-8000-000000000062"


def a_participant(**changes: Any) -> dict[str, Any]:
    """The mother, who came, engaged and got the notes."""
    return {
        "parent_id": MOTHER,
        "name": None,
        "invited": True,
        "came": True,
        "engaged": True,
        "notes_given_on": "2026-09-18",
        "office": None,
    } | changes


def a_content(**changes: Any) -> dict[str, Any]:
    """A meeting that was held with the mother and the SENCO."""
    return {
        "kind": "meeting",
        "made_on": "2026-09-14",
        "notes": "Offered a meeting about the first week.",
        "way": "school",
        "offered_for": "2026-09-17",
        "offered_at": "15:30:00",
        "held_on": "2026-09-17",
        "missed": False,
        "participants": [
            a_participant(),
            a_participant(parent_id=FATHER, came=False, engaged=None, notes_given_on=None),
            a_participant(parent_id=None, name="Ms Lane, SENCO", engaged=None, notes_given_on=None),
        ],
        "child_present": True,
        "outcome": "Breakfast club from Monday.",
        "contract": None,
        "agency": None,
        "not_done_because": None,
        "evidence": False,
        "sensitive": True,
        "sensitive_reason": "Health of the mother.",
        "agreed": [],
        "about_from": None,
        "about_to": None,
        "offices_absent": [],
    } | changes


def minutes() -> dict[str, Any]:
    """An internal meeting at which the SENCO was not, with what was agreed."""
    nobody = {"parent_id": None, "engaged": None, "notes_given_on": None}
    staff = [
        a_participant(**nobody, name="Mr Grey", office="attendance-champion"),
        a_participant(**nobody, name="Ms Lane", office="senco", came=False),
    ]
    agreed = [{"what": "Ring the GP.", "by_whom": "Ms Lane", "by_when": "2026-09-25"}]
    return a_content(kind="internal-meeting", participants=staff, agreed=agreed, offices_absent=["senco"], child_present=False)


def a_lead(**changes: Any) -> dict[str, Any]:
    """The lead professional of a case."""
    return {
        "id": REFERRAL,
        "name": "Ms Lane",
        "office": "Family support worker",
        "since": "2026-09-21",
        "recorded_by": "Ann Officer",
        "recorded_by_role": "school",
        "recorded_at": "2026-09-21T08:00:00Z",
    } | changes


def a_missed_meeting() -> dict[str, Any]:
    """A meeting to which nobody came."""
    nobody = [a_participant(came=False, engaged=None, notes_given_on=None)]
    return a_content(
        held_on=None, missed=True, participants=nobody, outcome=None, child_present=False, sensitive_reason=None, evidence=True
    )


def a_why_not() -> dict[str, Any]:
    """Why no Attendance Contract was offered."""
    return a_content(
        kind="attendance-contract", not_done_because="A holiday.", offered_for=None, offered_at=None, held_on=None, participants=[],
        outcome=None, child_present=False, way=None, sensitive_reason=None,
    )  # fmt: skip


def a_version(**changes: Any) -> dict[str, Any]:
    """The first version of an entry, by the school."""
    return {
        "version": 1,
        "content": a_content(),
        "correction_reason": None,
        "written_by": "Ann Officer",
        "written_by_role": "school",
        "written_for": "school",
        "written_at": "2026-09-18T08:00:00Z",
    } | changes


def an_attachment(**changes: Any) -> dict[str, Any]:
    """A PDF that was attached to the first version of an entry."""
    return {
        "number": 1,
        "version": 1,
        "name": "Notes of the meeting.pdf",
        "media_type": "application/pdf",
        "size": 18_000,
        "sha256": "00",
        "attached_by": "Ann Officer",
        "attached_by_role": "school",
        "attached_at": "2026-09-18T08:05:00Z",
    } | changes


def an_entry(**changes: Any) -> dict[str, Any]:
    """An entry that was corrected once."""
    second = a_version(version=2, correction_reason="It was the mother.")
    beside = {"id": ENTRY, "urn": URN, "state": None, "attachments": [an_attachment()], "steps": [], "next_steps": []}
    return {**second, **beside, "versions": [a_version(), second]} | changes


def a_referral() -> dict[str, Any]:
    """A referral to an agency that was accepted."""
    content = a_content(kind="agency-referral", agency="Family centre", held_on=None, offered_for=None, offered_at=None, participants=[])
    version = a_version(content=content)
    steps = [{"step": "accepted", "taken_on": "2026-09-18", "notes": "They wrote.", "recorded_by": "Ann Officer"}]
    beside = {"id": REFERRAL, "state": "accepted", "steps": steps, "next_steps": ["waiting", "started", "ended"]}
    return an_entry(**{**version, **beside, "versions": [version]})


def a_log() -> list[dict[str, Any]]:
    """A log with an entry of every look."""
    return [
        an_entry(),
        an_entry(id=MOTHER, version=1, content=a_missed_meeting()),
        an_entry(id=FATHER, version=1, content=a_why_not(), written_by_role="aco", written_for="authority"),
        a_referral(),
        an_entry(id=CASE, version=1, content=minutes()),
    ]


def completeness(**changes: Any) -> dict[str, Any]:
    """What the log lacks: an item in every state, and two offers that are alike."""
    return {
        "complete": False,
        "counted_from": "2026-07-13",
        "items": [
            {"item": "meeting", "state": "done", "words": "14 September 2026: Breakfast club from Monday."},
            {"item": "attendance-contract", "state": "not-done", "words": "Not done, because: A holiday. (14 September 2026)"},
            {"item": "early-help", "state": "without-outcome", "words": "Recorded on 14 September 2026, without what came of it."},
            {"item": "senco-view", "state": "missing", "words": "Nothing is recorded. Record what was done, or why it was not."},
        ],
        "alike": [{"kind": "offers", "words": "Offered 2 times for a Thursday at 15:30, by the same way.", "entry_ids": []}],
        "findings": [],
    } | changes
