"""How fairly and how soon schools decide: by school, by month, and the reasons that they give."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

from services.penalties.case_file.domain.courses import REQUESTS
from services.penalties.case_file.domain.facts import DecisionKind
from services.penalties.case_file.repository.cases import find_case
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.law import law_of
from services.penalties.reports.domain.fairness import (
    Figures,
    Mark,
    MarkThresholds,
    TimedCase,
    figures_of,
    is_judged,
    marks_of,
    most_reused,
    thresholds_of,
    timed,
)
from services.penalties.reports.repository.fairness import (
    ReasonGiven,
    RequestReason,
    Scope,
    cases_opened,
    facts_of,
    reasons_without_improvement_notice,
    reused_reasons,
    uses_of_reasons,
)
from services.penalties.reports.use_cases.undecided import days_of_schools
from shared import clock
from shared.attendance.dates import Period, add_months
from shared.database import Transaction, all_rows_visible
from shared.http import CallerInfo
from shared.http.access import OUT_OF_REACH
from shared.problems import Forbidden, Invalid

LONGEST = 366
"""Days: a report is about a school year or a part of one."""
AT_ONCE = 1000
"""Cases that one statement reads."""
_REQUESTS = sorted(REQUESTS)
_KINDS: Sequence[str] = get_args(DecisionKind)
_COLUMNS = (
    "cases", "thresholds_met", "decided", "undecided", "late", "decisions", "days_median", "days_longest", "improvement_notice",
    "without_improvement_notice", "agreed", "declined", "resubmitted",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SchoolFairness:
    """The figures of one school in a period; `judged`: whether they are enough for marks."""

    urn: int
    figures: Figures
    judged: bool
    marks: tuple[Mark, ...]
    most_reused: int
    """In how many cases the most used reason was given word for word; 0 where none was given twice."""


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """Every school with cases in a period: those with a mark first, then by their numbers."""

    period: Period
    la_code: str | None
    thresholds: MarkThresholds
    """Those of the authority that is asked for; of the installation where it is about several."""
    schools: tuple[SchoolFairness, ...]


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The cases of a school that were opened in a month; the days of that month which lie in the period asked for."""

    urn: int
    month: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class SchoolReasons:
    """The reasons of a school: how often one was used in several cases, its text for officers alone; and why there was no Notice to Improve."""

    reused: tuple[int, ...]
    reused_texts: tuple[ReasonGiven, ...]
    without_improvement_notice: tuple[ReasonGiven, ...]


@dataclass(frozen=True, slots=True)
class ReusedReasons:
    """The reasons of the requests in a case, and how often the school gave each after a day."""

    since: date
    items: tuple[RequestReason, ...]


async def report_fairness(tx: Transaction, caller: CallerInfo, period: Period, la_code: str | None, urn: int | None) -> FairnessReport:
    """Return the figures of the schools that the caller may see, for the cases opened in a period."""
    scope = await _scope(tx, caller, period, la_code, urn)
    ids = await _cases_opened(tx, scope, period)
    by_school: dict[int, list[TimedCase]] = defaultdict(list)
    for case in await _timed_cases(tx, ids, period):
        by_school[case.facts.urn].append(case)
    schools = [_school(urn, found, period.end) for urn, found in by_school.items()]
    thresholds = thresholds_of(law_of(scope.la_code or ""), period.end)
    return FairnessReport(period, scope.la_code, thresholds, tuple(sorted(schools, key=lambda each: (not each.marks, each.urn))))


async def report_months(
    tx: Transaction, caller: CallerInfo, period: Period, la_code: str | None, urn: int | None
) -> tuple[MonthFigures, ...]:
    """Return the figures of each school and month in which cases were opened, by school and month."""
    scope = await _scope(tx, caller, period, la_code, urn)
    by_month: dict[tuple[int, date], list[TimedCase]] = defaultdict(list)
    for case in await _timed_cases(tx, await _cases_opened(tx, scope, period), period):
        by_month[case.facts.urn, case.facts.opened_on.replace(day=1)].append(case)
    return tuple(MonthFigures(urn, month, figures_of(cases)) for (urn, month), cases in sorted(by_month.items(), key=lambda each: each[0]))


async def report_reasons(tx: Transaction, caller: CallerInfo, period: Period, urn: int) -> SchoolReasons:
    """Return the reasons that a school used word for word in several cases, and why it used no Notice to Improve."""
    scope = await _scope(tx, caller, period, None, urn)
    reused = await reused_reasons(tx, scope, period.start, period.end)
    without = await reasons_without_improvement_notice(tx, scope, period.start, period.end, _REQUESTS)
    return SchoolReasons(tuple(each.cases for each in reused), () if caller.bound else tuple(reused), tuple(without))


async def show_reused_reasons(tx: Transaction, case_id: UUID) -> ReusedReasons:
    """Return how often the school gave the reasons of its requests in this case word for word, in the months before today [policy]."""
    case = await find_case(tx, case_id)
    if case is None:
        raise CaseNotFound
    today = clock.today()
    since = add_months(today, -law_of(case.la_code).at("reused_reason_months", today).value)
    return ReusedReasons(since, tuple(await uses_of_reasons(tx, case_id, since, _REQUESTS)))


def as_csv(months: Sequence[MonthFigures]) -> str:
    """Return the figures as a table of comma-separated values: one line for each school and month, numbers alone."""
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(["urn", "month", *_COLUMNS, *(f"cases_with_{kind.replace('-', '_')}" for kind in _KINDS)])
    for each in months:
        figures = [getattr(each.figures, name) for name in _COLUMNS]
        lines.writerow([each.urn, f"{each.month:%Y-%m}", *figures, *(each.figures.kinds.get(kind, 0) for kind in _KINDS)])
    return written.getvalue()


def _school(urn: int, cases: Sequence[TimedCase], day: date) -> SchoolFairness:
    law, figures = law_of(cases[-1].facts.la_code), figures_of(cases)
    return SchoolFairness(urn, figures, is_judged(law, figures, day), tuple(marks_of(law, figures, day)), most_reused(cases))


async def _scope(tx: Transaction, caller: CallerInfo, period: Period, la_code: str | None, urn: int | None) -> Scope:
    """Return whose cases are asked for and the caller's own; raise Forbidden or Invalid."""
    if la_code and caller.la_code and la_code != caller.la_code:
        raise Forbidden(OUT_OF_REACH)
    if period.start > period.end or (period.end - period.start).days >= LONGEST:
        raise Invalid("`from` is on or before `to`, at most a year before.")
    visible = await visible_to(tx, caller, urn)
    own = None if visible.schools is None else sorted(visible.schools)
    return Scope(own if urn is None else [urn], visible.la_code or la_code)


async def _cases_opened(tx: Transaction, scope: Scope, period: Period) -> list[UUID]:
    months = _months(Period(period.start, min(period.end, clock.today())))
    return [case_id for month in months for case_id in await cases_opened(tx, scope, month.start, month.end)]


async def _timed_cases(tx: Transaction, ids: Sequence[UUID], period: Period) -> list[TimedCase]:
    """Return the cases with their times, so many at once."""
    found = []
    async with all_rows_visible(tx):  # what hangs on a case is seen by whoever sees the case
        for some in range(0, len(ids), AT_ONCE):
            found += await facts_of(tx, ids[some : some + AT_ONCE], _REQUESTS)
    today = clock.today()
    days = await days_of_schools(tx, {facts.urn for facts in found}, period.start, today) if found else {}
    return [timed(facts, law_of(facts.la_code), days[facts.urn], today) for facts in found]


def _months(period: Period) -> Iterator[Period]:
    start = period.start
    while start <= period.end:
        following = add_months(start.replace(day=1), 1)
        yield Period(start, min(period.end, following - timedelta(days=1)))
        start = following
