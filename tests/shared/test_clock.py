"""Civil dates are London's; instants are UTC's; only `ATTENDANCE_TODAY` moves the one, and nothing the other."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from shared import clock


@pytest.fixture(autouse=True)
def _no_other_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATTENDANCE_TODAY", raising=False)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 6, 30, 22, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), date(2026, 10, 25)),
    ],
    ids=[
        "summer, past midnight",
        "summer, before it",
        "winter, before midnight",
        "winter, at it",
        "spring",
        "last night of summer",
        "autumn",
    ],
)
def test_today_is_the_date_in_london(instant: datetime, day: date):
    with time_machine.travel(instant, tick=False):
        assert clock.today() == day
    assert clock.civil_date(instant) == day


def test_the_civil_date_can_be_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-01-05")

    assert clock.today() == date(2027, 1, 5)


def test_a_file_with_the_civil_date_is_read_anew_every_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    file = tmp_path / "today"
    monkeypatch.setenv("ATTENDANCE_TODAY", f"@{file}")

    file.write_text("2027-01-05\n")
    before = clock.today()
    file.write_text("2027-01-12")

    assert (before, clock.today()) == (date(2027, 1, 5), date(2027, 1, 12))


@pytest.mark.parametrize("value", ["tomorrow", "05/01/2027", "2027-02-30"])
def test_a_today_that_is_no_date_is_refused(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("ATTENDANCE_TODAY", value)

    with pytest.raises(ValueError, match=r".+"):
        clock.today()


def test_instants_keep_real_time_whatever_the_civil_date_is_set_to(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2031-01-01")

    now = clock.now()

    assert now.utcoffset() == timedelta(0)
    assert now.year < 2031


def test_an_instant_without_a_zone_has_no_date():
    with pytest.raises(ValueError, match="time zone"):
        clock.civil_date(datetime(2026, 6, 30, 23, 30))  # noqa: DTZ001 -- that is the point
