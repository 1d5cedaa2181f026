"""The support log of a child, from penalties."""

from datetime import date, datetime, time
from uuid import UUID

from services.console.responses.values import ServiceResponse

KINDS = {"application/pdf": "PDF", "image/png": "PNG picture", "image/jpeg": "JPEG picture", "message/rfc822": "e-mail"}
"""What a file is, by its media type."""


class Participant(ServiceResponse):
    """One person who was invited or came: a parent by id, or somebody else by name."""

    parent_id: UUID | None
    name: str | None
    invited: bool
    came: bool | None
    engaged: bool | None
    notes_given_on: date | None
    office: str | None


class AgreedAction(ServiceResponse):
    """What was agreed at a meeting: by whom, and by when, it is done."""

    what: str
    by_whom: str
    by_when: date


class EntryContent(ServiceResponse):
    """What was done or offered."""

    kind: str
    made_on: date
    notes: str
    way: str | None
    offered_for: date | None
    offered_at: time | None
    held_on: date | None
    missed: bool
    participants: list[Participant]
    child_present: bool
    outcome: str | None
    contract: str | None
    agency: str | None
    not_done_because: str | None
    evidence: bool
    sensitive_reason: str | None
    agreed: list[AgreedAction]
    about_from: date | None
    about_to: date | None
    offices_absent: list[str]


class EntryVersion(ServiceResponse):
    """An entry as one person wrote it."""

    version: int
    content: EntryContent
    correction_reason: str | None
    written_by: str
    written_by_role: str
    written_for: str
    written_at: datetime


class Attachment(ServiceResponse):
    """A file of an entry."""

    number: int
    version: int
    name: str
    media_type: str
    size: int
    attached_by: str
    attached_at: datetime

    @property
    def kind(self) -> str:
        """Return what it is in people's words."""
        return KINDS.get(self.media_type, self.media_type)


class EntrySummary(EntryVersion):
    """An entry as it now is."""

    id: UUID
    urn: int
    state: str | None
    attachments: list[Attachment]


class Step(ServiceResponse):
    """What followed an entry."""

    step: str
    taken_on: date
    notes: str
    recorded_by: str


class Entry(EntrySummary):
    """An entry with every version of it, the first one first, what followed it, and what may follow now."""

    versions: list[EntryVersion]
    steps: list[Step]
    next_steps: list[str]


class ChecklistItem(ServiceResponse):
    """One item of the authority's checklist, and how the log stands by it."""

    item: str
    state: str
    words: str


class AlikeEntries(ServiceResponse):
    """Offers or letters that are the same."""

    kind: str
    words: str


class Completeness(ServiceResponse):
    """What the log lacks by the authority's checklist."""

    complete: bool
    counted_from: date
    items: list[ChecklistItem]
    alike: list[AlikeEntries]

    @property
    def answered(self) -> int:
        """Return how many items have an outcome or a why-not."""
        return sum(each.state in {"done", "not-done"} for each in self.items)


class Lead(ServiceResponse):
    """A lead professional of a case, and who recorded it."""

    name: str
    office: str
    since: date
    recorded_by: str
