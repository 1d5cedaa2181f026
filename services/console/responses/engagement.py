"""A pupil's attendance and engagement, from registers."""

from datetime import date
from typing import Literal

from pydantic import Field

from services.console.responses.values import Finding, ServiceResponse


class EngagementFigures(ServiceResponse):
    """Sessions by class and the shares in per cent; None where no session is counted."""

    possible: int
    attended: int
    missed: int
    expected: int
    attendance: float | None
    absence: float | None
    engagement: float | None
    absence_mark: Literal["persistent", "severe"] | None


class SchoolEngagement(EngagementFigures):
    """The figures at one school."""

    urn: int


class Engagement(ServiceResponse):
    """A pupil's figures of a period."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    total: EngagementFigures
    schools: list[SchoolEngagement]
    findings: list[Finding]
