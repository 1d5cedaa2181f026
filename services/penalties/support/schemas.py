"""Entries of the support log, in and out."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from services.penalties.case_file.schemas import Day, Findings, Line, Shown, Text
from services.penalties.support.domain.attachments import MediaType
from services.penalties.support.domain.completeness import ItemState
from services.penalties.support.domain.entries import (
    AgreedAction,
    ContractState,
    EntryContent,
    EntryKind,
    Office,
    Participant,
    Way,
    WrittenFor,
)
from services.penalties.support.domain.steps import StepKind
from shared.law import Finding


class ParticipantIn(BaseModel):
    """One person who was invited or came: a parent by id, or somebody else by name."""

    parent_id: UUID | None = None
    name: Line | None = None
    invited: bool = True
    came: bool | None = None
    engaged: bool | None = None
    notes_given_on: Day | None = None
    office: Office | None = None


class AgreedActionIn(BaseModel):
    """What was agreed at a meeting: by whom, and by when, it is done."""

    what: Text
    by_whom: Line
    by_when: Day


class EntryIn(BaseModel):
    """What was done or offered. `not_done_because`: nothing was, and why. `evidence`: somebody wants to rely on it against a parent."""

    kind: EntryKind
    made_on: Day
    notes: Text
    way: Way | None = None
    offered_for: Day | None = None
    offered_at: Annotated[time | None, Field(description="The hour in London, as 15:30")] = None
    held_on: Day | None = None
    participants: Annotated[list[ParticipantIn], Field(max_length=30)] = []
    child_present: bool = False
    outcome: Text | None = None
    contract: ContractState | None = None
    agency: Line | None = None
    not_done_because: Text | None = None
    evidence: bool = False
    sensitive_reason: Line | None = None
    agreed: Annotated[list[AgreedActionIn], Field(max_length=30)] = []
    about_from: Annotated[Day | None, Field(description="The first day of absence that medical evidence is about")] = None
    about_to: Annotated[Day | None, Field(description="The last day of absence that medical evidence is about")] = None

    def content(self) -> EntryContent:
        """Return the content of an entry."""
        fields = {name: getattr(self, name) for name in EntryIn.model_fields if name not in {"participants", "offered_at", "agreed"}}
        people = tuple(Participant(**each.model_dump()) for each in self.participants)
        hour = self.offered_at and self.offered_at.replace(second=0, microsecond=0, tzinfo=None)
        agreed = tuple(AgreedAction(**each.model_dump()) for each in self.agreed)
        return EntryContent(**fields, participants=people, offered_at=hour, agreed=agreed)


class CorrectionIn(EntryIn):
    """All that holds now, the version that it replaces, and why."""

    version: Annotated[int, Field(ge=1, le=1_000_000)]
    reason: Text


class ParticipantOut(Shown):
    """One person who was invited or came."""

    parent_id: UUID | None
    name: str | None
    invited: bool
    came: bool | None
    engaged: bool | None
    notes_given_on: date | None
    office: Office | None


class AgreedActionOut(Shown):
    """What was agreed at a meeting: by whom, and by when, it is done."""

    what: str
    by_whom: str
    by_when: date


class ContentOut(Shown):
    """The content of an entry. `missed`: it was offered and nobody who was expected came.

    `offices_absent`: of which offices nobody came to an internal meeting that was held.
    """

    kind: EntryKind
    made_on: date
    notes: str
    way: Way | None
    offered_for: date | None
    offered_at: time | None
    held_on: date | None
    missed: bool
    participants: list[ParticipantOut]
    child_present: bool
    outcome: str | None
    contract: ContractState | None
    agency: str | None
    not_done_because: str | None
    evidence: bool
    sensitive: bool
    sensitive_reason: str | None
    agreed: list[AgreedActionOut]
    about_from: date | None
    about_to: date | None
    offices_absent: list[Office]


class VersionOut(Shown):
    """An entry as one person wrote it, and for whom; every entry may be disclosed."""

    version: int
    content: ContentOut
    correction_reason: str | None
    written_by: str
    written_by_role: str
    written_for: WrittenFor
    written_at: datetime


class AttachmentOut(Shown):
    """A file of an entry. `version`: the entry's when it was attached; `sha256`: of its content, in hexadecimal digits."""

    number: int
    version: int
    name: str
    media_type: MediaType
    size: int
    sha256: Annotated[str, BeforeValidator(bytes.hex)]
    attached_by: str
    attached_by_role: str
    attached_at: datetime


class EntrySummary(VersionOut):
    """An entry as it now is. `urn`: the school for which it was written. `state`: how far a referral, advice or medical evidence has come."""

    id: UUID
    urn: int
    state: str | None
    attachments: list[AttachmentOut]


class StepIn(BaseModel):
    """What followed an entry: of a referral how far it came, of advice what was done, of medical evidence whether marks were changed, and why."""

    step: StepKind
    taken_on: Day
    notes: Text


class StepOut(Shown):
    """One step after an entry."""

    step: StepKind
    taken_on: date
    notes: str
    recorded_by: str
    recorded_by_role: str
    recorded_at: datetime


class EntryOut(EntrySummary):
    """An entry as it now is, with every version of it, the first one first, what followed it, and what may follow now."""

    versions: list[VersionOut]
    steps: list[StepOut]
    next_steps: list[str]


class ChecklistItemOut(Shown):
    """One item of the checklist: how it stands, in words, the kinds of entry that answer it, and the entry on which that rests."""

    item: str
    state: ItemState
    words: str
    kinds: list[EntryKind]
    entry_id: UUID | None


class AlikeOut(Shown):
    """Offers or letters that are the same, and what to do about it."""

    kind: Literal["offers", "letters"]
    words: str
    entry_ids: list[UUID]


def _as_json(findings: tuple[Finding, ...]) -> Findings:
    return [finding.as_json() for finding in findings]


class CompletenessOut(Shown):
    """What a log lacks by the checklist of the authority; `counted_from`: entries before that day are shown in the log and not counted."""

    complete: bool
    counted_from: date
    items: list[ChecklistItemOut]
    alike: list[AlikeOut]
    findings: Annotated[Findings, BeforeValidator(_as_json)]


class LeadIn(BaseModel):
    """The lead professional of a case from a day on: who, and in which office."""

    name: Line
    office: Line
    since: Day


class LeadOut(Shown):
    """A lead professional of a case, and who recorded it."""

    id: UUID
    name: str
    office: str
    since: date
    recorded_by: str
    recorded_by_role: str
    recorded_at: datetime
