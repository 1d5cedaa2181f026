"""What `prosecutions` publishes: a file's way to court."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.contracts.event import Event, RelianceSession

Offence = Literal["s444", "s103"]
WithdrawalGround = Literal["paid", "notice-withdrawn", "evidence", "public-interest", "time-barred", "other"]
"""A word for others; the reason itself stays with the file."""


class ProsecutionFileOpened(Event):
    """A draft court file exists. It is no charge: people decide."""

    topic, name, key_field = "prosecutions", "prosecution-file-opened", "pupil_id"

    file_id: UUID
    offence: Offence
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    notice_ids: tuple[UUID, ...]
    sessions: tuple[RelianceSession, ...]
    safe_limit: date
    outer_limit: date
    opened_on: date
    agreement_id: UUID | None = None
    """The authority's agreement on which it was opened without a penalty notice."""


class ProsecutionCharged(Event):
    """A charge was brought: its sessions are spent, whatever the verdict."""

    topic, name, key_field = "prosecutions", "prosecution-charged", "pupil_id"

    file_id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    sessions: tuple[RelianceSession, ...]
    charged_on: date


class ProsecutionConcluded(Event):
    """The court decided."""

    topic, name, key_field = "prosecutions", "prosecution-concluded", "pupil_id"

    file_id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    notice_ids: tuple[UUID, ...]
    outcome: str
    acquitted: bool
    concluded_on: date


class ProsecutionWithdrawn(Event):
    """The authority gave up a file (paid, notice withdrawn, time-barred, or not in the public interest)."""

    topic, name, key_field = "prosecutions", "prosecution-withdrawn", "pupil_id"

    file_id: UUID
    case_id: UUID
    pupil_id: UUID
    parent_id: UUID
    notice_ids: tuple[UUID, ...]
    reason: WithdrawalGround
    withdrawn_on: date
