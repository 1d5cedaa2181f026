"""What a source itself makes known is heeded: pages, ages, missing codes, closed days, schools to come, and what a file really is."""

import json

import pytest

from services.registers.imports.formats.entries import Fault, Unreadable
from services.registers.imports.use_cases.releasing import store_waiting_marks
from services.registers.imports.use_cases.retention import delete_reports
from services.registers.imports.use_cases.running import Importer
from services.registers.marks.domain.register_times import Flag
from tests.registers.entries import P, entries, faults, marks
from tests.registers.files import a_csv, a_ctf, an_import, counts, imported, refused, worked_through
from tests.registers.files import given as a_school_with_pupils
from tests.registers.given import A, B, a_calendar, a_pupil, a_school, published, scalar, the_marks, upn

OCTOBER = {"terms": [{"start": "2026-09-02", "end": "2026-10-23"}], "closures": [{"date": "2026-10-12"}, {"date": "2026-10-13"}]}
FIVE_DAYS = "/,\\,/,\\,/,\\,/,\\,/,\\,#,#,#,#,O,O,O,O,O,O"


def a_record(pupil=P, code="O", **changes):
    return {
        "id": "A1",
        "date": "2026-09-03",
        "session": "AM",
        "student": {"data": {"upn": pupil}},
        "attendance_code": {"data": {"code": code}},
        **changes,
    }


def a_page(*sessions, more=False, page=1, **others):
    return {"data": list(sessions), "meta": {"pagination": {"more": more, "current_page": page}}, **others}


async def of_calendar(api, database, marks_, **calendar):
    await a_school(api, A, establishment_number="4021")
    await a_calendar(api, **calendar)
    await a_pupil(api, 1)
    return await imported(api, database, a_ctf(("881", "4021", "2026-10-05", marks_), upn=upn(1)))


async def test_the_calendar_decides_whether_marks_have_weekends_among_them(api, database):
    done = await of_calendar(api, database, FIVE_DAYS, **OCTOBER)

    assert counts(done) == {"recorded": 16, "ignored": 4}
    assert [mark["date"][-2:] for mark in await the_marks(api) if mark["code"] == "O" and mark["session"] == "AM"] == ["14", "15", "16"]


async def test_marks_of_seven_days_stay_so_where_the_calendar_agrees(api, database):
    done = await of_calendar(api, database, FIVE_DAYS, terms=OCTOBER["terms"], closures=[{"date": "2026-10-15"}, {"date": "2026-10-16"}])

    assert counts(done) == {"recorded": 16, "ignored": 4}
    assert [mark["date"][-2:] for mark in await the_marks(api) if mark["code"] == "O" and mark["session"] == "AM"] == ["12", "13", "14"]


async def test_marks_that_fit_the_calendar_in_no_way_are_refused(api, database):
    done = await of_calendar(api, database, FIVE_DAYS, terms=OCTOBER["terms"], closures=[{"date": "2026-10-14"}])

    assert counts(done) == {"rejected": 1}
    assert [line["reason"] for line in await refused(api, done["id"])] == [Fault.CLOSED_DAYS.sentence]


async def test_a_file_is_read_again_as_it_was_although_the_calendar_changed_meanwhile(api, database):
    await a_school(api, A, establishment_number="4021")
    await a_calendar(api, **OCTOBER)
    await a_pupil(api, 1)
    sent = await an_import(api, a_ctf(("881", "4021", "2026-10-05", FIVE_DAYS), upn=upn(1)))
    importer = Importer()
    while (await api.as_("manager").get(sent.headers["Location"])).json()["total"] is None:
        await importer(database)
    await importer.stop()

    await a_calendar(api, terms=OCTOBER["terms"], closures=[{"date": "2026-10-15"}, {"date": "2026-10-16"}])
    await worked_through(database)

    assert counts((await api.as_("manager").get(sent.headers["Location"])).json()) == {"recorded": 16, "ignored": 4}
    assert [mark["date"][-2:] for mark in await the_marks(api) if mark["code"] == "O" and mark["session"] == "AM"] == ["14", "15", "16"]


async def test_marks_on_closed_days_are_stored_named_and_flagged(api, database):
    await a_school_with_pupils(api, 1)
    await a_calendar(api, **OCTOBER)

    done = await imported(api, database, a_csv(f"{upn(1)},2026-10-12,AM,O", f"{upn(1)},2026-10-14,AM,O"), query=f"?urn={A}")

    assert counts(done) == {"recorded": 2}
    assert [(line["line"], line["stored"], line["reason"]) for line in await refused(api, done["id"])] == [
        (2, True, Flag.NOT_HELD.sentence)
    ]
    flagged = (await api.as_("manager").get(f"/v1/schools/{A}/flagged?from=2026-10-01&to=2026-10-31")).json()["items"]
    assert [(each["date"], each["session"], [mark["upn"] for mark in each["marks"]]) for each in flagged] == [
        ("2026-10-12", "AM", [upn(1)])
    ]


async def test_a_page_that_is_not_the_last_is_warned_of(api, database):
    await a_school_with_pupils(api, 1)
    first, second = a_page(a_record(upn(1)), more=True), a_page(a_record(upn(1), id="A2", session="PM"), page=2)

    alone = await imported(api, database, json.dumps(first).encode(), query=f"?urn={A}")
    both = await imported(api, database, json.dumps([first, second]).encode(), query=f"?urn={A}")

    assert counts(alone) == {"recorded": 1}
    assert ["more" in warning for warning in alone["warnings"]] == [True]
    assert (counts(both), both["warnings"]) == ({"recorded": 1, "unchanged": 1}, [])


async def test_the_newest_record_of_a_session_counts_wherever_it_stands(api, database):
    await a_school_with_pupils(api, 1)
    newer = a_record(upn(1), "I", id="A2", updated_at={"date": "2026-09-04 09:00:00.000000", "timezone": "Europe/London"})
    older = a_record(upn(1), "O", id="A1", updated_at="2026-09-04T07:59:00Z")

    done = await imported(api, database, json.dumps({"data": [newer, older]}).encode(), query=f"?urn={A}")

    assert counts(done) == {"recorded": 1, "ignored": 1}
    assert [mark["code"] for mark in await the_marks(api)] == ["I"]


@pytest.mark.parametrize("code", [None, {"data": None}, {"data": {"code": None}}])
def test_a_record_whose_code_is_null_is_no_mark(code):
    assert marks(json.dumps({"data": [a_record(attendance_code=code)]}).encode()) == [("2026-09-03", "AM", "-")]
    assert faults(json.dumps({"data": [{"date": "2026-09-03", "session": "AM", "upn": P}]}).encode()) == [(1, Fault.NO_CODE)]


def test_each_page_names_its_own_school_by_urn_or_by_its_two_numbers():
    pages = [
        a_page(a_record(), school={"data": {"urn": 100102}}),
        a_page(a_record(), school={"la_code": "881", "establishment_number": "4021"}),
        a_page(a_record(school={"data": {"la_code": "881", "establishment_number": 101}})),
        a_page(a_record(la_code="881", establishment_number="5000")),
    ]

    found = entries(json.dumps(pages).encode())

    assert [(each.school, each.fault) for each in found] == [("100102", None), ("881/4021", None), ("881/0101", None), ("881/5000", None)]


def test_a_list_of_long_pages_is_read_record_by_record():
    long = a_page(*(a_record(id=number, comment="x" * 300) for number in range(2000)))

    assert len(entries(json.dumps([long, long]).encode())) == 4000
    with pytest.raises(Unreadable):
        entries(json.dumps([{str(number): "x" * 900 for number in range(2000)}]).encode())


async def test_a_student_without_a_upn_is_found_by_admission_number(api, database):
    await a_school(api)
    await a_pupil(api, 1, admission_number=123)
    student = {"id": "S1", "surname": "Pupil", "forename": "Test", "education_details": {"data": {"admission_number": "123", "upn": None}}}

    done = await imported(api, database, json.dumps({"data": [a_record(student={"data": student})]}).encode(), query=f"?urn={A}")

    assert counts(done) == {"recorded": 1}
    assert len(await the_marks(api)) == 1


async def test_a_pupil_of_a_transfer_file_without_a_upn_is_found_by_names_and_birth(api, database):
    await a_school(api, A, establishment_number="4021")
    await a_pupil(api, 1)
    content = a_ctf(("881", "4021", "2026-09-07", "O"), upn="").replace(
        b"<Surname>X</Surname>", b"<Surname>Pupil</Surname><Forename>Test</Forename><DOB>2014-03-03</DOB>"
    )

    assert counts(await imported(api, database, content)) == {"recorded": 1}


async def test_marks_of_a_school_to_come_are_kept_and_stored_once_school_and_roll_are_there(api, database):
    content = a_ctf(("935", "4035", "2026-09-21", "O,O,O,O,O,O,/,\\,/,#"), upn=upn(1))
    done = await imported(api, database, content)
    waiting = await refused(api, done["id"])
    assert await store_waiting_marks(database) == 0

    await a_school(api, B, la_code="935", establishment_number="4035")
    released = await store_waiting_marks(database)
    again = await store_waiting_marks(database)
    await a_pupil(api, 1, B)

    assert counts(done) == {"rejected": 9, "ignored": 1}
    assert {line["kept_apart"] for line in waiting} == {True}
    assert (released, again) == (9, 0)
    assert [line["reason"] for line in await refused(api, done["id"])] == ["No pupil with this UPN has been sent for this school."] * 9
    assert [mark["code"] for mark in await the_marks(api)].count("O") == 6
    assert sum(mark.code == "O" for event in await published(database, "session-recorded") for mark in event.marks) == 6


async def test_marks_that_wait_are_stored_only_where_their_sender_may_write(api, database):
    await a_school(api)
    sent = await an_import(api, a_csv(f"{B},{upn(1)},2026-09-10,AM,O", titles="URN,UPN,Date,Session,Mark"), la_code="881")
    await worked_through(database)

    await a_school(api, B, la_code="935")
    await store_waiting_marks(database)

    lines = await refused(api, sent.json()["id"])
    assert [(line["reason"], line["kept_apart"]) for line in lines] == [(Fault.OTHER_SCHOOL.sentence, False)]
    assert await scalar(database, "SELECT count(*) FROM waiting_marks") == 0


async def test_marks_that_wait_go_with_the_report(api, database, monkeypatch):
    await a_school(api)
    await imported(api, database, a_csv(f"{B},{upn(1)},2026-09-10,AM,O", titles="URN,UPN,Date,Session,Mark"))
    monkeypatch.setenv("ATTENDANCE_TODAY", "2099-01-01")

    while await delete_reports(database):
        pass

    assert await scalar(database, "SELECT count(*) FROM waiting_marks") == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Excel 97"),
        (b"<html><body><table><tr><td>UPN</td><td>Date</td><td>AM</td><td>PM</td></tr></table></body></html>", "web page"),
        (b"\xef\xbb\xbf<!-- x -->\n<!DOCTYPE html><p>", "web page"),
        ("<TABLE border=1><tr>".encode("utf-16"), "web page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="x"/>', "Excel 2003"),
        (b"<?xml version='1.0'?><ss:Workbook xmlns:ss='x'/>", "Excel 2003"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"<??>" * 1000, "XML"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_what_it_is(content, sentence):
    with pytest.raises(Unreadable, match=sentence):
        entries(content)


@pytest.mark.parametrize("format_", ["xlsx", "csv", "ctf"])
async def test_a_web_page_is_refused_as_one_whatever_it_is_sent_as(api, format_):
    answer = await an_import(api, b"<html><table></table></html>", query=f"?format={format_}&name=marks.xls")

    assert answer.status_code == 422
    assert "web page (an HTML table)" in answer.text
