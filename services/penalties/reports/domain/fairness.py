"""What the cases of a school show: how soon it decides, what, and whether nearly all or nearly none of its cases end alike."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Literal

from services.penalties.reports.domain.school_days import FIRST_DECISION, SchoolDays, decision_due_on
from shared.law import Finding, Law

Extent = Literal["nearly-all", "nearly-none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What was decided in one case, and what the authority answered."""

    urn: int
    la_code: str
    opened_on: date
    threshold_met: bool = True
    """Whether the threshold opened it, or was met since; a case opened by hand may lie below it."""
    closed_on: date | None = None
    decided_on: date | None = None
    """The day of the first decision."""
    decisions: int = 0
    kinds: tuple[str, ...] = ()
    """The kinds of decision that were taken, each once."""
    reasons: tuple[str, ...] = ()
    """Of each reason that was given what it has in common with one that agrees word for word."""
    improvement_notice: bool = False
    """Whether a Notice to Improve was issued to some parent, and not cancelled."""
    without_improvement_notice: bool = False
    """Whether a penalty notice or a prosecution was asked for with a reason why there was none."""
    agreed: int = 0
    declined: int = 0
    resubmitted: int = 0
    """Requests after the authority had declined one."""


@dataclass(frozen=True, slots=True)
class TimedCase:
    """A case with the school days from the threshold to its first decision (None: not decided), and whether that was, or is, late."""

    facts: CaseFacts
    school_days: int | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Cases of a school in a month or a period, by the day on which they were opened, and what has become of them until today.

    `kinds`: in how many of the decided cases there was a decision of that kind; a case may have several.
    """

    cases: int
    thresholds_met: int
    decided: int
    undecided: int
    late: int
    decisions: int
    kinds: Mapping[str, int]
    days_median: float | None
    days_longest: int | None
    improvement_notice: int
    without_improvement_notice: int
    agreed: int
    declined: int
    resubmitted: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Nearly all or nearly none of the decided cases have a decision of one kind: a question to the school, no finding about a case."""

    kind: str
    extent: Extent
    cases: int
    decided: int
    percent: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class MarkThresholds:
    """From which numbers on a practice is marked, and after how many school days a first decision is late [policy]."""

    minimum_cases: int
    high_percent: int
    high_kinds: Sequence[str]
    low_percent: int
    low_kinds: Sequence[str]
    first_decision_days: int


def thresholds_of(law: Law, day: date) -> MarkThresholds:
    """Return the thresholds in force on a day; on one before the first of them, the first: no case is as old."""
    names = (
        "fairness_minimum_cases",
        "blanket_high_percent",
        "blanket_high_kinds",
        "blanket_low_percent",
        "blanket_low_kinds",
        FIRST_DECISION,
    )
    return MarkThresholds(*(law.at(name, max(day, law.history[name][-1].since)).value for name in names))


def timed(facts: CaseFacts, law: Law, days: SchoolDays, today: date) -> TimedCase:
    """Return a case with how long it waited for its first decision."""
    due_on = decision_due_on(law, days, facts.opened_on)
    until = facts.decided_on or facts.closed_on or today
    school_days = days.between(facts.opened_on, facts.decided_on) if facts.decided_on else None
    return TimedCase(facts, school_days, due_on is not None and until > due_on)


def figures_of(cases: Sequence[TimedCase]) -> Figures:
    """Return the figures of these cases."""
    all_facts = [case.facts for case in cases]
    waits = sorted(case.school_days for case in cases if case.school_days is not None)
    kinds = Counter(kind for facts in all_facts for kind in facts.kinds)
    return Figures(
        cases=len(cases),
        thresholds_met=sum(facts.threshold_met for facts in all_facts),
        decided=len(waits),
        undecided=sum(facts.decided_on is None and facts.closed_on is None for facts in all_facts),
        late=sum(case.late for case in cases),
        decisions=sum(facts.decisions for facts in all_facts),
        kinds=dict(sorted(kinds.items())),
        days_median=median(waits) if waits else None,
        days_longest=waits[-1] if waits else None,
        improvement_notice=sum(facts.improvement_notice for facts in all_facts),
        without_improvement_notice=sum(facts.without_improvement_notice for facts in all_facts),
        agreed=sum(facts.agreed for facts in all_facts),
        declined=sum(facts.declined for facts in all_facts),
        resubmitted=sum(facts.resubmitted for facts in all_facts),
    )


def most_reused(cases: Sequence[TimedCase]) -> int:
    """Return in how many of these cases the reason stands that was given most often word for word; 0 where none was given twice."""
    most = max(Counter(reason for case in cases for reason in case.facts.reasons).values(), default=0)
    return most if most > 1 else 0


def is_judged(law: Law, figures: Figures, day: date) -> bool:
    """Return whether a school has decided cases enough to speak of its practice [policy]: small numbers are not judged."""
    return bool(figures.decided >= law.at("fairness_minimum_cases", day).value)


def marks_of(law: Law, figures: Figures, day: date) -> Iterator[Mark]:
    """Yield a mark for each kind of decision that nearly all or nearly none of the cases have, by the thresholds in force on a day [policy]."""
    if not is_judged(law, figures, day):
        return
    for kind in law.at("blanket_high_kinds", day).value:
        provision = law.at("blanket_high_percent", day)
        if figures.kinds.get(kind, 0) * 100 >= provision.value * figures.decided:
            yield _mark(kind, "nearly-all", figures, provision.finding("nearly all of one kind", **_numbers(kind, figures)))
    for kind in law.at("blanket_low_kinds", day).value:
        provision = law.at("blanket_low_percent", day)
        if figures.kinds.get(kind, 0) * 100 <= provision.value * figures.decided:
            yield _mark(kind, "nearly-none", figures, provision.finding("nearly none of one kind", **_numbers(kind, figures)))


def _mark(kind: str, extent: Extent, figures: Figures, finding: Finding) -> Mark:
    cases = figures.kinds.get(kind, 0)
    return Mark(kind, extent, cases, figures.decided, round(cases * 100 / figures.decided), finding)


def _numbers(kind: str, figures: Figures) -> Mapping[str, str | int]:
    return {"kind": kind, "cases": figures.kinds.get(kind, 0), "decided": figures.decided}
