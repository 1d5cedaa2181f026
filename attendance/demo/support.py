"""Logs of support of different quality: what the story's school recorded, and what others did."""

from collections.abc import Sequence

from pydantic import JsonValue

Entry = dict[str, JsonValue]


def careful_log(parents: Sequence[str]) -> tuple[Entry, ...]:
    """Return what a school records that tries one thing after another: two meetings that nobody attended, and what else was offered."""
    absent: list[JsonValue] = [{"parent_id": each, "came": False} for each in parents]
    return (
        {"kind": "attendance-policy", "made_on": "2026-04-13", "way": "e-mail", "notes": "Sent the attendance policy, with the page on leave in term time.", "outcome": "Both parents have read it."},
        {"kind": "call", "made_on": "2026-04-13", "way": "telephone", "notes": "Rang both parents on the first day of absence.", "outcome": "Left a message; nobody rang back."},
        {"kind": "meeting", "made_on": "2026-04-14", "way": "school", "notes": "Offered a meeting with the head of year.", "offered_for": "2026-04-16", "offered_at": "15:30", "participants": absent},
        {"kind": "meeting", "made_on": "2026-04-16", "way": "video", "notes": "Offered a second meeting, by video, before work.", "offered_for": "2026-04-17", "offered_at": "08:00", "participants": absent},
        {"kind": "attendance-contract", "made_on": "2026-04-17", "way": "telephone", "notes": "Offered an Attendance Contract.", "contract": "refused", "outcome": "The mother wants no agreement with the school."},
        {"kind": "lets-talk-we-miss-you", "made_on": "2026-04-17", "way": "home", "notes": "Posted the card through the door.", "outcome": "No answer."},
        {"kind": "agency-referral", "made_on": "2026-04-17", "agency": "Family hub", "notes": "Asked for the family hub's drop-in."},
        {"kind": "reasonable-adjustment", "made_on": "2026-04-17", "notes": "A later start for two weeks.", "outcome": "Agreed with the head of year; not taken up."},
        {"kind": "senco-view", "made_on": "2026-04-17", "notes": "Asked the SENCO.", "outcome": "No special educational need is known."},
        {"kind": "safeguarding-lead-view", "made_on": "2026-04-17", "notes": "Asked the safeguarding lead.", "outcome": "Nothing stands against a Notice to Improve."},
        {"kind": "attendance-champion-view", "made_on": "2026-04-17", "notes": "Asked the Senior Attendance Champion.", "outcome": "Supports a Notice to Improve."},
    )  # fmt: skip


CARELESS_LOG: tuple[Entry, ...] = (
    {"kind": "letter", "made_on": "2026-07-01", "way": "letter", "notes": "Attendance letter 1: your child's attendance is a concern. Please contact the school."},
    {"kind": "letter", "made_on": "2026-07-08", "way": "letter", "notes": "Attendance letter 1: your child's attendance is a concern. Please CONTACT the school."},
    {"kind": "meeting", "made_on": "2026-07-01", "way": "school", "notes": "Meeting offered.", "offered_for": "2026-07-06", "offered_at": "09:00"},
    {"kind": "meeting", "made_on": "2026-07-08", "way": "school", "notes": "Meeting offered again.", "offered_for": "2026-07-13", "offered_at": "09:00"},
)  # fmt: skip
"""What a school records that sends the same letter and offers the same hour twice: the checklist flags both, and misses most."""
