"""Tables with one column for each session, and lines that name their pupil without a UPN."""

import io

import pytest

from services.registers.imports.formats.entries import Fault, Options, Unreadable
from services.registers.imports.formats.files import read, recognise
from services.registers.imports.formats.mapping import parse
from tests.registers.entries import P, entries, faults, marks
from tests.registers.files import a_csv, a_workbook, counts, imported, refused
from tests.registers.files import given as a_school_with_pupils
from tests.registers.given import A, a_pupil, a_school, the_marks

GRID = "[grid]\ndate_row = 1\nsession_row = 2\n"
FOUR = [("2026-09-03", "AM", "O"), ("2026-09-03", "PM", "O"), ("2026-09-04", "AM", "/"), ("2026-09-04", "PM", "\\")]


def test_a_table_with_a_column_for_each_session_leaves_totals_out():
    titles = "UPN,Name,Reg Group,03/09/2026 AM,03/09/2026 PM,04/09/2026 AM,04/09/2026 PM,Possible,% Att"
    content = a_csv(f"{P},Example Sam,8B,O,O,/,\\,4,50.0%", "Totals,,,1,1,0,0,,", ",,,,,,,,", titles=titles)

    assert [mark for mark in marks(content, "[grid]") if mark[2] != "-"] == FOUR
    assert marks(content) == marks(content, "[grid]")
    assert len(entries(content, "[grid]")) == 8
    assert faults(content, "[grid]") == []


@pytest.mark.parametrize(
    "heading",
    [
        "03/09/2026 AM",
        "AM 03/09/2026",
        "Thu 03/09/2026 AM",
        "03-Sep-2026 (AM)",
        "2026-09-03_am",
        "03/09/2026\nMorning",
        "2026-09-02T23:00:00Z AM",
    ],
)
def test_a_heading_holds_date_and_half_in_many_ways(heading):
    assert marks(a_workbook([["UPN", heading], [P, "O"]])) == [("2026-09-03", "AM", "O")]


def test_dates_and_halves_may_stand_in_two_lines_with_one_date_over_two_columns():
    rows = [
        ["Exported", None],
        ["UPN", "Name", (46268,), None, (46269,), None, "Possible"],
        [None, None, "AM", "PM", "AM", "PM", None],
        [P, "Sam", "O", "O", "/", "\\", 4],
    ]

    assert marks(a_workbook(rows), "header_row = 2\n[grid]\ndate_row = 2\nsession_row = 3") == FOUR
    assert marks(a_csv(f"{P},O,O,/,\\", titles="UPN,03/09/2026,,04/09/2026,\r\n,AM,PM,AM,PM"), GRID) == FOUR


def test_no_cell_of_a_session_that_cannot_be_read_is_lost():
    content = a_csv(f"{P},O,O,O,O", f"{P},,,,", titles="UPN,31/09/2026 AM,09/14/2026 AM,03/09/2026 AM,04/09/2026")

    assert faults(content) == [(2, Fault.DATE), (2, Fault.MONTH_FIRST), (2, Fault.SESSION)]
    assert marks(content) == [("2026-09-03", "AM", "O"), ("2026-09-03", "AM", "-")]


def test_columns_without_a_session_are_named_in_a_warning():
    content = a_csv(f"{P},8B,O,1", titles="UPN,Reg Group,03/09/2026 AM,Possible")
    options = Options(100101)
    file = io.BytesIO(content)

    list(read(recognise(file), file, parse(None), options))

    assert options.warnings == ["These columns hold no session and were left out: 2, 4."]


@pytest.mark.parametrize("mapping", ["[grid]\ndate_row = 0", "[grid]\nrows = 1", "grid = 1", '[grid]\ntotals = "Total"'])
def test_a_mapping_of_a_grid_that_cannot_be_is_refused(mapping):
    with pytest.raises(Unreadable):
        entries(a_csv(f"{P},O", titles="UPN,03/09/2026 AM"), mapping)


def test_a_grid_without_sessions_or_pupils_is_refused():
    with pytest.raises(Unreadable, match="No heading"):
        entries(a_csv(f"{P},O", titles="UPN,Mark"), "[grid]")
    with pytest.raises(Unreadable, match="upn"):
        entries(a_csv("O", titles="03/09/2026 AM"), "[grid]")


async def test_a_line_without_a_upn_finds_its_pupil_by_admission_number_or_by_names_and_birth(api, database):
    await a_school(api)
    await a_pupil(api, 1, admission_number="001234")
    await a_pupil(api, 2, surname="O'Brien-Smith", forename="Zoë", date_of_birth="2014-04-04")
    rows = [
        "001234,Pupil,Test,03/03/2014,03/09/2026,AM,O",
        "1234,,,,03/09/2026,PM,O",
        ",OBRIEN SMITH,Zoe,04/04/2014,03/09/2026,AM,O",
        ",O'Brien-Smith,Zoë,05/04/2014,03/09/2026,PM,O",
        "001234,Other,Test,03/03/2014,04/09/2026,AM,O",
        "777,O'Brien-Smith,Zoë,04/04/2014,04/09/2026,AM,/",
        ",O'Brien-Smith,,04/04/2014,04/09/2026,PM,O",
    ]

    done = await imported(api, database, a_csv(*rows, titles="Adno,Surname,Forename,DOB,Date,Session,Mark"), query=f"?urn={A}")

    assert counts(done) == {"recorded": 4, "rejected": 3}
    assert [(line["line"], line["reason"], line["kept_apart"]) for line in await refused(api, done["id"])] == [
        (5, Fault.NO_PUPIL.sentence, False),
        (6, Fault.OTHER_PUPIL.sentence, False),
        (8, Fault.UPN.sentence, False),
    ]
    assert [(mark["date"], mark["session"]) for mark in await the_marks(api, 1)] == [("2026-09-03", "AM"), ("2026-09-03", "PM")]
    assert [(mark["date"], mark["code"]) for mark in await the_marks(api, 2)] == [("2026-09-03", "O"), ("2026-09-04", "/")]


async def test_a_line_that_may_mean_two_pupils_is_refused_unless_one_alone_is_on_the_roll(api, database):
    await a_school_with_pupils(api, 2)
    await a_pupil(api, 3, surname="Twin", admission_number="9", left_on="2026-07-20")
    await a_pupil(api, 4, surname="Later", admission_number="9")
    rows = [",Pupil,Test,03/03/2014,03/09/2026,AM,O", "9,,,,03/09/2026,AM,O"]

    done = await imported(api, database, a_csv(*rows, titles="Adno,Surname,Forename,DOB,Date,Session,Mark"), query=f"?urn={A}")

    assert counts(done) == {"recorded": 1, "rejected": 1}
    assert [line["reason"] for line in await refused(api, done["id"])] == [Fault.SEVERAL_PUPILS.sentence]
    assert len(await the_marks(api, 4)) == 1
