"""Service, clocks and what is due: the worked examples, and the day before, on and after each edge."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import services.penalties
from services.penalties.money.domain import Amounts, Money, Settlement, counted_on, due_pence, settle
from services.penalties.serving.domain import clocks
from shared.attendance.deemed_receipt import deemed_receipt
from shared.attendance.law import load_statutes

LAW = load_statutes(Path(services.penalties.__file__).parent / "law").packs["essex"]
FIRST, SECOND = Amounts(8000, 16000), Amounts(16000, 16000)
EARLY_DEADLINE = date(2026, 12, 8)


def on(day: int, amount_pence: int) -> Money:
    """Money that came in on the n-th day, day 21 being the last at the lower rate."""
    return Money(amount_pence, EARLY_DEADLINE + timedelta(days=day - 21))


@pytest.mark.parametrize(
    ("name", "posted", "method", "expected"),
    [
        ("P1", "2026-10-06", "first-class-post", ["2026-10-08", "2026-10-28", "2026-11-04", "2026-11-05"]),
        ("P2", "2026-04-02", "first-class-post", ["2026-04-08", "2026-04-28", "2026-05-05", "2026-05-06"]),
        ("P5", "2026-10-09", "first-class-post", ["2026-10-13", "2026-11-02", "2026-11-09", "2026-11-10"]),
        ("P5b", "2026-10-09", "hand", ["2026-10-09", "2026-10-29", "2026-11-05", "2026-11-06"]),
        ("L2", "2026-11-06", "first-class-post", ["2026-11-10", "2026-11-30", "2026-12-07", "2026-12-08"]),
        ("L3", "2027-01-12", "first-class-post", ["2027-01-14", "2027-02-03", "2027-02-10", "2027-02-11"]),
    ],
)
def test_the_worked_examples_of_service(name: str, posted: str, method: str, expected: list[str]) -> None:
    received_on = deemed_receipt(date.fromisoformat(posted), method).received_on
    found = clocks(LAW, received_on)

    assert [str(day) for day in (received_on, found.early_deadline, found.final_deadline, found.overdue_from)] == expected
    assert [f.provision for f in found.findings] == ["lower_rate_days", "payment_days"]


def test_the_last_days_are_the_21st_and_the_28th_with_receipt_as_day_1() -> None:
    found = clocks(LAW, date(2026, 10, 1))

    assert (found.early_deadline, found.final_deadline, found.overdue_from) == (date(2026, 10, 21), date(2026, 10, 28), date(2026, 10, 29))


def test_p6_a_payment_after_midnight_in_british_summer_time_counts_on_the_next_day() -> None:
    received_on = deemed_receipt(date(2026, 8, 28), "first-class-post").received_on
    found = clocks(LAW, received_on)
    paid_on = counted_on(datetime(2026, 9, 22, 23, 10, tzinfo=UTC), date(2026, 9, 23))

    assert (received_on, found.early_deadline, paid_on) == (date(2026, 9, 2), date(2026, 9, 22), date(2026, 9, 23))
    assert due_pence(FIRST, found.early_deadline, settle(FIRST, found.early_deadline, []), paid_on) == 16000
    assert settle(FIRST, found.early_deadline, [Money(8000, paid_on)]) == Settlement(8000, None, 0)


@pytest.mark.parametrize(
    ("instant", "today", "expected"),
    [
        (datetime(2026, 9, 22, 22, 59, 59, tzinfo=UTC), date(2026, 9, 30), date(2026, 9, 22)),
        (datetime(2026, 9, 22, 23, 0, tzinfo=UTC), date(2026, 9, 30), date(2026, 9, 23)),
        (datetime(2026, 12, 8, 23, 59, 59, tzinfo=UTC), date(2026, 12, 30), date(2026, 12, 8)),
        (datetime(2026, 12, 9, 0, 0, tzinfo=UTC), date(2026, 12, 30), date(2026, 12, 9)),
        (datetime(2026, 12, 24, 12, 0, tzinfo=UTC), date(2026, 12, 8), date(2026, 12, 8)),
    ],
)
def test_a_payment_counts_on_its_london_date_at_the_latest_today(instant: datetime, today: date, expected: date) -> None:
    assert counted_on(instant, today) == expected


@pytest.mark.parametrize(
    ("day", "first", "second"),
    [(1, 8000, 16000), (20, 8000, 16000), (21, 8000, 16000), (22, 16000, 16000), (28, 16000, 16000), (29, 16000, 16000)],
)
def test_the_amount_due_follows_the_day(day: int, first: int, second: int) -> None:
    today = EARLY_DEADLINE + timedelta(days=day - 21)

    assert due_pence(FIRST, EARLY_DEADLINE, settle(FIRST, EARLY_DEADLINE, []), today) == first
    assert due_pence(SECOND, EARLY_DEADLINE, settle(SECOND, EARLY_DEADLINE, []), today) == second


def test_a_notice_that_is_not_served_yet_is_at_the_lower_rate() -> None:
    assert due_pence(FIRST, None, settle(FIRST, None, []), date(2027, 12, 1)) == 8000
    assert settle(FIRST, None, [on(1, 8000)]).discharged_on == on(1, 0).counted_on


@pytest.mark.parametrize(("day", "discharged"), [(20, True), (21, True), (22, False), (23, False)])
def test_the_lower_amount_discharges_until_day_21(day: int, discharged: bool) -> None:
    assert (settle(FIRST, EARLY_DEADLINE, [on(day, 8000)]).discharged_on is not None) is discharged


def test_p7_the_lower_amount_on_day_23_is_a_part_payment() -> None:
    money = [on(23, 8000)]

    assert settle(FIRST, EARLY_DEADLINE, money) == Settlement(8000, None, 0)
    assert due_pence(FIRST, EARLY_DEADLINE, settle(FIRST, EARLY_DEADLINE, money), on(23, 0).counted_on) == 8000
    assert settle(FIRST, EARLY_DEADLINE, [*money, on(28, 8000)]) == Settlement(16000, on(28, 0).counted_on, 0)


def test_part_payments_in_time_add_up() -> None:
    assert settle(FIRST, EARLY_DEADLINE, [on(3, 3000), on(21, 5000)]).discharged_on == EARLY_DEADLINE
    assert settle(FIRST, EARLY_DEADLINE, [on(3, 3000), on(22, 5000)]).discharged_on is None
    assert due_pence(FIRST, EARLY_DEADLINE, settle(FIRST, EARLY_DEADLINE, [on(3, 3000)]), EARLY_DEADLINE) == 5000
    assert due_pence(FIRST, EARLY_DEADLINE, settle(FIRST, EARLY_DEADLINE, [on(3, 3000)]), on(22, 0).counted_on) == 13000


def test_the_full_amount_discharges_even_after_the_last_day() -> None:
    assert settle(FIRST, EARLY_DEADLINE, [on(30, 16000)]).discharged_on == on(30, 0).counted_on


def test_money_paid_beyond_the_price_is_owed_back() -> None:
    assert settle(FIRST, EARLY_DEADLINE, [on(10, 8000), on(12, 8000)]) == Settlement(16000, on(10, 0).counted_on, 8000)
    assert settle(FIRST, EARLY_DEADLINE, [on(23, 8000), on(24, 16000)]) == Settlement(24000, on(24, 0).counted_on, 8000)
    assert settle(SECOND, EARLY_DEADLINE, [on(5, 8000), on(6, 16000)]) == Settlement(24000, on(6, 0).counted_on, 8000)


def test_once_charged_only_money_of_the_payment_period_is_accepted() -> None:
    last_day = on(28, 0).counted_on

    assert settle(FIRST, EARLY_DEADLINE, [on(28, 16000)], last_day) == Settlement(16000, last_day, 0)
    assert settle(FIRST, EARLY_DEADLINE, [on(29, 16000)], last_day) == Settlement(16000, None, 16000)
    assert settle(FIRST, EARLY_DEADLINE, [on(23, 8000), on(29, 8000)], last_day) == Settlement(16000, None, 8000)


def test_the_order_in_which_messages_about_money_arrive_does_not_matter() -> None:
    assert settle(FIRST, EARLY_DEADLINE, [on(24, 16000), on(20, 8000)]) == Settlement(24000, on(20, 0).counted_on, 16000)


def test_nothing_is_due_once_paid() -> None:
    assert due_pence(FIRST, EARLY_DEADLINE, settle(FIRST, EARLY_DEADLINE, [on(21, 8000)]), on(28, 0).counted_on) == 0
