"""Reports, out."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from services.penalties.case_file.schemas import Shown
from shared.law import Finding


def _finding(finding: Finding | dict[str, object]) -> dict[str, object]:
    return finding.as_json() if isinstance(finding, Finding) else finding


FindingOut = Annotated[dict[str, object], BeforeValidator(_finding)]
ByCalendar = Annotated[
    bool, Field(description="Whether the school's own calendar says which days are school days; otherwise working days do")
]


class UndecidedCaseOut(Shown):
    """An open case on which nobody has decided in time. `school_days`: how many have gone by since it was opened."""

    id: UUID
    pupil_id: UUID
    upn: str | None
    urn: int
    la_code: str
    opened_on: date
    holiday: bool
    threshold: Literal["met", "withdrawn"]
    count: int
    earliest_time_bar: date
    due_on: date | None
    school_days: int
    by_calendar: ByCalendar


class FirstDecisionOut(Shown):
    """When a case was first decided on (null: not yet), the last day for it, and how many school days it took or has taken until today."""

    opened_on: date
    due_on: date | None
    decided_on: date | None
    school_days: int
    late: bool
    by_calendar: ByCalendar
    finding: FindingOut
