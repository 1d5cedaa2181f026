"""Which codes a register may hold on which day."""

from datetime import date

import pytest

from shared.attendance.register_codes import all_codes, codes_on

IN_FORCE = date(2026, 9, 14)


def test_the_codes_in_force_are_those_of_the_regulations_of_2024():
    marks = "/ \\ L K V P W B D C C1 C2 E I J1 M R S T G N O U Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7"
    no_marks = "- Z #"

    assert sorted(codes_on(IN_FORCE)) == sorted(f"{marks} {no_marks}".split())


@pytest.mark.parametrize("retired", ["H", "J", "Y"])
def test_a_retired_code_could_be_entered_until_18_august_2024(retired: str):
    assert retired in codes_on(date(2024, 8, 18))
    assert retired not in codes_on(date(2024, 8, 19))


@pytest.mark.parametrize("new", ["C1", "J1", "K", "Q", "Y7"])
def test_a_new_code_can_be_entered_from_19_august_2024(new: str):
    assert new not in codes_on(date(2024, 8, 18))
    assert new in codes_on(date(2024, 8, 19))


@pytest.mark.parametrize(("code", "half"), [("/", "AM"), ("\\", "PM")])
def test_the_two_strokes_belong_to_the_halves_of_the_day(code: str, half: str):
    assert codes_on(IN_FORCE)[code].sessions == (half,)


def test_only_four_codes_are_unauthorised():
    assert {code for code, entry in codes_on(IN_FORCE).items() if entry.category == "unauthorised"} == {"G", "N", "O", "U"}


def test_a_code_outside_its_time_is_unknown():
    assert codes_on(date(1980, 1, 1)) == {}


def test_every_code_names_the_instrument_that_set_it():
    assert all(code.reference and code.href.startswith("https://") and code.meaning for code in all_codes())


def test_no_code_has_two_meanings_on_one_day():
    for code in all_codes():
        others = [other for other in all_codes() if other.code == code.code and other is not code]
        assert not [other for other in others if other.since <= code.since and (other.until is None or other.until >= code.since)]
