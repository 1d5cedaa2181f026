"""Two records of one child."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.registers.schemas.types import Prose
from shared.http import Upn


class MergerIn(BaseModel):
    """A UPN of each of the two records, and why they are of one child."""

    upns: tuple[Upn, Upn]
    reason: Prose


class MergerUndoing(BaseModel):
    """Why they are of two children after all."""

    reason: Prose


class RecordOut(BaseModel):
    """One of the two records."""

    pupil_id: UUID
    upn: str


class MergerOut(BaseModel):
    """Two records that are of one child, known as `survivor`, as an officer said; `undone_…` where that was taken back."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    survivor: RecordOut
    absorbed: RecordOut
    reason: str
    decided_at: datetime
    decided_by: str
    undone_at: datetime | None
    undone_by: str | None
    undoing_reason: str | None
