"""Every worked example of the threshold (handbook 12.1) once more, with what happens one day before and one day after each of its edges."""

from datetime import date

import pytest

from services.thresholds.domain.facts import History, Mark, Spell
from services.thresholds.domain.judgement import judge
from services.thresholds.domain.reasons import count_with_unresolved, due_of
from services.thresholds.domain.sessions import Span
from shared.attendance.dates import add_months
from tests.thresholds.builders import ELSEWHERE, ESSEX, A, B, C, full_days, history, marks, open_sessions, policies, session, years_of
from tests.thresholds.test_law_table import met


def day_of(entries) -> str:
    """Return the day and half on which it is met, or how many count."""
    judgement = judge(history(entries), policies())
    return " ".join(met(judgement)[:2]) if met(judgement) else str(judgement.count)


def of(code: str, *days: str | tuple[str, str]) -> list[Mark]:
    """Whole days, or a day and a half of it, with one code."""
    return [mark for day in days for mark in marks(code, full_days(day) if isinstance(day, str) else [session(day[0], day[1])])]  # type: ignore[arg-type]


T2A_MIDDLE = of("O", "2026-10-05", "2026-10-06", "2026-10-07") + of("U", ("2026-10-08", "AM"))
T15_MIDDLE = (
    of("O", "2026-09-08", ("2026-09-09", "AM")) + marks("I", full_days("2026-09-28", "2026-10-16")) + of("O", "2026-11-09", "2026-11-10")
)


@pytest.mark.parametrize(
    ("name", "entries", "want"),
    [
        ("T1", of("G", "2026-10-22", "2026-10-23") + of("O", "2026-11-09", "2026-11-10", "2026-11-11"), "2026-11-11 PM"),
        ("T1 a day earlier after the half-term", of("G", "2026-10-22", "2026-10-23") + of("O", "2026-11-06", "2026-11-09", "2026-11-10"), "2026-11-10 PM"),
        ("T1 a day later after the half-term", of("G", "2026-10-22", "2026-10-23") + of("O", "2026-11-10", "2026-11-11", "2026-11-12"), "2026-11-12 PM"),
        ("T1 a day earlier before the half-term", of("G", "2026-10-21", "2026-10-22") + of("O", "2026-11-09", "2026-11-10", "2026-11-11"), "2026-11-11 PM"),
        ("T1 a day of half-term itself", of("G", "2026-10-22", "2026-10-26") + of("O", "2026-11-09", "2026-11-10", "2026-11-11"), "8"),
        ("T2a", of("O", "2026-09-07") + T2A_MIDDLE + of("U", ("2026-11-20", "PM")), "2026-11-20 PM"),
        ("T2a begun a school day earlier", of("O", "2026-09-04") + T2A_MIDDLE + of("U", ("2026-11-20", "PM")), "8"),
        ("T2a begun a day later", of("O", "2026-09-08") + T2A_MIDDLE + of("U", ("2026-11-20", "PM")), "2026-11-20 PM"),
        ("T2a begun on the Sunday before", of("O", "2026-09-06") + T2A_MIDDLE + of("U", ("2026-11-20", "PM")), "8"),
        ("T2a ended a day earlier", of("O", "2026-09-07") + T2A_MIDDLE + of("U", ("2026-11-19", "PM")), "2026-11-19 PM"),
        ("T2a ended half a day earlier", of("O", "2026-09-07") + T2A_MIDDLE + of("U", ("2026-11-20", "AM")), "2026-11-20 AM"),
        ("T2a ended on the Saturday after", of("O", "2026-09-07") + T2A_MIDDLE + of("U", ("2026-11-21", "PM")), "9"),
        ("T2a ended a school day later", of("O", "2026-09-07") + T2A_MIDDLE + of("U", ("2026-11-23", "AM")), "8"),
        ("T4", of("G", "2026-12-16", "2026-12-17", "2026-12-18", "2027-01-05", "2027-01-06"), "2027-01-06 PM"),
        ("T4 a day earlier before Christmas", of("G", "2026-12-15", "2026-12-16", "2026-12-17", "2027-01-05", "2027-01-06"), "2027-01-06 PM"),
        ("T4 a day later after Christmas", of("G", "2026-12-16", "2026-12-17", "2026-12-18", "2027-01-06", "2027-01-07"), "2027-01-07 PM"),
        ("T4 a day before the term", of("G", "2026-12-16", "2026-12-17", "2026-12-18", "2027-01-04", "2027-01-05"), "8"),
        ("T4 the first day of its window", of("O", "2026-10-12") + of("G", "2026-12-16", "2026-12-17", "2026-12-18", "2027-01-06"), "2027-01-06 PM"),
        ("T4 the school day before its window", of("O", "2026-10-09") + of("G", "2026-12-16", "2026-12-17", "2026-12-18", "2027-01-06"), "8"),
        ("T5", marks("G", full_days("2026-10-19", "2026-10-23")), "2026-10-23 PM"),
        ("T5 a school day earlier", of("G", "2026-10-16", "2026-10-19", "2026-10-20", "2026-10-21", "2026-10-22"), "2026-10-22 PM"),
        ("T5 a school day later", marks("G", full_days("2026-10-20", "2026-10-23")) + of("G", "2026-11-03"), "2026-11-03 PM"),
        ("T5 half a day later", marks("G", full_days("2026-10-19", "2026-10-23")[1:]) + of("G", ("2026-11-03", "AM")), "2026-11-03 AM"),
        ("T5 a day later, on the INSET day", marks("G", full_days("2026-10-20", "2026-10-23")) + of("G", "2026-11-02"), "8"),
        ("T15", of("O", "2026-09-07") + T15_MIDDLE + of("O", ("2026-11-11", "AM")), "2026-11-11 AM"),
        ("T15 on the last day of the tenth week", of("O", "2026-09-07") + T15_MIDDLE + of("O", ("2026-11-20", "PM")), "2026-11-20 PM"),
        ("T15 a school day after the tenth week", of("O", "2026-09-07") + T15_MIDDLE + of("O", ("2026-11-23", "AM")), "5"),
        ("T15 the day before its last", of("O", "2026-09-07") + T15_MIDDLE + of("O", ("2026-11-06", "AM")), "2026-11-10 PM"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_worked_example_is_judged_on_its_edge_and_a_day_to_either_side(name, entries, want):
    assert day_of(entries) == want, name


@pytest.mark.parametrize(
    ("left", "joined", "want"),
    [
        ("2026-10-23", "2026-11-02", "2026-11-05 PM"),
        ("2026-09-24", "2026-11-03", "2026-11-05 PM"),
        ("2026-09-23", "2026-11-04", "2026-11-05 PM"),  # on the roll on the last and from the first day of absence
        ("2026-09-22", "2026-11-02", "8"),  # left the day before
        ("2026-10-23", "2026-11-05", "8"),  # joined the day after
        ("2026-11-04", "2026-11-02", "2026-11-05 PM"),  # on both rolls for three days
    ],
)
def test_t7_the_count_depends_on_the_days_of_leaving_and_joining(left, joined, want):
    spells = [
        Spell(A, ESSEX, date(2025, 9, 1), date.fromisoformat(left)),
        Spell(B, ELSEWHERE, date.fromisoformat(joined)),
    ]
    entries = marks("O", full_days("2026-09-21", "2026-09-23")) + marks("O", full_days("2026-11-04", "2026-11-05"), B)

    judgement = judge(history(entries, spells=spells, calendars={A: open_sessions(), B: open_sessions()}), policies())

    assert (" ".join(met(judgement)[:2]) or str(judgement.count)) == want
    assert judgement.crossing is None or judgement.crossing.at.la_code == ELSEWHERE


@pytest.mark.parametrize(
    ("day", "due"),
    [
        ("2026-11-11", "2026-11-18"),
        ("2026-11-12", "2026-11-19"),
        ("2026-11-13", "2026-11-20"),
        ("2026-10-16", "2026-10-23"),  # the week before the half-term
        ("2026-10-19", "2026-11-03"),  # four school days left, then the INSET day
        ("2026-10-23", "2026-11-09"),
    ],
)
def test_t9_a_reason_is_due_on_the_fifth_school_day(day, due):
    years = years_of({A: open_sessions()})

    assert due_of(Mark(session(day, "AM"), A, "N", 1), policies()(ESSEX), years) == date.fromisoformat(due)


T9 = marks("O", full_days("2026-11-09", "2026-11-11") + full_days("2026-11-13")) + marks("N", full_days("2026-11-12"))


@pytest.mark.parametrize(("today", "shown"), [("2026-11-18", None), ("2026-11-19", None), ("2026-11-20", 10), ("2026-11-21", 10)])
def test_t9_an_n_is_shown_as_o_only_after_its_deadline(today, shown):
    assert count_with_unresolved(history(T9), policies(), date.fromisoformat(today)) == shown


@pytest.mark.parametrize(("half", "left"), [((), 10), (("AM",), 9), (("AM", "PM"), 8)])
def test_t9_each_reason_found_takes_its_session_back(half, left):
    entries = [mark for mark in T9 if mark.code == "O" or mark.session.half not in half]
    entries += marks("I", [each for each in full_days("2026-11-12") if each.half in half], version=2)

    judgement = judge(history(entries, spells=[Spell(A, ELSEWHERE, date(2025, 9, 1))]), policies("england"))

    assert (judgement.count, judgement.status) == (left, "met" if left == 10 else "approaching")


@pytest.mark.parametrize(("code", "count"), [("L", 0), ("U", 1)])
def test_t11_a_late_arrival_counts_only_after_the_register_has_closed(code, count):
    assert judge(history(of(code, ("2026-11-12", "AM"))), policies()).count == count


@pytest.mark.parametrize(
    ("first", "counted"),
    [
        ("2026-12-30", ["2027-01-05 AM", "2027-01-05 PM", "2027-01-06 AM"]),
        ("2026-12-31", ["2027-01-05 AM", "2027-01-05 PM", "2027-01-06 AM"]),  # fifth birthday on 12 October 2026
        ("2027-01-01", ["2027-01-05 AM", "2027-01-05 PM", "2027-01-06 AM"]),
        ("2027-01-04", ["2027-01-05 AM", "2027-01-05 PM", "2027-01-06 AM"]),
        ("2027-01-05", ["2027-01-05 AM", "2027-01-05 PM", "2027-01-06 AM"]),
        ("2027-01-06", ["2027-01-06 AM"]),
    ],
)
def test_t12_the_first_session_that_counts(first, counted):
    entries = marks("G", full_days("2026-11-09", "2026-11-13")) + of("O", "2027-01-05", ("2027-01-06", "AM"))

    judgement = judge(history(entries, compulsory=Span(date.fromisoformat(first), date(2037, 6, 26))), policies())

    assert [f"{each.session.date} {each.session.half}" for each in judgement.counting] == counted


@pytest.mark.parametrize(
    ("joined", "left", "count"),
    [
        ("2026-09-13", None, 10),
        ("2026-09-14", None, 10),
        ("2026-09-15", None, 8),
        ("2026-09-01", "2026-09-19", 10),
        ("2026-09-01", "2026-09-18", 10),
        ("2026-09-01", "2026-09-17", 8),
    ],
)
def test_t14_the_count_depends_on_the_days_on_the_second_roll(joined, left, count):
    spells = [
        Spell(A, ESSEX, date(2025, 9, 1)),
        Spell(C, ESSEX, date.fromisoformat(joined), date.fromisoformat(left) if left else None),
    ]
    week = full_days("2026-09-14", "2026-09-18")

    judgement = judge(history(marks("D", week) + marks("O", week, C), spells=spells), policies())

    assert judgement.count == count
    assert {each.urn for each in judgement.counting} == {C}


SEPTEMBER = full_days("2026-09-14", "2026-09-18")


@pytest.mark.parametrize(
    ("spent", "later", "status", "count"),
    [
        (SEPTEMBER, full_days("2026-10-05"), "below", 2),
        (SEPTEMBER[:-1], full_days("2026-10-05"), "below", 3),  # the notice ended a session earlier
        (SEPTEMBER[1:], full_days("2026-10-05"), "below", 3),  # or began one later
        (SEPTEMBER, full_days("2026-10-05", "2026-10-09")[:-1], "approaching", 9),
        (SEPTEMBER, full_days("2026-10-05", "2026-10-09"), "met", 10),
        (SEPTEMBER[:-1], full_days("2026-10-05", "2026-10-09")[:-1], "met", 10),
    ],
)
def test_t16_sessions_left_after_a_notice_count_on(spent, later, status, count):
    judgement = judge(history(marks("O", SEPTEMBER) + marks("O", later), spent=spent), policies())

    assert (judgement.status, judgement.count) == (status, count)


@pytest.mark.parametrize(("first", "count"), [("2024-08-16", 9), ("2024-08-18", 9), ("2024-08-19", 10), ("2024-08-20", 10)])
def test_t17_sessions_count_from_the_first_day_of_the_framework(first, count):
    sessions = [session(first, "AM"), *full_days("2024-08-21", "2024-08-23"), *full_days("2024-08-27"), session("2024-08-28", "AM")]
    found = history(marks("O", sessions, C), spells=[Spell(C, ESSEX, date(2023, 9, 1))], calendars={})

    assert judge(found, policies()).count == count


@pytest.mark.parametrize(
    ("day", "until"),
    [("2026-10-19", "2027-04-19"), ("2026-08-30", "2027-02-28"), ("2026-08-31", "2027-02-28"), ("2026-09-01", "2027-03-01")],
)
def test_the_time_to_charge_ends_on_the_same_day_number_or_the_last_of_the_month(day, until):
    assert add_months(date.fromisoformat(day), 6) == date.fromisoformat(until)


@pytest.mark.parametrize(
    ("only_session", "begins"), [("2026-08-30", "2026-09-07"), ("2026-08-31", "2026-08-31"), ("2026-09-01", "2026-08-31")]
)
def test_the_week_of_admission_is_a_school_week_also_by_a_session_of_the_school_year_before(only_session, begins):
    """A pupil joins on 2 September 2026, a Wednesday, and the school's only session around then is on a day just before it."""
    entries = marks("O", full_days("2026-09-07", "2026-09-11"), C)
    years = years_of({}, [*entries, (C, session(only_session, "AM"))])
    found = History(tuple(entries), (Spell(C, ESSEX, date(2026, 9, 2)),), Span(date(2015, 1, 1), date(2032, 6, 25)), years)

    assert met(judge(found, policies())) == ("2026-09-11", "PM", begins, "2026-09-13")
