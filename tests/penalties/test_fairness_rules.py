"""What a school's cases show: times, shares, and the marks of blanket practice before, on and after each edge."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

import services.penalties
from services.penalties.reports.domain.fairness import CaseFacts, Figures, TimedCase, figures_of, is_judged, marks_of, timed
from services.penalties.reports.domain.school_days import school_days, working_days
from shared.attendance.law import load_statutes

LAW = load_statutes(Path(services.penalties.__file__).parent / "law").packs["essex"]
DAY = date(2026, 10, 31)
MONDAY = date(2026, 9, 21)
DAYS = school_days(MONDAY, DAY, {}, working_days(MONDAY, DAY))


def facts(*kinds: str, decided_on: date | None = None, **more: object) -> CaseFacts:
    return CaseFacts(urn=100401, la_code="881", opened_on=MONDAY, decided_on=decided_on, kinds=kinds, decisions=len(kinds), **more)  # type: ignore[arg-type]


def figures(*kinds: Sequence[str]) -> Figures:
    """The figures of cases that were decided the day after."""
    return figures_of([timed(facts(*each, decided_on=MONDAY + timedelta(days=1)), LAW, DAYS, DAY) for each in kinds])


def marked(*kinds: Sequence[str]) -> list[tuple[str, str, int, int]]:
    return [(mark.kind, mark.extent, mark.cases, mark.decided) for mark in marks_of(LAW, figures(*kinds), DAY)]


PENALTY, WARNED, SUPPORT = ("penalty-notice",), ("notice-to-improve",), ("support",)
BOTH = ("notice-to-improve", "penalty-notice")


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        ([BOTH] * 9, []),  # nine cases are not judged
        ([BOTH] * 10, [("penalty-notice", "nearly-all", 10, 10)]),
        ([*[BOTH] * 9, WARNED], [("penalty-notice", "nearly-all", 9, 10)]),  # 90 %
        ([*[BOTH] * 17, *[WARNED] * 2], []),  # 89.5 %
        ([*[PENALTY] * 5, *[SUPPORT] * 6], [("notice-to-improve", "nearly-none", 0, 11)]),
        ([WARNED, *[PENALTY] * 10, *[SUPPORT] * 9], [("notice-to-improve", "nearly-none", 1, 20)]),  # 5 %
        ([WARNED, *[PENALTY] * 10, *[SUPPORT] * 8], []),  # 5.3 %
        ([WARNED] * 12, [("penalty-notice", "nearly-none", 0, 12)]),  # a warning for all is what is expected
        (
            [("no-action",)] * 10,
            [("no-action", "nearly-all", 10, 10), ("notice-to-improve", "nearly-none", 0, 10), ("penalty-notice", "nearly-none", 0, 10)],
        ),
        ([PENALTY] * 10, [("penalty-notice", "nearly-all", 10, 10), ("notice-to-improve", "nearly-none", 0, 10)]),
    ],
)
def test_a_practice_is_marked_where_nearly_all_or_no_cases_have_one_kind_of_decision(
    cases: list[Sequence[str]], expected: list[tuple[str, str, int, int]]
):
    assert marked(*cases) == expected


@pytest.mark.parametrize(("decided", "judged"), [(0, False), (9, False), (10, True)])
def test_small_numbers_of_decided_cases_are_not_judged(decided: int, judged: bool):
    assert is_judged(LAW, figures(*[BOTH] * decided), DAY) is judged


def test_a_mark_names_the_numbers_and_the_threshold_that_it_applied():
    (mark,) = marks_of(LAW, figures(*[BOTH] * 19, WARNED), DAY)

    finding = mark.finding.as_json()
    assert (mark.percent, finding["provision"], finding["value"]) == (95, "blanket_high_percent", 90)
    assert finding["facts"] == {"kind": "penalty-notice", "cases": 19, "decided": 20}


@pytest.mark.parametrize(
    ("decided_on", "days", "late"),
    [
        (date(2026, 9, 21), 0, False),
        (date(2026, 9, 28), 5, False),
        (date(2026, 10, 5), 10, False),
        (date(2026, 10, 6), 11, True),
        (None, None, True),
    ],
)
def test_the_time_to_the_first_decision_is_late_after_the_tenth_school_day(decided_on: date | None, days: int | None, late: bool):
    assert timed(facts(decided_on=decided_on), LAW, DAYS, DAY) == TimedCase(facts(decided_on=decided_on), days, late)


def test_a_case_that_was_closed_in_time_without_a_decision_is_neither_late_nor_undecided():
    case = timed(facts(closed_on=date(2026, 10, 1)), LAW, DAYS, DAY)

    found = figures_of([case])

    assert (found.cases, found.decided, found.undecided, found.late) == (1, 0, 0, 0)


def test_the_median_and_the_longest_time_are_those_of_the_decided_cases_alone():
    days = [date(2026, 9, 22), date(2026, 9, 23), date(2026, 10, 9), date(2026, 10, 12), None]

    found = figures_of([timed(facts(decided_on=day), LAW, DAYS, DAY) for day in days])

    assert (found.days_median, found.days_longest, found.undecided, found.late) == (8.0, 15, 1, 3)


def test_the_figures_of_no_case_have_no_times():
    found = figures_of([])

    assert (found.days_median, found.days_longest, found.cases) == (None, None, 0)
