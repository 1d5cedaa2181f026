"""domain.md 1.1 and 1.2: which code may stand in which register, and what becomes of the others."""

from datetime import date

import pytest

from services.registers.marks.domain.registers import Rejection, SessionCodes
from shared.attendance.register_codes import all_codes, codes_on

NOW, LAST_OLD, FIRST_NEW = date(2026, 9, 10), date(2024, 8, 18), date(2024, 8, 19)
CURRENT = [*"/\\LKVPWBDCEIMRSTGNOUQX", "C1", "C2", "J1", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7"]


def read(code, day=NOW, session="AM"):
    return SessionCodes(day, session, codes_on(day), all_codes()).read(code)


def test_the_table_of_2024_is_complete():
    assert set(codes_on(FIRST_NEW)) == {*CURRENT, "-", "#", "Z"}


@pytest.mark.parametrize(
    ("category", "codes"),
    [
        ("attending", "/ \\ L K V P W B"),
        ("authorised", "C C1 C2 E I J1 M R S T"),
        ("unauthorised", "G N O U"),
        ("not-possible", "D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7"),
        ("none", "- # Z"),
    ],
)
def test_every_code_has_its_class(category, codes):
    assert {code for code, entry in codes_on(NOW).items() if entry.category == category} == set(codes.split())


@pytest.mark.parametrize("code", [code for code in CURRENT if code not in {"/", "\\"}])
@pytest.mark.parametrize("session", ["AM", "PM"])
def test_a_code_of_both_halves_is_stored_as_it_is(code, session):
    assert read(code, session=session) == code


@pytest.mark.parametrize(
    ("code", "session", "want"),
    [("/", "AM", "/"), ("/", "PM", "\\"), ("\\", "PM", "\\"), ("\\", "AM", Rejection.WRONG_SESSION)],
)
def test_a_mark_of_presence_is_stored_as_that_of_its_half(code, session, want):
    assert read(code, session=session) == want


@pytest.mark.parametrize("code", ["-", "#", "Z"])
def test_a_code_that_stands_for_no_mark_is_ignored(code):
    assert read(code) is None


@pytest.mark.parametrize(("code", "category"), [("H", "authorised"), ("J", "attending"), ("Y", "not-possible")])
def test_a_retired_code_holds_to_its_last_day(code, category):
    assert codes_on(LAST_OLD)[code].category == category
    assert read(code, LAST_OLD) == code
    assert read(code, FIRST_NEW) is Rejection.RETIRED_CODE


@pytest.mark.parametrize(("day", "want"), [(date(2013, 8, 31), "F"), (date(2013, 9, 1), Rejection.RETIRED_CODE)])
def test_extended_holidays_ended_in_2013(day, want):
    assert read("F", day) == want


@pytest.mark.parametrize("code", ["K", "Q", "C1", "C2", "J1", "Y1", "Y7"])
def test_a_new_code_does_not_reach_back(code):
    assert read(code, LAST_OLD) is Rejection.CODE_NOT_YET
    assert read(code, FIRST_NEW) == code


@pytest.mark.parametrize("code", ["ZZ", "", "o", "7", "O ", "\\\\"])
def test_a_code_that_never_existed_is_unknown(code):
    assert read(code) is Rejection.UNKNOWN_CODE


def test_every_code_names_its_legal_reference():
    assert all(code.reference and code.href.startswith("https://") and code.meaning for code in all_codes())
