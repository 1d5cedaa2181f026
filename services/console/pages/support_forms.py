"""The form of an entry of the support log: its fields, what they become, and how an entry fills them."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from pydantic import JsonValue
from starlette.datastructures import FormData

from services.console.pages.forms import REASON, Body, FormAction, date_field, list_field, text_field, text_fields, without_empty
from services.console.rendering import label
from services.console.responses.support import EntryContent, Participant

KINDS = (
    "meeting", "call", "letter", "e-mail", "home-visit", "attendance-contract", "early-help-drop-in", "team-around-the-family",
    "lets-talk-we-miss-you", "agency-referral", "advice", "senco-view", "safeguarding-lead-view", "attendance-champion-view",
    "reasonable-adjustment", "medical-evidence", "attendance-policy", "return-conversation", "officer-drop-in", "officer-at-meeting",
    "internal-meeting",
)  # fmt: skip
WAYS = ("school", "home", "telephone", "video", "neutral-place", "letter", "e-mail")
CONTRACT_STATES = ("offered", "made", "refused", "failed")
OFFICES = ("attendance-champion", "attendance-officer", "senco", "safeguarding-lead")
MOST_AGREED = 30
"""What penalties takes of one meeting."""
ATTENDED = {"invited": None, "came": True, "absent": False}
"""What a person chooses of a parent, and whether that parent came."""

_REQUIRED = {
    "kind": "Choose what was done or offered",
    "made_on": "Enter the day on which it was done or offered",
    "notes": "Write what was done or offered",
}

_FIELDS = {
    "contract-without-parent": "contract",
    "contract-state": "contract",
    "contract-of-another-kind": "contract",
    "agency": "agency",
    "step-out-of-order": "step",
    "step-in-future": "taken_on",
    "step-before-the-last": "taken_on",
    "child-meeting-as-evidence": "flags",
    "made-in-future": "made_on",
    "held-in-future": "held_on",
    "held-before-offered": "held_on",
    "came-to-nothing": "held_on",
    "offered-for-the-past": "offered_for",
    "hour-without-day": "offered_for",
    "internal-with-family": "kind",
    "agreed-at-no-meeting": "held_on",
    "agreed-for-the-past": "due-1",
    "about-of-another-kind": "about_from",
    "about-in-part": "about_from",
    "about-backwards": "about_to",
    "agreed": "agreed-1",
    "agreed.by_whom": "whom-1",
    "agreed.by_when": "due-1",
    "done-and-not-done": "not_done_because",
    "nothing-as-evidence": "flags",
    "child_present": "flags",
    "evidence": "flags",
    "participants": "others",
    "parent_id": "others",
}
"""The field of the form that a refusal is about."""


def entry_body(form: FormData) -> Body:
    """Return an entry as the service takes it."""
    held_on = date_field(form, "held_on")
    return without_empty(
        **text_fields(form, "kind", "way", "notes", "outcome", "contract", "agency", "not_done_because", "sensitive_reason", "offered_at"),
        made_on=date_field(form, "made_on"),
        offered_for=date_field(form, "offered_for"),
        held_on=held_on,
        about_from=date_field(form, "about_from"),
        about_to=date_field(form, "about_to"),
        participants=[
            *_parents(form),
            *_others(form, "others", came=True if held_on else None),
            *_others(form, "absent", came=False),
            *_staff(form, held_on),
        ],
        agreed=list(_agreed(form)) or None,
        child_present="child_present" in list_field(form, "flags"),
        evidence="evidence" in list_field(form, "flags"),
    )


def _parents(form: FormData) -> Iterable[JsonValue]:
    for parent_id in map(str, form.getlist("parent_id")):
        attended = text_field(form, f"attended-{parent_id}")
        if attended in ATTENDED:
            engaged = {"yes": True, "no": False}.get(text_field(form, f"engaged-{parent_id}") or "")
            given = date_field(form, f"given-{parent_id}")
            yield without_empty(parent_id=parent_id, came=ATTENDED[attended], engaged=engaged, notes_given_on=given)


def _others(form: FormData, field: str, *, came: bool | None) -> Iterable[JsonValue]:
    for line in (text_field(form, field) or "").splitlines():
        if line.strip():
            yield without_empty(name=line.strip(), came=came)


def _staff(form: FormData, held_on: str | None) -> Iterable[JsonValue]:
    """Give who held an office at an internal meeting: there if the day on which it was held is given."""
    for office in OFFICES:
        for line in (text_field(form, f"office-{office}") or "").splitlines():
            if line.strip():
                yield without_empty(name=line.strip(), office=office, came=True if held_on else None)


def _agreed(form: FormData) -> Iterable[JsonValue]:
    for number in range(1, MOST_AGREED + 1):
        texts = text_fields(form, f"agreed-{number}", f"whom-{number}")
        agreed = without_empty(
            what=texts.get(f"agreed-{number}"), by_whom=texts.get(f"whom-{number}"), by_when=date_field(form, f"due-{number}")
        )
        if agreed:
            yield agreed


def filled_form(content: EntryContent, version: int) -> FormData:
    """Return the form that an entry fills, to be corrected."""
    fields: list[tuple[str, str]] = [("version", str(version))]
    texts = ("kind", "way", "notes", "outcome", "contract", "agency", "not_done_because", "sensitive_reason")
    fields += [(name, getattr(content, name) or "") for name in texts]
    fields.append(("offered_at", f"{content.offered_at:%H:%M}" if content.offered_at else ""))
    for name in ("made_on", "offered_for", "held_on", "about_from", "about_to"):
        fields += _day(name, getattr(content, name))
    fields += [("flags", name) for name in ("child_present", "evidence") if getattr(content, name)]
    for each in content.participants:
        fields += _filled_parent(each.parent_id, each) if each.parent_id else []
    for office in OFFICES:
        there = [each.name or "" for each in content.participants if each.office == office and each.came is not False]
        fields.append((f"office-{office}", "\n".join(there)))
    for number, agreed in enumerate(content.agreed, 1):
        fields += [(f"agreed-{number}", agreed.what), (f"whom-{number}", agreed.by_whom), *_day(f"due-{number}", agreed.by_when)]
    others = [each for each in content.participants if each.name and not (each.office and each.came is not False)]
    fields.append(("others", "\n".join(each.name or "" for each in others if each.came is not False)))
    fields.append(("absent", "\n".join(_absent(each) for each in others if each.came is False)))
    return FormData([*fields])


def _absent(each: Participant) -> str:
    """Return the line of somebody who did not come, with the office at the school."""
    return f"{each.name}, {label(each.office)}" if each.office else each.name or ""


def _filled_parent(parent_id: UUID, each: Participant) -> list[tuple[str, str]]:
    attended = next(name for name, came in ATTENDED.items() if came is each.came)
    engaged = {True: "yes", False: "no", None: ""}[each.engaged]
    return [(f"attended-{parent_id}", attended), (f"engaged-{parent_id}", engaged), *_day(f"given-{parent_id}", each.notes_given_on)]


def _day(name: str, day: date | None) -> list[tuple[str, str]]:
    return [(f"{name}-{unit}", str(getattr(day, unit))) for unit in ("day", "month", "year")] if day else []


RECORD = FormAction(
    "support-entry",
    "record-support",
    "Record what was tried",
    "Record it",
    _REQUIRED,
    entry_body,
    lambda case_id, _form: f"/v1/cases/{case_id}/support-entries",
    fields=_FIELDS,
)
CORRECT = FormAction(
    "support-correction",
    "correct-support",
    "Correct this entry",
    "Store the correction",
    {**_REQUIRED, "reason": REASON},
    lambda form: {**entry_body(form), "version": int(text_field(form, "version") or "0"), "reason": text_field(form, "reason")},
    lambda entry_id, _form: f"/v1/support-entries/{entry_id}/versions",
    fields=_FIELDS,
)
STEP = FormAction(
    "support-step",
    "record-support-step",
    "Record what followed",
    "Record the step",
    {"step": "Choose what followed", "taken_on": "Enter the day on which it followed", "step_notes": "Write what followed, or why"},
    lambda form: without_empty(step=text_field(form, "step"), taken_on=date_field(form, "taken_on"), notes=text_field(form, "step_notes")),
    lambda entry_id, _form: f"/v1/support-entries/{entry_id}/steps",
    fields={**_FIELDS, "notes": "step_notes"},
)
LEAD = FormAction(
    "lead-professional",
    "record-lead",
    "Record the lead professional",
    "Record it",
    {"name": "Enter the name", "office": "Enter the office", "since": "Enter the day"},
    lambda form: without_empty(name=text_field(form, "name"), office=text_field(form, "office"), since=date_field(form, "since")),
    lambda case_id, _form: f"/v1/cases/{case_id}/lead-professionals",
    fields={"lead-in-future": "since"},
)
