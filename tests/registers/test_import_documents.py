"""Common Transfer Files and JSON shaped like Wonde's, with their oddities, and files that are no such thing."""

import io
import json
import tracemalloc
from datetime import date

import pytest

from services.registers.imports.formats.ctf import lay_out, split_marks, week_days_shown
from services.registers.imports.formats.entries import Fault, Options, Unreadable
from services.registers.imports.formats.files import read
from services.registers.imports.formats.mapping import parse
from tests.registers.entries import ONE, P, entries, faults, marks
from tests.registers.files import a_ctf


def test_marks_are_separated_by_commas_or_stand_one_by_one():
    assert split_marks("/,\\,C1, O ,,Y7") == ["/", "\\", "C1", "O", "", "Y7"]
    assert split_marks("/,\\,") == ["/", "\\"]
    assert split_marks("/\\O #-Z") == ["/", "\\", "O", "", "#", "-", "Z"]
    assert split_marks("\n   /\\OO\n   GG\n ") == ["/", "\\", "O", "O", "G", "G"]
    assert split_marks("") == []


def test_a_block_names_its_school_and_its_days():
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
    marked = split_marks(codes)
    read = week_days or week_days_shown(start, marked)
    laid = lay_out(start, marked, read) if read else None
    return laid and [(day.isoformat()[5:], code) for day, half, code in laid if half == "AM"]


MONDAY, THURSDAY = date(2026, 9, 7), date(2026, 9, 10)


def test_marks_of_five_days_skip_the_weekend():
    assert days(THURSDAY, "/\\/\\O\\") == [("09-10", "/"), ("09-11", "/"), ("09-14", "O")]


def test_marks_of_seven_days_have_none_at_the_weekend():
    assert days(THURSDAY, "/\\/\\####O\\") == [("09-10", "/"), ("09-11", "/"), ("09-12", "#"), ("09-13", "#"), ("09-14", "O")]


def test_marks_within_one_week_are_read_alike_with_and_without_weekends():
    assert days(MONDAY, "/\\/\\/\\/\\O\\")[-1] == ("09-11", "O")


def test_a_block_with_unclear_weekends_is_not_guessed_at():
    # Closed on Friday and Monday, by five days; closed from Friday to Sunday, and Monday too, by seven.
    assert days(THURSDAY, "/\\" + "##" * 4 + "O\\") is None
    assert days(THURSDAY, "/\\" + "##" * 4 + "O\\", 7)[-1] == ("09-15", "O")
    assert days(THURSDAY, "/\\" + "##" * 4 + "O\\", 5)[-1] == ("09-17", "O")


def test_a_block_without_a_readable_start_or_school_is_one_fault():
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
        ({"upn": "\ud800"}, Fault.UPN),
    ],
)
def test_a_record_that_can_be_no_mark_has_a_fault(change, fault):
    assert faults(some_json(**change)) == [(1, fault)]


def test_collections_stand_in_any_order_and_may_be_bare_lists():
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
        + b"x" * 2000
        + b'"}'
    )
    content = b'{"sessions": {"data": [' + b", ".join(record % number for number in range(1800)) + b"]}}"
    file = io.BytesIO(content)

    tracemalloc.start()
    count = sum(1 for _ in read("wonde", file, parse(None), Options(100101)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert count == 1800
    assert peak < 3 * 1024 * 1024 < len(content)


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"sessions": [', b'{"sessions": [{]}', b'{"sessions": []} more', b"[" * 100_000, b'{"sessions": [{"a": "' + b"x" * 900_000 + b'"}]}', b'{"students": []}', b"{1: 2}", b"[\xff]", b'{"sessions": [1' + b"1" * 10_000 + b"]}"],
)  # fmt: skip
def test_json_of_another_shape_is_not_read(content):
    with pytest.raises(Unreadable):
        entries(content)
