"""Cases that have waited too long for their first decision, and how long one case has waited."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from uuid import UUID

from services.penalties.case_file.repository.cases import decisions_of, find_case
from services.penalties.case_file.use_cases.access import visible_to
from services.penalties.case_file.use_cases.problems import CaseNotFound
from services.penalties.law import law_of
from services.penalties.reports.domain.school_days import (
    FIRST_DECISION,
    OverdueSpan,
    SchoolDays,
    decision_due_on,
    overdue_spans,
    school_days,
    working_days,
)
from services.penalties.reports.repository.undecided import (
    UndecidedRow,
    calendar_days,
    schools_with_undecided,
    undecided_page,
)
from shared import clock
from shared.attendance.dates import school_year
from shared.database import Transaction, all_rows_visible
from shared.database.paging import Listed, PageQuery
from shared.http import CallerInfo
from shared.law import Finding

REACHES_BACK = timedelta(days=200)
"""How far before today the school days are counted: more than any limit, with the longest holiday in it."""
REACHES_ON = timedelta(days=100)
"""How far after a case was opened its last day for a decision is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedCase(UndecidedRow):
    """An open case without a decision; `by_calendar`: the days are those of the school's calendar, not working days in its stead."""

    due_on: date | None
    school_days: int
    by_calendar: bool


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """When a case was first decided on, and by when that was due; `school_days`: from the threshold until then, or until the case was closed, or until today."""

    opened_on: date
    due_on: date | None
    decided_on: date | None
    school_days: int
    late: bool
    by_calendar: bool
    finding: Finding


async def list_undecided(tx: Transaction, caller: CallerInfo, urn: int | None, page: PageQuery) -> Listed[UndecidedCase]:
    """Return the caller's own open cases on which nobody has decided in time, the oldest first."""
    visible = await visible_to(tx, caller, urn)
    today = visible.today
    async with all_rows_visible(tx):  # what is asked for names what the caller may see; that a case has a decision depends on nobody
        waiting = await schools_with_undecided(tx, visible, urn)
    days = await days_of_schools(tx, {each.urn for each in waiting}, today - REACHES_BACK, today)
    spans: dict[OverdueSpan, set[int]] = defaultdict(set)
    for each in waiting:
        for span in overdue_spans(law_of(each.la_code), days[each.urn], today):
            spans[span].add(each.urn)
    async with all_rows_visible(tx):  # as above
        found = await undecided_page(tx, visible, urn, spans, page)
    if not found.rows:
        return found.with_rows([])
    since = min(row.opened_on for row in found.rows)
    days = await days_of_schools(tx, {row.urn for row in found.rows}, since, today)
    return found.with_rows([_waiting(row, days[row.urn], today) for row in found.rows])


async def show_first_decision(tx: Transaction, case_id: UUID) -> FirstDecision:
    """Return when a case was first decided on, or by when that is due."""
    case = await find_case(tx, case_id)
    if case is None:
        raise CaseNotFound
    today = clock.today()
    decided_on = min((each.decided_on for each in await decisions_of(tx, case_id)), default=None)
    until = decided_on or case.closed_on or today
    last = max(until, case.opened_on + REACHES_ON)
    days = (await days_of_schools(tx, {case.urn}, case.opened_on, last))[case.urn]
    law = law_of(case.la_code)
    due_on = decision_due_on(law, days, case.opened_on)
    late = due_on is not None and until > due_on
    outcome = "the first decision is in time" if not late else "the first decision is late"
    finding = law.at(FIRST_DECISION, case.opened_on).finding(outcome, opened_on=case.opened_on, due_on=due_on, decided_on=decided_on)
    by_calendar = days.by_calendar(case.opened_on, due_on or until)
    return FirstDecision(case.opened_on, due_on, decided_on, days.between(case.opened_on, until), late, by_calendar, finding)


async def days_of_schools(tx: Transaction, urns: Collection[int], first: date, last: date) -> Mapping[int, SchoolDays]:
    """Return the school days of each of these schools in a period."""
    years = {school_year(date(year, month, 1)) for year in range(first.year, last.year + 1) for month in (1, 12)}
    calendars: dict[int, dict[str, Sequence[date]]] = {urn: {} for urn in urns}
    for each in await calendar_days(tx, urns, years, first, last):
        calendars[each.urn][each.year] = each.days
    instead = working_days(first, last)
    return {urn: school_days(first, last, sent, instead) for urn, sent in calendars.items()}


def _waiting(row: UndecidedRow, days: SchoolDays, today: date) -> UndecidedCase:
    due_on = decision_due_on(law_of(row.la_code), days, row.opened_on)
    stored = {field.name: getattr(row, field.name) for field in fields(UndecidedRow)}
    return UndecidedCase(
        **stored, due_on=due_on, school_days=days.between(row.opened_on, today), by_calendar=days.by_calendar(row.opened_on, today)
    )
