"""Dates and minutes as files write them: a date with a zone is London's, minutes lose no mark, and nothing is lost silently."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.registers.imports.formats.dates import read_date, read_day
from services.registers.imports.formats.entries import Fault, read_minutes
from shared import clock
from tests.registers.entries import P, entries, marks
from tests.registers.files import a_csv, a_workbook, counts, imported, refused
from tests.registers.files import given as a_school_with_pupils
from tests.registers.given import A, the_marks, upn

FIRST, LAST = datetime(2006, 9, 2), datetime(2099, 12, 30)  # noqa: DTZ001 -- the zone is what is tried


@pytest.mark.parametrize(
    "written",
    [
        "2026-09-02T23:00:00Z",
        "2026-09-02 23:00:00.000000 UTC",
        "2026-09-02T23:00:00.0000000Z",
        "2026-09-02 23:00:00+00:00",
        "2026-09-02T23:00:00+0000",
        "2026-09-03T00:00:00+01:00",
        "2026-09-03T00:00:00 BST",
        "2026-09-03T01:00:00+02:00",
        "2026-09-02T19:00:00-04",
        "02/09/2026 23:00 UTC",
        "02/09/2026 11:00 PM GMT",
        "2026-09-02T23:00:00[UTC]",
        "2026-09-03 00:00 Europe/London",
        "2026-09-03Z",
        "2026-09-03+01:00",
    ],
)
def test_an_instant_with_a_zone_is_the_day_that_it_is_in_london(written):
    assert read_date(written) == date(2026, 9, 3)


@pytest.mark.parametrize(
    "written",
    ["2026-09-02T23:00:00 EST", "2026-09-02 23:00 Mars/Port", "2026-09-02T25:00Z", "2026-09-02 13:00 PM", "2026-09-02 08:45 approx"],
)
def test_an_instant_whose_zone_or_time_is_unknown_is_no_date(written):
    assert read_day(written).fault is Fault.DATE


@given(st.datetimes(FIRST, LAST), st.sampled_from([0, 60, -300, 330]))
@settings(max_examples=100, deadline=None)
def test_any_instant_is_read_as_londons_day_however_its_offset_is_written(moment, minutes):
    offset = timedelta(minutes=minutes)
    sign, size = "+-"[minutes < 0], abs(minutes)
    day = clock.civil_date((moment - offset).replace(tzinfo=UTC)).isoformat()

    for zone in (f"{sign}{size // 60:02}:{size % 60:02}", f" {sign}{size // 60:02}{size % 60:02}"):
        assert read_day(moment.isoformat() + zone) == (day, None, False)


def test_dates_of_every_kind_of_file_are_converted():
    instant = "2026-09-02T23:00:00Z"
    record = {"session": "AM", "upn": P, "code": "O"}
    wonde = [
        {**record, "date": {"date": "2026-09-02 23:00:00.000000", "timezone_type": 3, "timezone": zone}} for zone in ("UTC", "+00:00", "Z")
    ]

    assert marks(a_csv(f"{P},{instant},AM,O")) == [("2026-09-03", "AM", "O")]
    assert marks(a_workbook([["UPN", "Date", "AM"], [P, instant, "O"]])) == [("2026-09-03", "AM", "O")]
    assert marks(json.dumps([*wonde, {**record, "date": instant}]).encode()) == [("2026-09-03", "AM", "O")] * 4


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("", None),
        ("12", 12),
        ("0.00", 0),
        ("12.0", 12),
        ("12,0", 12),
        ("00:12", 12),
        ("0:12:00", 12),
        ("01:05", 65),
        ("35 mins", 35),
        ("35min.", 35),
        ("720", 720),
        *(
            (other, Fault.MINUTES)
            for other in ("n/a", "-", "many", "721", "-1", "12.5", "1,000", "09:12", "00:12:30", "1e1", "٣٥", "12:60")
        ),
    ],
)
def test_minutes_are_read_as_whole_ones_or_not_at_all(written, minutes):
    assert read_minutes(written) == minutes


def test_a_cell_of_time_is_read_as_minutes():
    rows = [
        ["UPN", "Date", "AM", "Minutes Late"],
        [P, "2026-09-10", "U", "00:35"],
        [P, "2026-09-11", "U", 35.5],
        [P, "2026-09-14", "U", 35.0],
    ]

    assert [(each.code, each.minutes, each.note) for each in entries(a_workbook(rows))] == [
        ("U", 35, None),
        ("U", None, Fault.MINUTES),
        ("U", 35, None),
    ]


async def test_a_mark_is_stored_without_minutes_that_cannot_be_read_and_its_line_is_named(api, database):
    await a_school_with_pupils(api, 1)
    rows = [
        f"{upn(1)},03/09/2026,AM,U,35 mins",
        f"{upn(1)},03/09/2026,PM,U,00:35",
        f"{upn(1)},04/09/2026,AM,O,n/a",
        f"{upn(1)},04/09/2026,PM,O,-",
        f"{upn(1)},07/09/2026,AM,-,n/a",
    ]

    done = await imported(api, database, a_csv(*rows, titles="UPN,Date,Session,Mark,Minutes Late"), query=f"?urn={A}")

    assert counts(done) == {"recorded": 4, "ignored": 1}
    assert done["noted"] == 2
    assert [(mark["code"], mark["versions"][0].get("minutes_late")) for mark in await the_marks(api)] == [
        ("U", 35),
        ("U", 35),
        ("O", None),
        ("O", None),
    ]
    lines = await refused(api, done["id"])
    assert [(line["line"], line["stored"], line["reason"]) for line in lines] == [
        (4, True, Fault.MINUTES.sentence),
        (5, True, Fault.MINUTES.sentence),
    ]


async def test_once_a_line_has_the_month_first_every_date_that_may_be_two_is_refused(api, database):
    await a_school_with_pupils(api, 1)
    rows = [f"{upn(1)},{day},AM,O" for day in ("09/03/2026", "04/09/2026", "09/14/2026", "07/07/2026", "15/09/2026", "2026-09-08")]

    done = await imported(api, database, a_csv(*rows), query=f"?urn={A}")

    assert counts(done) == {"recorded": 3, "rejected": 3}
    assert [(line["line"], line["date"], line["reason"]) for line in await refused(api, done["id"])] == [
        (2, "09/03/2026", Fault.EITHER_DATE.sentence),
        (3, "04/09/2026", Fault.EITHER_DATE.sentence),
        (4, "09/14/2026", Fault.MONTH_FIRST.sentence),
    ]
    assert [mark["date"] for mark in await the_marks(api, first="2026-07-01")] == ["2026-07-07", "2026-09-08", "2026-09-15"]


def test_a_mapping_fixes_the_order_of_day_and_month():
    content = a_csv(f"{P},09/03/2026,AM,O", f"{P},09/14/2026,AM,O")

    assert [day for day, _, _ in marks(content, 'date_format = "%m/%d/%Y"')] == ["2026-09-03", "2026-09-14"]


def test_a_date_that_a_spreadsheet_has_made_of_a_text_may_be_another_one():
    rows = [["UPN", "Date", "AM"], [P, (46268,), "O"], [P, (46278,), "O"], [P, "09/14/2026", "O"]]

    assert [each.either for each in entries(a_workbook(rows))] == ["2026-09-03", "", ""]


WRITTEN = st.one_of(
    st.sampled_from(["03/09/2026", "14/09/2026", "09/14/2026", "2026-09-10T23:30:00Z", "46275", "", "never"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)
LATE = st.one_of(
    st.sampled_from(["12", "0.00", "12.0", "00:12", "n/a", "-"]), st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
)


@given(st.lists(st.tuples(WRITTEN, LATE), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_every_line_is_read_or_refused_whatever_its_date_and_minutes(lines):
    cells = [(day.replace('"', ""), late.replace('"', "")) for day, late in lines]
    content = a_csv(*(f'{P},"{day}",AM,O,"{late}"' for day, late in cells), titles="UPN,Date,Session,Mark,Minutes Late", end="\n")

    found = entries(content, 'delimiter = ","\nencoding = "utf-8"')

    assert [each.line for each in found] == list(range(2, len(cells) + 2))
    assert all((each.fault is None) == (read_day(day).fault is None) for each, (day, _) in zip(found, cells, strict=True))
    assert all(each.note or each.minutes == read_minutes(late) for each, (_, late) in zip(found, cells, strict=True) if each.fault is None)
