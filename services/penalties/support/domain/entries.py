"""An entry of the support log, and what stands in the way of recording it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal, get_args
from uuid import UUID

from services.penalties.case_file.domain.refusals import Refusal
from shared.law import Finding, Law

EntryKind = Literal[
    "meeting",
    "letter",
    "call",
    "e-mail",
    "home-visit",
    "attendance-contract",
    "early-help-drop-in",
    "team-around-the-family",
    "lets-talk-we-miss-you",
    "agency-referral",
    "advice",
    "senco-view",
    "safeguarding-lead-view",
    "attendance-champion-view",
    "reasonable-adjustment",
    "medical-evidence",
    "attendance-policy",
    "return-conversation",
    "officer-drop-in",
    "officer-at-meeting",
    "internal-meeting",
]
Way = Literal["school", "home", "telephone", "video", "neutral-place", "letter", "e-mail"]
ContractState = Literal["offered", "made", "refused", "failed"]
WrittenFor = Literal["school", "accredited", "authority"]
Office = Literal["attendance-champion", "attendance-officer", "senco", "safeguarding-lead"]
OFFICES: tuple[Office, ...] = get_args(Office)
"""Who meets at a school before it refers a case."""


@dataclass(frozen=True, slots=True)
class Participant:
    """One person who was invited or came: a parent by id, or somebody else by name. None: nobody has recorded it yet.

    `office`: at the school, of somebody who is no parent. `notes_given_on`: the day on which this person got the notes.
    """

    parent_id: UUID | None = None
    name: str | None = None
    invited: bool = True
    came: bool | None = None
    engaged: bool | None = None
    notes_given_on: date | None = None
    office: Office | None = None


@dataclass(frozen=True, slots=True)
class AgreedAction:
    """What was agreed at a meeting: by whom, and by when, it is done."""

    what: str
    by_whom: str
    by_when: date


@dataclass(frozen=True, slots=True)
class EntryContent:
    """The content of an entry. `made_on`: the day on which it was done or offered. `offered_for`, `offered_at`: when it was to be held.

    `about_from`, `about_to`: the days of absence that medical evidence is about; None: not recorded. `not_done_because`: nothing was done, and why. `evidence`: the school or the authority wants to rely on it in a step against a parent.
    """

    kind: EntryKind
    made_on: date
    notes: str
    way: Way | None = None
    offered_for: date | None = None
    offered_at: time | None = None
    held_on: date | None = None
    participants: tuple[Participant, ...] = ()
    child_present: bool = False
    outcome: str | None = None
    contract: ContractState | None = None
    agency: str | None = None
    not_done_because: str | None = None
    evidence: bool = False
    sensitive_reason: str | None = None
    agreed: tuple[AgreedAction, ...] = ()
    about_from: date | None = None
    about_to: date | None = None

    def is_about(self, day: date) -> bool:
        """Return whether medical evidence is about a day; where no days are recorded, it may be about any."""
        return self.about_from is None or self.about_to is None or self.about_from <= day <= self.about_to

    @property
    def offices_absent(self) -> tuple[Office, ...]:
        """The offices of which nobody came to an internal meeting that was held."""
        if self.kind != "internal-meeting" or self.held_on is None:
            return ()
        return tuple(office for office in OFFICES if not any(each.came and each.office == office for each in self.participants))

    @property
    def parents(self) -> tuple[Participant, ...]:
        """Those participants who are parents."""
        return tuple(each for each in self.participants if each.parent_id is not None)

    @property
    def missed(self) -> bool:
        """Whether it was offered, was not held, and nobody who was expected came."""
        return self.held_on is None and any(each.came is False for each in self.participants)

    @property
    def sensitive(self) -> bool:
        """Whether it is marked as sensitive."""
        return self.sensitive_reason is not None


@dataclass(frozen=True, slots=True)
class EntryVersion:
    """An entry as one person wrote it; from the second version on with the reason why it was corrected."""

    entry_id: UUID
    version: int
    content: EntryContent
    correction_reason: str | None
    written_by: str
    written_by_role: str
    written_by_subject: str
    written_for: WrittenFor
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a child's log: on which record of the child, for which school, and the version that holds now."""

    id: UUID
    pupil_id: UUID
    urn: int
    la_code: str
    version: int
    made_on: date
    written_for: WrittenFor


@dataclass(frozen=True, slots=True)
class EntryAssessment:
    """What is wrong with an entry, and the provisions that were applied to it."""

    refusals: tuple[Refusal, ...]
    findings: tuple[Finding, ...]


def assess_entry(content: EntryContent, today: date, law: Law) -> EntryAssessment:
    """Return what stands in the way of recording an entry today, by the law and the practice of the authority as they are today."""
    refusals = [*_dates(content, today), *_persons(content), *_not_done(content), *_particulars(content)]
    findings = []
    if content.contract == "made":
        provision = law.at("contract_needs_parent_present", today)
        present = content.held_on is not None and any(each.came for each in content.parents)
        fine = present or not provision.value
        findings.append(provision.finding("met" if fine else "refused", parent_present=present))
        if not fine:
            text = (
                "An Attendance Contract is made with a parent who is present, and no parent is recorded as having come."
                " Record a parent who did not come as a meeting that was missed."
            )
            refusals.append(Refusal("contract-without-parent", text))
    if content.evidence and content.child_present:
        provision = law.at("child_meeting_is_evidence", today)
        findings.append(provision.finding("met" if provision.value else "refused", child_present=True))
        if not provision.value:
            text = (
                "What came up in a meeting with the child is not used as evidence against a parent."
                " Record the meeting as support, without marking it as evidence."
            )
            refusals.append(Refusal("child-meeting-as-evidence", text))
    return EntryAssessment(tuple(refusals), tuple(findings))


def _dates(content: EntryContent, today: date) -> Iterable[Refusal]:
    if content.made_on > today:
        yield Refusal("made-in-future", "The day on which it was done or offered is still to come.")
    if content.held_on and content.held_on > today:
        yield Refusal("held-in-future", "The day on which it was held is still to come: record when it is offered for.")
    if content.held_on and content.held_on < content.made_on:
        yield Refusal("held-before-offered", "It cannot have been held before it was offered.")
    if content.offered_for and content.offered_for < content.made_on:
        yield Refusal("offered-for-the-past", "It was offered for a day before the day on which it was offered.")
    if content.offered_at and not content.offered_for:
        yield Refusal("hour-without-day", "Give the day for which it was offered, too.")
    for day in (each.notes_given_on for each in content.participants if each.notes_given_on):
        if day > today:
            yield Refusal("notes-in-future", "The day on which the notes were given is still to come.")
        elif day < (content.held_on or content.made_on):
            yield Refusal("notes-before-meeting", "The notes cannot have been given before there was anything to note.")


def _persons(content: EntryContent) -> Iterable[Refusal]:
    seen: set[UUID] = set()
    for each in content.participants:
        if (each.parent_id is None) == (each.name is None):
            yield Refusal("participant", "Name each person once: a parent of the pupil, or somebody else by name.", each.parent_id)
        if each.parent_id is not None and each.office is not None:
            yield Refusal(
                "office-of-parent", "An office at the school is of somebody who is no parent here: name them apart.", each.parent_id
            )
        if each.parent_id in seen:
            yield Refusal("participant-twice", "This parent is named twice.", each.parent_id)
        if each.parent_id is not None:
            seen.add(each.parent_id)
        if each.came and content.held_on is None:
            yield Refusal("came-to-nothing", "Somebody came: give the day on which it was held.", each.parent_id)


def _not_done(content: EntryContent) -> Iterable[Refusal]:
    if content.not_done_because is not None and (content.held_on or content.offered_for or content.participants or content.contract):
        yield Refusal("done-and-not-done", "Give what was done, or why nothing was done, not both.")
    if content.not_done_because is not None and content.evidence:
        yield Refusal("nothing-as-evidence", "What was not done is no evidence of what a parent did.")


def _particulars(content: EntryContent) -> Iterable[Refusal]:
    if content.kind == "internal-meeting" and (content.parents or content.child_present):
        yield Refusal("internal-with-family", "An internal meeting is among staff. Record one with a parent or the child as a meeting.")
    if content.agreed and content.held_on is None:
        yield Refusal("agreed-at-no-meeting", "Something was agreed: give the day on which the meeting was held.")
    if content.held_on and any(each.by_when < content.held_on for each in content.agreed):
        yield Refusal("agreed-for-the-past", "What was agreed cannot have been due before the meeting was held.")
    if content.kind == "attendance-contract" and content.contract is None and content.not_done_because is None:
        yield Refusal("contract-state", "Say whether the Attendance Contract was offered, made, refused or failed, or why there was none.")
    if (content.about_from or content.about_to) and content.kind != "medical-evidence":
        yield Refusal("about-of-another-kind", "Only medical evidence is about days of absence.")
    if (content.about_from is None) != (content.about_to is None):
        yield Refusal("about-in-part", "Give the first and the last day that the evidence is about.")
    elif content.about_from and content.about_to and content.about_to < content.about_from:
        yield Refusal("about-backwards", "The last day that the evidence is about is before the first.")
    if content.kind == "agency-referral" and content.agency is None and content.not_done_because is None:
        yield Refusal("agency", "Name the agency.")
    if content.kind != "attendance-contract" and content.contract is not None:
        yield Refusal("contract-of-another-kind", "Only an Attendance Contract can be offered, made, refused or fail.")
