"""Reports, out."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from services.penalties.case_file.domain.facts import DecisionKind
from services.penalties.case_file.schemas import Shown, SpanOut
from services.penalties.reports.domain.fairness import Extent
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
    threshold: Literal["met", "withdrawn", "below"]
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


class FiguresOut(Shown):
    """Cases by the day on which they were opened, and what has become of them until today; days are school days.

    `thresholds_met`: without those cases that a person opened below the threshold. `kinds`: in how many of the decided cases there was a decision of that kind; a case may have several. `late`: the first decision came,
    or is, after its last day. `without_improvement_notice`: a penalty notice or a prosecution was asked for with a reason why there was none.
    """

    cases: int
    thresholds_met: int
    decided: int
    undecided: int
    late: int
    decisions: int
    kinds: dict[str, int]
    days_median: float | None
    days_longest: int | None
    improvement_notice: int
    without_improvement_notice: int
    agreed: int
    declined: int
    resubmitted: int


class MarkOut(Shown):
    """Nearly all or nearly none of the decided cases have a decision of one kind: a question to the school, no finding about a case."""

    kind: DecisionKind
    extent: Extent
    cases: int
    decided: int
    percent: int
    finding: FindingOut


class SchoolFairnessOut(Shown):
    """One school in a period. `judged`: it has decided cases enough for marks. `most_reused`: in how many cases its most used reason was given."""

    urn: int
    figures: FiguresOut
    judged: bool
    marks: list[MarkOut]
    most_reused: int


class MarkThresholdsOut(Shown):
    """From which numbers on a practice is marked, and after how many school days a first decision is late [policy]."""

    minimum_cases: int
    high_percent: int
    high_kinds: list[DecisionKind]
    low_percent: int
    low_kinds: list[DecisionKind]
    first_decision_days: int


class FairnessOut(Shown):
    """Every school with cases opened in the period: those with a mark first, then by their numbers."""

    period: SpanOut
    la_code: str | None
    thresholds: MarkThresholdsOut
    schools: list[SchoolFairnessOut]


class MonthOut(Shown):
    """A school's cases that were opened in a month, of which the first day is given."""

    urn: int
    month: date
    figures: FiguresOut


class MonthsOut(Shown):
    """Every month of the period in which a case was opened."""

    items: list[MonthOut]


class ReasonOut(Shown):
    """A reason, and in how many cases it was given word for word: without regard to capitals, punctuation and spaces."""

    reason: str
    cases: int


class SchoolReasonsOut(Shown):
    """`reused`: in how many cases each of the most used reasons was given. `reused_texts`: the same with the text; empty for a school."""

    reused: list[int]
    reused_texts: list[ReasonOut]
    without_improvement_notice: list[ReasonOut]


class RequestReasonOut(ReasonOut):
    """The reason of a request; this case is among those counted."""

    decision_id: UUID


class RequestReasonsOut(Shown):
    """The reasons of every request in a case; those given after `since` are counted."""

    since: date
    items: list[RequestReasonOut]
