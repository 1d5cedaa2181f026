"""Tariff and cap: the worked examples, and the day before, on and after each edge."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import services.penalties
from services.penalties.case_file.domain.sessions import OffencePeriod
from services.penalties.notices.domain.tariff import Assessment, EarlierNotice, OffenceAcrossFrameworks, assess_tier
from shared.attendance.dates import add_months
from shared.attendance.law import load_statutes
from shared.law import UnknownProvisionError

PACKS = load_statutes(Path(services.penalties.__file__).parent / "law").packs
SEPTEMBER_2024 = ("2024-09-02", "2024-09-06")
SEPTEMBER_2025 = ("2025-09-01", "2025-09-05")


def earlier(issued_on: str, offence_from: str | None = None, **changes: Any) -> EarlierNotice:
    facts = {"kind": "s444a", "issued_on": date.fromisoformat(issued_on), "offence_from": offence_from and date.fromisoformat(offence_from)}
    return EarlierNotice(**{**facts, **changes})


def assess(
    proposed_on: str, *before: EarlierNotice, kind: Any = "s444a", offence: tuple[str, str] = SEPTEMBER_2025, pack: str = "essex"
) -> Assessment:
    period = OffencePeriod(*(date.fromisoformat(day) for day in offence))
    return assess_tier(PACKS[pack], kind, date.fromisoformat(proposed_on), period, before)


def price(assessment: Assessment) -> tuple[Any, ...]:
    assert assessment.available is (assessment.tier != "refused")
    assert assessment.findings
    return assessment.tier, assessment.early_pence, assessment.full_pence


FIRST, SECOND, REFUSED, FLAT = ("first", 8000, 16000), ("second", 16000, 16000), ("refused", None, None), ("flat", 6000, 12000)


@pytest.mark.parametrize("pack", ["essex", "england"])
@pytest.mark.parametrize(
    ("name", "proposed_on", "before", "expected"),
    [
        ("R1", "2024-09-16", [], FIRST),
        ("R2", "2027-09-15", [earlier("2024-09-16")], SECOND),
        ("R4", "2027-06-07", [earlier("2024-09-16"), earlier("2025-03-10")], REFUSED),
        ("R6", "2025-10-01", [earlier("2024-09-16", withdrawn=True)], FIRST),
        ("R9", "2026-10-01", [earlier("2025-02-03")], SECOND),
        ("R10", "2026-10-01", [earlier("2025-09-16", acquitted=False)], SECOND),
        ("R11", "2026-10-01", [earlier("2025-09-16", acquitted=True)], FIRST),
        ("R12", "2026-10-01", [earlier("2025-09-16", kind="s105")], FIRST),
        ("R14", "2025-10-01", [earlier("2024-09-20", offence_from="2024-07-08")], FIRST),
    ],
)
def test_the_worked_examples_of_the_cap(name: str, proposed_on: str, before: list[EarlierNotice], expected: Any, pack: str) -> None:
    assert price(assess(proposed_on, *before, offence=SEPTEMBER_2024, pack=pack)) == expected


@pytest.mark.parametrize(
    ("proposed_on", "expected"),
    [
        ("2025-03-09", FIRST),  # the other notice has yet to be issued
        ("2025-03-10", SECOND),  # the proposed day is in the period
        ("2028-03-09", SECOND),
        ("2028-03-10", FIRST),  # the anniversary is outside
        ("2028-03-11", FIRST),
    ],
)
def test_a_notice_counts_from_its_issue_until_the_day_before_its_third_anniversary(proposed_on: str, expected: Any) -> None:
    assert price(assess(proposed_on, earlier("2025-03-10"), offence=SEPTEMBER_2024)) == expected


def test_the_finding_of_an_anniversary_explains_why_the_notice_does_not_count() -> None:
    findings = assess("2028-03-10", earlier("2025-03-10")).findings

    assert [(f.provision, f.outcome) for f in findings if f.provision == "anniversary_is_inside"] == [
        ("anniversary_is_inside", "does not count")
    ]


def test_one_slot_returns_when_the_first_of_two_drops_out() -> None:
    before = [earlier("2025-03-10"), earlier("2026-01-12")]

    assert price(assess("2028-03-09", *before)) == REFUSED
    assert price(assess("2028-03-10", *before)) == SECOND
    assert price(assess("2029-01-12", *before)) == FIRST


@pytest.mark.parametrize(
    ("proposed_on", "issued_on", "expected"),
    [
        ("2028-02-29", "2025-02-28", FIRST),
        ("2028-02-29", "2025-03-01", SECOND),
        ("2031-02-28", "2028-02-28", FIRST),
        ("2031-02-28", "2028-02-29", SECOND),
        ("2031-03-01", "2028-02-29", FIRST),
    ],
)
def test_three_years_end_on_the_last_of_february_around_a_leap_day(proposed_on: str, issued_on: str, expected: Any) -> None:
    assert price(assess(proposed_on, earlier(issued_on))) == expected


@pytest.mark.parametrize(
    ("issued_on", "offence_from", "expected"),
    [
        ("2024-08-18", None, FIRST),
        ("2024-08-19", None, SECOND),
        ("2024-09-20", "2024-08-18", FIRST),
        ("2024-09-20", "2024-08-19", SECOND),
    ],
)
def test_only_offences_since_the_framework_began_count(issued_on: str, offence_from: str | None, expected: Any) -> None:
    assert price(assess("2026-10-01", earlier(issued_on, offence_from))) == expected


def test_withdrawn_and_acquitted_notices_leave_the_third_available() -> None:
    assert (
        price(assess("2026-10-01", earlier("2025-01-10"), earlier("2025-02-10", withdrawn=True), earlier("2025-03-10", acquitted=True)))
        == SECOND
    )


@pytest.mark.parametrize(
    ("offence", "expected"),
    [
        (("2024-07-08", "2024-07-12"), FLAT),
        (("2024-08-12", "2024-08-18"), FLAT),
        (("2024-08-19", "2024-09-06"), FIRST),
    ],
)
def test_the_day_of_the_offence_chooses_the_tariff(offence: tuple[str, str], expected: Any) -> None:
    assert price(assess("2024-09-20", offence=offence)) == expected


def test_an_old_offence_is_at_the_old_rate_whatever_came_before() -> None:
    before = [earlier("2024-09-02"), earlier("2024-09-03")]

    assert price(assess("2024-09-20", *before, offence=("2024-07-08", "2024-07-12"))) == FLAT


@pytest.mark.parametrize("kind", ["s444a", "s105"])
def test_an_offence_on_both_sides_of_the_change_is_refused(kind: str) -> None:
    with pytest.raises(OffenceAcrossFrameworks):
        assess("2024-09-20", kind=kind, offence=("2024-08-18", "2024-08-19"))


def test_an_offence_before_the_first_stored_tariff_has_no_assessment() -> None:
    with pytest.raises(UnknownProvisionError):
        assess("2009-09-20", offence=("2009-07-08", "2009-07-12"))


def excluded(*issued_on: str, proposed_on: str = "2026-10-05", pack: str = "essex", **changes: Any) -> tuple[Any, ...]:
    before = [earlier(day, **{"kind": "s105", **changes}) for day in issued_on]
    assessment = assess(proposed_on, *before, kind="s105", offence=("2026-10-01", "2026-10-01"), pack=pack)
    return assessment.tier, assessment.early_pence, assessment.full_pence


def test_an_excluded_pupil_notice_is_flat_and_refused_at_two_in_twelve_months() -> None:
    assert excluded() == FLAT
    assert excluded("2026-03-02") == FLAT
    assert excluded("2026-03-02", "2026-06-01") == REFUSED
    assert excluded("2026-03-02", "2026-06-01", kind="s444a") == FLAT
    assert excluded("2026-03-02", "2026-06-01", withdrawn=True) == FLAT


def test_twelve_months_are_half_open_as_the_three_years_are() -> None:
    assert excluded("2025-10-05", "2026-06-01") == FLAT
    assert excluded("2025-10-06", "2026-06-01") == REFUSED
    assert excluded("2026-06-01", "2026-10-05") == REFUSED
    assert excluded("2026-06-01", "2026-10-06") == FLAT


def test_the_limit_on_excluded_pupil_notices_is_local() -> None:
    assert excluded("2026-03-02", "2026-06-01", pack="england") == FLAT


def test_every_finding_names_its_instrument_and_the_days_it_looked_at() -> None:
    findings = [finding.as_json() for finding in assess("2027-09-15", earlier("2024-09-16")).findings]

    assert [f["provision"] for f in findings] == ["counts_to_cap", "cap_notices", "second_amount"]
    assert findings[1]["facts"] == {
        "proposed_on": "2027-09-15",
        "issued_after": "2024-09-15",
        "years": 3,
        "counted": ["2024-09-16"],
        "known": 1,
    }
    assert all(f["reference"] and f["href"].startswith("https://") and f["version"] == "2024-08-19" for f in findings)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-10-05", 12, "2025-10-05"), ("2026-01-31", 1, "2025-12-31"), ("2026-03-31", 1, "2026-02-28"), ("2024-02-29", 12, "2023-02-28")],
)
def test_months_before_a_day_keep_the_day_or_end_the_month(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), -months) == date.fromisoformat(expected)
