"""By when a case has its first decision: the day before, on and after each edge, by a calendar and without one."""

from datetime import date, timedelta
from pathlib import Path

import pytest

import services.penalties
from services.penalties.reports.domain.school_days import (
    FIRST_DECISION,
    OverdueSpan,
    SchoolDays,
    decision_due_on,
    overdue_spans,
    school_days,
    working_days,
)
from shared.attendance.law import load_statutes
from shared.law import Law, Provision
from tests.penalties.chain import open_days

LAW = load_statutes(Path(services.penalties.__file__).parent / "law").packs["essex"]
FIRST, LAST = date(2026, 3, 1), date(2027, 7, 31)
CALENDARS = {year: open_days(year) for year in ("2025-26", "2026-27")}


def days(*years: str, closed: str = "") -> SchoolDays:
    sent = {year: [day for day in CALENDARS[year] if day.isoformat() != closed] for year in years}
    return school_days(FIRST, LAST, sent, working_days(FIRST, LAST))


@pytest.mark.parametrize(
    ("opened_on", "sent", "closed", "due_on"),
    [
        ("2026-09-21", ("2026-27",), "", "2026-10-05"),
        ("2026-09-21", (), "", "2026-10-05"),
        ("2026-09-21", ("2026-27",), "2026-09-25", "2026-10-06"),  # a day on which the school is closed does not count
        ("2026-09-19", ("2026-27",), "", "2026-10-02"),  # opened on a Saturday
        ("2026-10-16", ("2026-27",), "", "2026-11-09"),  # a week of half-term and an INSET day in between
        ("2026-10-16", (), "", "2026-10-30"),  # without a calendar nobody knows of half-term
        ("2026-04-24", (), "", "2026-05-11"),  # 4 May is a bank holiday
        ("2026-07-17", ("2025-26", "2026-27"), "", "2026-09-14"),  # two days of July, then the new school year
        ("2026-07-17", ("2026-27",), "", "2026-07-31"),  # no calendar of the year that ends: its working days
    ],
)
def test_the_first_decision_is_due_on_the_tenth_school_day(opened_on: str, sent: tuple[str, ...], closed: str, due_on: str):
    assert decision_due_on(LAW, days(*sent, closed=closed), date.fromisoformat(opened_on)) == date.fromisoformat(due_on)


@pytest.mark.parametrize(("today", "overdue"), [("2026-10-04", False), ("2026-10-05", False), ("2026-10-06", True)])
def test_a_case_is_overdue_the_day_after_the_tenth_school_day(today: str, overdue: bool):
    opened_on = date(2026, 9, 21)

    spans = list(overdue_spans(LAW, days("2026-27"), date.fromisoformat(today)))

    assert any(span.start <= opened_on < span.before for span in spans) is overdue


def test_a_case_is_overdue_exactly_when_its_last_day_has_passed():
    calendar = days("2025-26", "2026-27")
    for number in range(120):
        today = date(2026, 9, 1) + timedelta(days=number)
        for back in range(60):
            opened_on = today - timedelta(days=back)
            due_on = decision_due_on(LAW, calendar, opened_on)
            overdue = any(span.start <= opened_on < span.before for span in overdue_spans(LAW, calendar, today))
            assert overdue is (due_on is not None and due_on < today), (opened_on, today)


def test_a_limit_that_changed_binds_the_cases_opened_since():
    value = {"unit": "school days", "reference": "", "href": "", "description": ""}
    longer = Provision(FIRST_DECISION, 10, since=date(2024, 8, 19), **value)
    shorter = Provision(FIRST_DECISION, 5, since=date(2026, 9, 14), **value)
    law = Law("pack", {FIRST_DECISION: (shorter, longer)})

    spans = list(overdue_spans(law, days("2026-27"), date(2026, 9, 28)))

    # 21 September is five, 14 September ten school days before.
    assert spans == [OverdueSpan(date(2026, 9, 14), date(2026, 9, 21)), OverdueSpan(date(2024, 8, 19), date(2026, 9, 14))]


@pytest.mark.parametrize(
    ("sent", "start", "end", "by_calendar"),
    [
        (("2026-27",), "2026-09-21", "2026-10-05", True),
        ((), "2026-09-21", "2026-10-05", False),
        (("2026-27",), "2026-07-17", "2026-09-11", False),
        (("2025-26", "2026-27"), "2026-07-17", "2026-09-11", True),
    ],
)
def test_days_are_the_calendars_own_only_where_the_calendar_covers_them(sent: tuple[str, ...], start: str, end: str, by_calendar: bool):
    assert days(*sent).by_calendar(date.fromisoformat(start), date.fromisoformat(end)) is by_calendar
