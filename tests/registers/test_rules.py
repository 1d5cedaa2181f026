"""Calendars, rolls and registers as pure rules."""

from datetime import date
from uuid import UUID

import pytest

from services.registers.marks.domain import rolls
from services.registers.marks.domain.registers import Accepted, Enrolled, Rejection, SentMark, check_marks, session_codes
from services.registers.marks.domain.rolls import Spell
from services.registers.pupils.domain import parents
from services.registers.schools.domain import calendars
from services.registers.schools.domain.calendars import Closure, Term
from shared.attendance.dates import school_year

MONDAY, TODAY = date(2026, 9, 7), date(2026, 9, 10)
ANN, BEN = UUID(int=1), UUID(int=2)


def test_sessions_are_weekdays_of_the_terms_less_closures():
    held = calendars.open_sessions(
        (Term(MONDAY, date(2026, 9, 13)),), (Closure(date(2026, 9, 8)), Closure(date(2026, 9, 9), ("PM",)), Closure(date(2026, 9, 13)))
    )

    assert held == {
        MONDAY: ("AM", "PM"),
        date(2026, 9, 9): ("AM",),
        date(2026, 9, 10): ("AM", "PM"),
        date(2026, 9, 11): ("AM", "PM"),
    }


def test_two_half_closures_close_a_day():
    assert calendars.open_sessions((Term(MONDAY, MONDAY),), (Closure(MONDAY, ("AM",)), Closure(MONDAY, ("PM",)))) == {}


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 8, 31), "2025-26"), (date(2026, 9, 1), "2026-27"), (date(2027, 8, 31), "2026-27"), (date(1999, 9, 1), "1999-00")],
)
def test_a_school_year_begins_on_1_september(day, year):
    assert school_year(day) == year


def test_a_school_year_is_two_years_that_follow():
    assert calendars.bounds("2026-27") == (date(2026, 9, 1), date(2027, 8, 31))
    with pytest.raises(ValueError, match="2026-28"):
        calendars.bounds("2026-28")


@pytest.mark.parametrize(
    ("first", "second", "stretch"),
    [
        (Spell(1, date(2026, 1, 1), date(2026, 3, 31)), Spell(2, date(2026, 4, 1)), None),
        (Spell(1, date(2026, 1, 1), date(2026, 4, 1)), Spell(2, date(2026, 4, 1)), (date(2026, 4, 1), date(2026, 4, 1))),
        (Spell(1, date(2026, 1, 1)), Spell(2, date(2026, 4, 1)), (date(2026, 4, 1), None)),
        (Spell(1, date(2026, 1, 1)), Spell(1, date(2026, 4, 1)), None),
    ],
)
def test_two_schools_share_a_pupil_where_their_rolls_overlap(first, second, stretch):
    assert [(each.start, each.to) for each in rolls.overlaps([first, second])] == ([stretch] * 2 if stretch else [])


def test_spells_on_one_roll_do_not_overlap():
    assert rolls.fault([Spell(1, date(2026, 4, 1)), Spell(1, date(2026, 1, 1), date(2026, 3, 31))]) is None
    assert rolls.fault([Spell(1, date(2026, 4, 1)), Spell(1, date(2026, 1, 1), date(2026, 4, 1))])
    assert rolls.fault([Spell(1, date(2026, 4, 1), date(2026, 3, 31))])


def checked(*marks, day=TODAY, session="AM", today=TODAY):
    roll = {"ann": Enrolled(ANN, (Spell(1, date(2025, 9, 1)),)), "ben": Enrolled(BEN, (Spell(1, date(2025, 9, 1), date(2026, 9, 9)),))}
    return check_marks([SentMark(upn, code, None) for upn, code in marks], session_codes(day, session), roll, today=today)


def test_of_several_valid_marks_the_last_counts():
    done = checked(("ann", "O"), ("ann", "I"), ("ann", "ZZ"), ("ann", "-"))

    assert done.accepted == {ANN: Accepted("I", None, dual=False)}
    assert [reason for _, reason in done.rejected] == [Rejection.UNKNOWN_CODE]
    assert done.ignored == 1


def test_a_mark_is_rejected_for_one_reason():
    done = checked(("nobody", "O"), ("ben", "O"), ("nobody", "H"), ("nobody", "#"))

    assert [reason for _, reason in done.rejected] == [Rejection.UNKNOWN_UPN, Rejection.NOT_ON_ROLL, Rejection.RETIRED_CODE]
    assert (done.accepted, done.ignored) == ({}, 1)


@pytest.mark.parametrize(("today", "stored"), [(date(2026, 9, 9), 0), (TODAY, 1)])
def test_the_future_is_rejected(today, stored):
    assert len(checked(("ann", "O"), today=today).accepted) == stored


def test_the_last_day_on_the_roll_counts():
    assert BEN in checked(("ben", "O"), day=date(2026, 9, 9)).accepted


HOME = ["1 High Street", "Chelmsford", "cm1 1qh"]


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (parents.keys("PAT", " O'Neill ", ["Elsewhere", "CM11QH"], None, None), ("name", "postcode")),
        (parents.keys("Pat", "O'Neill", ["1 High Street", "CM2 9ZZ"], "pat@example.org ", None), ("name", "email")),
        (parents.keys("Pát", "O'Neill", None, None, "01245 000000"), ("name", "phone")),
        (parents.keys("Pat", "O\u2019Neill", HOME, None, None), ("name", "postcode")),
        (parents.keys("Pat", "ONeill", HOME, None, None), ("name", "postcode")),
        (parents.keys("Pat", "O'Neill", None, None, None), ()),
        (parents.keys("Sam", "O'Neill", HOME, "pat@example.org", "01245 000000"), ()),
    ],
)
def test_contacts_match_by_name_and_something_else(other, reasons):
    mine = parents.keys("Pat", "O'Neill", HOME, "Pat@Example.org", "+44 (0)1245 000 000")

    assert parents.agreements(mine, other, same_child=False) == reasons


def test_a_namesake_of_the_same_child_is_a_likely_match():
    key = parents.keys("Pat", "O'Neill", None, None, None)

    assert parents.agreements(key, key, same_child=True) == ("name", "child")
