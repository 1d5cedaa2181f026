"""When a letter counts as received, by how it was sent and when."""

from datetime import date

import pytest

from shared.attendance.deemed_receipt import deemed_receipt


@pytest.mark.parametrize(
    ("posted_on", "received_on"),
    [
        (date(2026, 11, 3), date(2026, 11, 5)),
        (date(2026, 11, 5), date(2026, 11, 9)),
        (date(2026, 11, 6), date(2026, 11, 10)),
        (date(2026, 11, 7), date(2026, 11, 10)),
        (date(2026, 12, 23), date(2026, 12, 29)),
        (date(2026, 12, 24), date(2026, 12, 30)),
        (date(2027, 3, 25), date(2027, 3, 31)),
        (date(2026, 12, 31), date(2027, 1, 5)),
    ],
    ids=[
        "Tuesday",
        "Thursday",
        "Friday",
        "Saturday",
        "before Christmas",
        "Christmas Eve, Boxing Day in lieu",
        "before Easter",
        "over New Year",
    ],
)
def test_first_class_post_is_received_on_the_second_working_day(posted_on: date, received_on: date):
    assert deemed_receipt(posted_on, "first-class-post").received_on == received_on


@pytest.mark.parametrize("method", ["hand", "email"])
@pytest.mark.parametrize("day", [date(2026, 11, 3), date(2026, 11, 7), date(2026, 12, 25)])
def test_a_letter_handed_over_or_mailed_is_received_that_day(method: str, day: date):
    assert deemed_receipt(day, method).received_on == day


def test_the_receipt_explains_itself():
    finding = deemed_receipt(date(2026, 11, 3), "first-class-post").finding.as_json()

    assert finding["provision"] == "receipt_by_first_class_post"
    assert finding["value"] == 2
    assert finding["facts"] == {"posted_on": "2026-11-03", "method": "first-class-post", "received_on": "2026-11-05"}


def test_a_method_without_a_rule_is_refused():
    with pytest.raises(ValueError, match="pigeon"):
        deemed_receipt(date(2026, 11, 3), "pigeon")
