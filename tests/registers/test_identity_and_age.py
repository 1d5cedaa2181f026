"""domain.md 6.1 and 6.3: UPNs and compulsory school age, with the day before and after each edge."""

from datetime import date

import pytest

from services.registers.law import NATIONAL
from services.registers.pupils.domain import ages, upn


@pytest.mark.parametrize("number", ["B801200005001", "L881200024001", "A881400126017", "X88120002400A", "Q88140012601B"])
def test_a_valid_upn_passes_its_check(number):
    assert upn.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "A801200005001",
        "B801200005002",
        "B80120000500",
        "B8012000050011",
        "I801200005001",
        "b801200005001",
        "X88120002400I",
        "",
        "B80120000500\u0661",
    ],
)
def test_an_invalid_upn_fails_its_check(number):
    assert not upn.is_valid(number)


@pytest.mark.parametrize(
    ("born", "starts"),
    [
        (date(2021, 3, 30), date(2026, 3, 31)),
        (date(2021, 3, 31), date(2026, 3, 31)),
        (date(2021, 4, 1), date(2026, 8, 31)),
        (date(2021, 8, 31), date(2026, 8, 31)),
        (date(2021, 9, 1), date(2026, 12, 31)),
        (date(2021, 10, 12), date(2026, 12, 31)),
        (date(2021, 12, 31), date(2026, 12, 31)),
        (date(2022, 1, 1), date(2027, 3, 31)),
        (date(2020, 2, 29), date(2025, 3, 31)),
    ],
)
def test_compulsory_age_starts_on_the_prescribed_day_on_or_after_the_fifth_birthday(born, starts):
    assert ages.compulsory_from(born, NATIONAL) == starts


@pytest.mark.parametrize(
    ("born", "ends"),
    [
        (date(2010, 8, 31), date(2026, 6, 26)),
        (date(2010, 9, 1), date(2027, 6, 25)),
        (date(2009, 9, 1), date(2026, 6, 26)),
        (date(2010, 6, 26), date(2026, 6, 26)),
        (date(2010, 6, 27), date(2026, 6, 26)),
        (date(2012, 2, 29), date(2028, 6, 30)),
    ],
)
def test_compulsory_age_ends_on_the_last_friday_in_june(born, ends):
    assert ages.compulsory_to(born, NATIONAL) == ends


@pytest.mark.parametrize(("year", "day"), [(2026, 26), (2027, 25), (2028, 30), (2029, 29), (2034, 30)])
def test_the_school_leaving_date_is_the_last_friday_in_june(year, day):
    assert ages.leaving_date(year, NATIONAL) == date(year, 6, day)
