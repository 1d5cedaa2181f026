"""What files say: every format with its oddities, and files that are no such thing."""

import io
import json
import tracemalloc
import zipfile
from datetime import date

import pytest

from services.registers.domain.imports import Fault, Options, Unreadable, parse, read, recognise
from services.registers.domain.imports.ctf import lay_out, split_marks
from services.registers.domain.imports.entries import read_date
from tests.registers.files import a_csv, a_ctf, a_workbook
from tests.registers.given import upn

P = upn(1)


def entries(content, mapping=None, urn=100101):
    file = io.BytesIO(content)
    return list(read(recognise(file), file, parse(mapping), Options(urn)))


def marks(content, mapping=None, urn=100101):
    """Return (date, half, code) of what may become marks."""
    return [(each.day, each.half, each.code) for each in entries(content, mapping, urn) if each.fault is None]


def faults(content, mapping=None, urn=100101):
    return [(each.line, each.fault) for each in entries(content, mapping, urn) if each.fault]


ONE = [("2026-09-10", "AM", "O")]


# CSV


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
def test_what_is_no_date_is_none(written):
    assert read_date(written) is None


def test_a_format_that_is_given_is_kept_to():
    assert read_date("09/10/2026", "%m/%d/%Y") == date(2026, 9, 10)
    assert read_date("2026-09-10", "%m/%d/%Y") is None


def test_morning_and_afternoon_may_be_columns():
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
        (f"{P},2026-09-10,AM,L,many", Fault.MINUTES),
        (f"{P},2026-09-10,AM,L,721", Fault.MINUTES),
        (f"{P},2026-09-10,AM,L,-1", Fault.MINUTES),
        (f"{P}", Fault.SESSION),
    ],
)
def test_a_line_that_can_be_no_mark_has_a_fault(row, fault):
    assert faults(a_csv(row, titles="UPN,Date,Session,Mark,Minutes Late")) == [(2, fault)]


def test_empty_lines_and_extra_cells_are_passed_over():
    assert marks(a_csv("", ",,,", f"{P},2026-09-10,AM,O,more,and more", "")) == ONE


def test_a_mapping_says_what_is_what():
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


# XLSX


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
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(Unreadable):
        entries(content)


# CTF


def test_marks_are_separated_by_commas_or_stand_one_by_one():
    assert split_marks("/,\\,C1, O ,,Y7") == ["/", "\\", "C1", "O", "", "Y7"]
    assert split_marks("/,\\,") == ["/", "\\"]
    assert split_marks("/\\O #-Z") == ["/", "\\", "O", "", "#", "-", "Z"]
    assert split_marks("\n   /\\OO\n   GG\n ") == ["/", "\\", "O", "O", "G", "G"]
    assert split_marks("") == []


def test_a_block_says_its_school_and_its_days():
    content = a_ctf(("881", "4021", "2026-09-10", "/,\\,O,C1,,-"), ("305", "101", "2025-09-04", "/\\HO"), upn=P)

    found = [(each.school, each.day, each.half, each.code) for each in entries(content)]

    assert found == [
        ("881/4021", "2026-09-10", "AM", "/"), ("881/4021", "2026-09-10", "PM", "\\"),
        ("881/4021", "2026-09-11", "AM", "O"), ("881/4021", "2026-09-11", "PM", "C1"),
        ("881/4021", "2026-09-12", "AM", "-"), ("881/4021", "2026-09-12", "PM", "-"),
        ("305/0101", "2025-09-04", "AM", "/"), ("305/0101", "2025-09-04", "PM", "\\"),
        ("305/0101", "2025-09-05", "AM", "H"), ("305/0101", "2025-09-05", "PM", "O"),
    ]  # fmt: skip


def days(start, codes, week_days=None):
    laid = lay_out(start, split_marks(codes), week_days)
    return laid and [(day.isoformat()[5:], code) for day, half, code in laid if half == "AM"]


MONDAY, THURSDAY = date(2026, 9, 7), date(2026, 9, 10)


def test_marks_of_five_days_skip_the_weekend():
    assert days(THURSDAY, "/\\/\\O\\") == [("09-10", "/"), ("09-11", "/"), ("09-14", "O")]


def test_marks_of_seven_days_have_none_at_the_weekend():
    assert days(THURSDAY, "/\\/\\####O\\") == [("09-10", "/"), ("09-11", "/"), ("09-12", "#"), ("09-13", "#"), ("09-14", "O")]


def test_within_one_week_both_are_the_same():
    assert days(MONDAY, "/\\/\\/\\/\\O\\")[-1] == ("09-11", "O")


def test_where_it_cannot_be_told_nothing_is_guessed():
    # Closed on Friday and Monday, by five days; closed from Friday to Sunday, and Monday too, by seven.
    assert days(THURSDAY, "/\\" + "##" * 4 + "O\\") is None
    assert days(THURSDAY, "/\\" + "##" * 4 + "O\\", 7)[-1] == ("09-15", "O")
    assert days(THURSDAY, "/\\" + "##" * 4 + "O\\", 5)[-1] == ("09-17", "O")


def test_a_block_that_cannot_be_laid_out_is_one_fault():
    ambiguous = a_ctf(("881", "4021", "2026-09-10", "/\\########O\\"), upn=P)

    assert [each.fault for each in entries(ambiguous)] == [Fault.WEEKENDS]
    assert len(marks(ambiguous, "week_days = 7")) == 12
    assert [each.fault for each in entries(a_ctf(("881", "4021", "soon", "/"), upn=P))] == [Fault.DATE]
    assert [each.fault for each in entries(a_ctf(("881", "4021", "", "/"), upn=P))] == [Fault.NO_START]
    assert [each.fault for each in entries(a_ctf(("881", "4021", "2020-09-01", "/\\" * 800), upn=P))] == [Fault.TOO_LONG]
    assert [each.fault for each in entries(a_ctf(("8", "4021", "2026-09-10", "/"), upn=P))] == [Fault.SCHOOL]


def test_a_block_without_school_is_that_of_the_file():
    assert [each.school for each in entries(a_ctf(("", "", "2026-09-10", "/"), upn=P), urn=100103)] == ["100103"]


def test_marks_may_stand_before_their_date_and_right_in_the_block():
    flat = (
        b"<?xml version='1.0' encoding='ISO-8859-1'?><CTfile xmlns='http://x'><CTFpupilData><Pupil><Surname>Zo\xeb</Surname><UPN>" + P.encode()
        + b"</UPN><SchoolHistory><School><LEA>999</LEA><Estab>9999</Estab></School></SchoolHistory>"
        b"<Attendance><AttendanceMarks>O</AttendanceMarks><AttendanceStartDate>2026-09-10</AttendanceStartDate><LEA>881</LEA><Estab>4021</Estab></Attendance>"
        b"<Attendance><AttendanceMarks>/</AttendanceMarks></Attendance></Pupil></CTFpupilData></CTfile>"
    )  # fmt: skip

    found = [(each.school, each.upn, each.day, each.code, each.fault) for each in entries(flat)]

    assert found == [("881/4021", P, "2026-09-10", "O", None), ("100101", P, "", "", Fault.NO_START)]


LAUGHS = b'<!DOCTYPE CTfile [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
) + b"]><CTfile><Pupil><UPN>&j;</UPN></Pupil></CTfile>"  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        b'<!DOCTYPE CTfile SYSTEM "file:///etc/passwd"><CTfile/>',
        b'<!DOCTYPE CTfile [<!ENTITY x SYSTEM "file:///etc/passwd">]><CTfile><Pupil><UPN>&x;</UPN></Pupil></CTfile>',
        b'<!DOCTYPE CTfile [<!ENTITY % x SYSTEM "http://127.0.0.1/x">%x;]><CTfile/>',
        b"<a>" * 50,
        b"<CTfile><Pupil><UPN>" + b"A" * 40_000 + b"</UPN></Pupil></CTfile>",
        b"<CTfile><Pupil><UPN>A</Pupil></CTfile>",
        b"<CTfile></CTfile>",
        b"<?xml version='1.0' encoding='no-such'?><CTfile/>",
        a_ctf(("881", "4021", "2026-09-10", "/"))[:-3],
    ],
)
def test_xml_that_is_dangerous_or_broken_is_not_read(content):
    with pytest.raises(Unreadable):
        entries(content)


# JSON


def some_json(**changes):
    record = {"id": 1, "date": "2026-09-10", "session": "am", "upn": P, "code": "O", **changes}
    return json.dumps({"sessions": [{name: value for name, value in record.items() if value is not None}]}).encode()


def test_a_record_may_name_pupil_and_code_in_many_ways():
    for change in (
        {},
        {"upn": None, "student": {"data": {"upn": P}}},
        {"code": None, "attendance_code": {"data": {"code": "O"}}},
        {"code": None, "attendance_code": {"code": "O"}},
        {"date": {"date": "2026-09-10 00:00:00.000000", "timezone": "Europe/London"}},
    ):
        assert marks(some_json(**change)) == ONE, change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"upn": None, "student_id": "X"}, Fault.NO_STUDENT),
        ({"code": None, "attendance_code_id": "X"}, Fault.NO_CODE),
        ({"date": "soon"}, Fault.DATE),
        ({"date": ["2026-09-10"]}, Fault.DATE),
        ({"session": "ev"}, Fault.SESSION),
        ({"urn": "12"}, Fault.SCHOOL),
        ({"minutes_late": 1000}, Fault.MINUTES),
        ({"upn": "\ud800"}, Fault.UPN),
    ],
)
def test_a_record_that_can_be_no_mark_has_a_fault(change, fault):
    assert faults(some_json(**change)) == [(1, fault)]


def test_order_of_the_collections_does_not_matter_and_bare_lists_will_do():
    record = {"date": "2026-09-10", "session": "AM", "student_id": "S1", "attendance_code_id": 7}
    whole = {"attendance": [record], "students": [{"id": "S1", "upn": P}], "codes": [{"id": 7, "code": "O"}], "meta": {"pagination": {}}}

    assert marks(json.dumps(whole).encode()) == ONE
    assert marks(json.dumps([{**record, "upn": P, "code": "O"}]).encode()) == ONE
    assert faults(b'{"data": [3, null, []]}') == [(1, Fault.SHAPE), (2, Fault.SHAPE), (3, Fault.SHAPE)]


def test_a_deletion_keeps_its_own_record_out_and_takes_no_other_mark_away():
    whole = json.loads(some_json())
    whole["deletions"] = {"data": [{"id": 1, "type": "attendance_session"}, {"id": 9, "type": "attendance"}, {"id": 5, "type": "student"}]}

    found = [(each.code, each.fault) for each in entries(json.dumps(whole).encode())]

    assert found == [("-", None), ("9", Fault.DELETION)]


def test_json_is_read_record_by_record():
    record = (
        b'{"id": "%07d", "date": "2026-09-10", "session": "AM", "upn": "'
        + P.encode()
        + b'", "code": "O", "comment": "'
        + b"x" * 200
        + b'"}'
    )
    content = b'{"sessions": {"data": [' + b", ".join(record % number for number in range(40_000)) + b"]}}"
    file = io.BytesIO(content)

    tracemalloc.start()
    count = sum(1 for _ in read("wonde", file, parse(None), Options(100101)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 40_000
    assert peak < 3 * 1024 * 1024 < len(content)


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"sessions": [', b'{"sessions": [{]}', b'{"sessions": []} more', b"[" * 100_000, b'{"sessions": [{"a": "' + b"x" * 900_000 + b'"}]}', b'{"students": []}', b"{1: 2}", b"[\xff]", b'{"sessions": [1' + b"1" * 10_000 + b"]}"],
)  # fmt: skip
def test_what_is_no_such_json_is_not_read(content):
    with pytest.raises(Unreadable):
        entries(content)
