"""CSV and XLSX exports, with their oddities, and files that are no such thing."""

import io
import tracemalloc
import zipfile
from datetime import date

import pytest

from services.registers.imports.formats.dates import read_date
from services.registers.imports.formats.entries import Fault, Unreadable
from tests.registers.entries import ONE, P, entries, faults, marks
from tests.registers.files import a_csv, a_workbook


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize(("separator", "end"), [(",", "\r\n"), (";", "\n"), ("\t", "\r"), ("|", "\n")])
def test_a_table_is_read_whatever_its_encoding_and_separator(encoding, separator, end):
    rows = [["Name", "UPN", "Date", "Session", "Mark"], ["Zoë", P, "10/09/2026", "AM", "O "]]
    content = end.join(separator.join(row) for row in rows).encode(encoding)

    assert marks(content) == ONE


def test_a_quoted_line_break_ends_no_line():
    content = a_csv(f'{P},2026-09-10,AM,O,"came late,\r\n""again"""', f"{P},2026-09-10,noon,O,", titles="UPN,Date,Session,Mark,Comment")

    assert marks(content) == ONE
    assert faults(content) == [(4, Fault.SESSION)]


@pytest.mark.parametrize(
    "written",
    [
        "2026-09-10",
        "10/09/2026",
        "10-09-2026",
        "10.09.2026",
        "10 Sep 2026",
        "10 September 2026",
        "10/09/26",
        "20260910",
        "46275",
        "2026-09-10T08:45:00",
        "10/09/2026 00:00",
    ],
)
def test_a_date_is_read_day_first(written):
    assert read_date(written) == date(2026, 9, 10)


@pytest.mark.parametrize(
    "written", ["", "10/13/2026", "31/02/2026", "2026-13-01", "12345", "99999", "yesterday", "1/1/1", "0000-00-00", "9" * 500]
)
def test_a_text_that_is_no_date_is_none(written):
    assert read_date(written) is None


def test_a_date_is_read_in_the_given_format_alone():
    assert read_date("09/10/2026", "%m/%d/%Y") == date(2026, 9, 10)
    assert read_date("2026-09-10", "%m/%d/%Y") is None


def test_morning_and_afternoon_may_be_two_columns():
    content = a_csv(f"{P},10/09/2026,O,/", f"{P},11/09/2026,,#", titles="UPN,Date,AM,PM")

    assert marks(content) == [*ONE, ("2026-09-10", "PM", "/"), ("2026-09-11", "AM", "-"), ("2026-09-11", "PM", "#")]


def test_the_school_is_named_by_urn_or_by_its_two_numbers_in_one_or_two_columns():
    titles = "URN,LA Code,Estab,UPN,Date,Session,Mark"
    content = a_csv(
        *(f"{school},{P},2026-09-10,AM,O" for school in ("100102,,", ",881,101", ",,8814021", ",881/4021,", ",,", ",88,1", "1,,")),
        titles=titles,
    )

    found = [(each.school, each.fault) for each in entries(content)]

    assert found == [
        ("100102", None), ("881/0101", None), ("881/4021", None), ("881/4021", None), ("100101", None), ("88/1", Fault.SCHOOL), ("1", Fault.SCHOOL),
    ]  # fmt: skip
    assert entries(a_csv(f"{P},2026-09-10,AM,O"), urn=None)[0].fault == Fault.NO_SCHOOL


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",2026-09-10,AM,O,", Fault.UPN),
        (f"{'x' * 51},2026-09-10,AM,O,", Fault.UPN),
        ("a\x00b,2026-09-10,AM,O,", Fault.UPN),
        (f"{P},2026-09-10,AM,{'O' * 21},", Fault.CODE),
        (f"{P},2026-09-10,AM,O\x07,", Fault.CODE),
        (f"{P}", Fault.SESSION),
    ],
)
def test_a_line_that_can_be_no_mark_has_a_fault(row, fault):
    assert faults(a_csv(row, titles="UPN,Date,Session,Mark,Minutes Late")) == [(2, fault)]


def test_empty_lines_and_extra_cells_are_skipped():
    assert marks(a_csv("", ",,,", f"{P},2026-09-10,AM,O,more,and more", "")) == ONE


@pytest.mark.parametrize(
    "mapping",
    [
        'encoding = "idna"',
        'encoding = "undefined"',
        'encoding = "utf-16"',
        'date_format = "%d %d"',
        'date_format = "%d/%m"',
        'date_format = "%d/%m/%Y%z"',
        'format = ["csv"]',
        r'sheet = "Marks\u0000"',
        f'sheet = "{"M" * 256}"',
    ],
)
def test_a_mapping_that_no_file_can_be_read_by_is_refused(mapping):
    with pytest.raises(Unreadable):
        entries(a_csv(f"{P},10/09/2026,AM,O"), mapping)


def test_a_mapping_names_columns_sessions_and_codes():
    mapping = """
        header_row = 3
        delimiter = ","
        date_format = "%d %m %Y"
        [columns]
        upn = "pupil_no"
        date = "day"
        session = "when"
        code = "what"
        minutes_late = "late"
        [sessions]
        AM = ["Reg 1"]
        [codes]
        unauthorised = "O"
    """
    content = a_csv("Exported by X;;;;;", "When,Pupil No,Day,What,Late", f"REG 1,{P},10 09 2026,Unauthorised,5", titles="Attendance")

    (entry,) = entries(content, mapping)

    assert (entry.day, entry.half, entry.code, entry.minutes, entry.fault) == ("2026-09-10", "AM", "O", 5, None)


@pytest.mark.parametrize(
    "content",
    [b"", b"Name\r\n", a_csv(titles="UPN,Date"), a_csv(titles="Date,Session,Mark"), b"UPN,Date,Session,Mark\n" + b'"' + b"x" * 200_000],
)
def test_a_table_without_what_is_needed_is_not_read(content):
    with pytest.raises(Unreadable):
        entries(content)


def test_dates_of_a_workbook_are_cells_of_dates_numbers_or_texts():
    rows = [["UPN", "Date", "Session", "Mark"], *([P, day, "AM", "O"] for day in ((46275,), 46275, "10/09/2026", 46275.4, "46275"))]

    assert marks(a_workbook(rows)) == ONE * 3 + [("2026-09-10", "AM", "O")]
    assert faults(a_workbook(rows)) == [(5, Fault.DATE)]


def test_numbers_in_a_workbook_are_written_without_a_point():
    rows = [["URN", "UPN", "Date", "Session", "Mark", "Minutes Late"], [100102, P, (46275,), "AM", "U", 5]]

    (entry,) = entries(a_workbook(rows))

    assert (entry.school, entry.minutes, entry.line) == ("100102", 5, 2)


def test_a_sheet_is_named_or_the_first():
    content = a_workbook([["UPN", "Date", "Session", "Mark"], [P, "2026-09-10", "AM", "O"]])

    assert marks(content, 'sheet = "Marks"') == ONE
    with pytest.raises(Unreadable, match="sheet"):
        entries(content, 'sheet = "Other"')


def test_a_workbook_that_unpacks_to_too_much_is_refused_without_unpacking_it():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(64):
            part.write(b"0" * 1024 * 1024)

    tracemalloc.start()
    with pytest.raises(Unreadable, match="unpacks"):
        entries(bomb.getvalue())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 * 1024 * 1024


def test_a_workbook_that_lies_about_its_length_is_refused():
    content = bytearray(a_workbook([["UPN", "Date", "Session", "Mark"], *[[P, "2026-09-10", "AM", "O"]] * 50]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    lie = (20).to_bytes(4, "little")

    with pytest.raises(Unreadable):
        entries(bytes(content.replace(true, lie)))


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x05\x06" + bytes(18), a_workbook([["UPN"]])[:200]])
def test_a_file_that_is_no_workbook_is_refused(content):
    with pytest.raises(Unreadable):
        entries(content)
