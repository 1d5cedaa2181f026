"""Working days and deemed receipt, against the government's own list of bank holidays."""

from datetime import date, timedelta

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays

from shared.attendance.deemed_receipt import deemed_receipt
from shared.attendance.working_days import BANK_HOLIDAYS, add_working_days, is_working_day


def test_the_bank_holidays_are_those_that_the_government_publishes() -> None:
    stored = BankHolidays(use_cached_holidays=True).get_holidays(division="england-and-wales")
    published = {each["date"] for each in stored if each["date"].weekday() < 5}

    first, last = date(min(published).year, 1, 1), date(max(published).year, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]

    assert {day for day in days if day in BANK_HOLIDAYS and day.weekday() < 5} == published
    assert {day for day in days if not is_working_day(day)} == published | {day for day in days if day.weekday() >= 5}


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2026-10-06", 0, "2026-10-06"),
        ("2026-10-10", 0, "2026-10-10"),
        ("2026-10-06", 2, "2026-10-08"),
        ("2026-10-09", 1, "2026-10-12"),
        ("2026-10-10", 1, "2026-10-12"),
        ("2026-04-02", 2, "2026-04-08"),
        ("2026-12-24", 2, "2026-12-30"),
        ("2027-12-24", 1, "2027-12-29"),
    ],
)
def test_the_nth_working_day_after_a_day(day: str, n: int, expected: str) -> None:
    assert add_working_days(date.fromisoformat(day), n) == date.fromisoformat(expected)


def test_working_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError):
        add_working_days(date(2026, 10, 6), -1)


@pytest.mark.parametrize(
    ("posted", "method", "received"),
    [
        ("2026-10-06", "first-class-post", "2026-10-08"),
        ("2026-04-02", "first-class-post", "2026-04-08"),
        ("2026-10-09", "first-class-post", "2026-10-13"),
        ("2026-08-28", "first-class-post", "2026-09-02"),
        ("2026-10-11", "first-class-post", "2026-10-13"),
        ("2026-10-09", "hand", "2026-10-09"),
        ("2026-10-11", "hand", "2026-10-11"),
        ("2026-10-09", "email", "2026-10-09"),
    ],
)
def test_when_a_letter_counts_as_received(posted: str, method: str, received: str) -> None:
    receipt = deemed_receipt(date.fromisoformat(posted), method)

    assert receipt.received_on == date.fromisoformat(received)
    assert receipt.finding.as_json()["facts"] == {"posted_on": posted, "method": method, "received_on": received}
    assert "Policy" in receipt.finding.reference


def test_a_way_of_delivery_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError):
        deemed_receipt(date(2026, 10, 6), "pigeon")
