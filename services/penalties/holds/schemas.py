"""Clearances, in and out."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from services.penalties.case_file.schemas import Shown, Text


class ClearanceIn(BaseModel):
    """What may go on: the id of a notice, or of the case for all its notices."""

    about: UUID
    reason: Text


class ClearanceOut(Shown):
    """What was cleared, by whom."""

    about: UUID
    cleared: int
    cleared_on: date
    cleared_by: str
    cleared_by_role: str
