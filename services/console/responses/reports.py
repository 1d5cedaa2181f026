"""Reports over many cases, from penalties."""

from datetime import date
from uuid import UUID

from services.console.responses.values import Finding, ServiceResponse


class UndecidedCase(ServiceResponse):
    """An open case on which nobody has decided in time."""

    id: UUID
    pupil_id: UUID
    upn: str | None
    urn: int
    opened_on: date
    holiday: bool
    threshold: str
    earliest_time_bar: date
    due_on: date | None
    school_days: int
    by_calendar: bool


class FirstDecision(ServiceResponse):
    """When a case was first decided on, or by when that is due."""

    opened_on: date
    due_on: date | None
    decided_on: date | None
    school_days: int
    late: bool
    by_calendar: bool
    finding: Finding
