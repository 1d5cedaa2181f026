"""Reports over many cases, from penalties."""

from datetime import date
from typing import Literal
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


class Figures(ServiceResponse):
    """Cases by the day on which they were opened, and what has become of them until today; days are school days."""

    cases: int
    thresholds_met: int
    decided: int
    undecided: int
    late: int
    kinds: dict[str, int]
    days_median: float | None
    days_longest: int | None
    improvement_notice: int
    without_improvement_notice: int
    agreed: int
    declined: int
    resubmitted: int

    def percent(self, kind: str) -> int:
        """Return the share of the decided cases with a decision of a kind, in per cent."""
        return round(self.kinds.get(kind, 0) * 100 / self.decided) if self.decided else 0


class Mark(ServiceResponse):
    """Nearly all or nearly none of the decided cases have a decision of one kind."""

    kind: str
    extent: Literal["nearly-all", "nearly-none"]
    cases: int
    decided: int
    percent: int
    finding: Finding


class SchoolFairness(ServiceResponse):
    """One school in a period; `judged`: it has decided cases enough for marks."""

    urn: int
    figures: Figures
    judged: bool
    marks: list[Mark]
    most_reused: int

    def marked(self, kind: str) -> bool:
        """Return whether there is a mark about a kind of decision."""
        return any(mark.kind == kind for mark in self.marks)


class MarkThresholds(ServiceResponse):
    """From which numbers on a school's practice is marked."""

    minimum_cases: int
    high_percent: int
    high_kinds: list[str]
    low_percent: int
    low_kinds: list[str]
    first_decision_days: int

    def lines(self, kind: str) -> list[int]:
        """Return the shares, in per cent, at which a mark about a kind of decision begins."""
        return [self.low_percent] * (kind in self.low_kinds) + [self.high_percent] * (kind in self.high_kinds)


class Fairness(ServiceResponse):
    """Every school with cases opened in a period, those with a mark first."""

    thresholds: MarkThresholds
    schools: list[SchoolFairness]


class MonthFigures(ServiceResponse):
    """A school's cases that were opened in a month."""

    month: date
    figures: Figures


class FairnessMonths(ServiceResponse):
    """Every month of the period in which a case was opened."""

    items: list[MonthFigures]


class ReasonGiven(ServiceResponse):
    """A reason, and in how many cases it was given word for word."""

    reason: str
    cases: int


class SchoolReasons(ServiceResponse):
    """Reasons given in several cases; their texts are for officers alone."""

    reused: list[int]
    reused_texts: list[ReasonGiven]
    without_improvement_notice: list[ReasonGiven]


class ReusedReasons(ServiceResponse):
    """The reasons of the requests in a case, and in how many of the school's cases each was given after a day."""

    since: date
    items: list[ReasonGiven]
