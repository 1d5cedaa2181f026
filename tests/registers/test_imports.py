"""Imports: accepted, worked through, resumed, repeated, followed, reported."""

import asyncio
import json
from datetime import date, timedelta
from uuid import UUID

import asyncpg
from sqlalchemy import text

from services.registers.imports.formats.entries import Fault
from services.registers.imports.use_cases import reports, running
from services.registers.imports.use_cases.running import Importer
from services.registers.imports.use_cases.storing import store_chunk
from tests.registers.files import a_csv, a_ctf, a_form, a_workbook, an_import, counts, given, imported, refused, worked_through
from tests.registers.given import A, B, a_pupil, a_register, a_school, published, the_marks, upn


async def everything(database):
    async with database.begin() as tx:
        return [
            (await tx.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))).all()
            for table, order in (
                ("marks", "date, session, pupil_id, urn"),
                ("mark_versions", "date, session, pupil_id, urn, version"),
                ("receipts", "urn, revision"),
                ("quarantine", "id"),
                ("unresolved_marks", "urn, date, session, pupil_id"),
                ("outbox", "position"),
            )
        ]


async def test_a_file_becomes_marks_with_their_origin_and_events(api, database):
    await given(api)
    content = a_csv(f"{upn(1)},2026-09-10,AM,/", f"{upn(1)},2026-09-10,PM,/", f"{upn(2)},2026-09-10,AM,O")

    done = await imported(api, database, content, query=f"?urn={A}&name=marks.csv")

    assert (done["state"], done["format"], done["name"], done["total"], done["position"]) == ("done", "csv", "marks.csv", 3, 3)
    assert counts(done) == {"recorded": 3}
    first, second = await the_marks(api, 1)
    assert (first["code"], second["code"]) == ("/", "\\")
    assert first["versions"][0]["source"] == "import"
    assert first["versions"][0]["reason"] == f"Import {done['id']}"
    events = await published(database, "session-recorded")
    assert [(event.session, [mark.code for mark in event.marks]) for event in events] == [("AM", ["/", "O"]), ("PM", ["\\"])]
    assert [event.revision for event in events] == sorted({event.revision for event in events})


async def test_the_same_file_again_changes_nothing(api, database):
    await given(api)
    content = a_csv(
        f"{upn(1)},2026-09-10,AM,N",
        f"{upn(2)},2026-09-10,AM,O",
        f"{upn(3)},2026-09-10,AM,O",
        f"{upn(1)},2026-09-11,AM,Q9",
        f"{upn(1)},2026-09-11,noon,/",
    )
    first = await imported(api, database, content, query=f"?urn={A}")
    before = await everything(database)

    again = await imported(api, database, content, query=f"?urn={A}")

    assert counts(first) == {"recorded": 2, "rejected": 3}
    assert counts(again) == {"unchanged": 2, "rejected": 3}
    assert again["sha256"] == first["sha256"]
    assert await everything(database) == before


async def test_a_mark_that_a_register_gave_another_code_is_amended(api, database):
    await given(api)
    await a_register(api, (1, "N"), day="2026-09-10")

    done = await imported(api, database, a_csv(f"{upn(1)},2026-09-10,AM,O"), query=f"?urn={A}")

    assert counts(done) == {"amended": 1}
    (mark,) = await the_marks(api)
    assert [(each["version"], each["code"], each["source"]) for each in mark["versions"]] == [(1, "N", "register"), (2, "O", "import")]
    (event,) = (await published(database, "session-recorded"))[1:]
    assert [(each.code, each.previous_code, each.version) for each in event.marks] == [("O", "N", 2)]
    async with database.begin() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM unresolved_marks"))).scalar() == 0


async def test_the_last_of_several_lines_for_one_mark_counts(api, database):
    await given(api)
    content = a_csv(f"{upn(1)},2026-09-10,AM,N", f"{upn(1)},2026-09-11,AM,/", f"{upn(1)},2026-09-10,AM,O")

    done = await imported(api, database, content, query=f"?urn={A}")

    assert counts(done) == {"recorded": 2, "ignored": 1}
    mark = (await the_marks(api))[0]
    assert (mark["code"], mark["version"]) == ("O", 1)


async def test_every_refused_line_is_named_with_its_reason(api, database):
    await given(api)
    content = a_csv(
        f"{A},{upn(1)},2026-09-10,AM,O",
        f"{A},{upn(1)},10/13/2026,AM,O",
        f"{A},{upn(1)},2026-09-10,Lunch,O",
        f"{A},,2026-09-10,AM,O",
        f"{A},{upn(9)},2026-09-10,AM,O",
        f"{B},{upn(1)},2026-09-10,AM,O",
        f"12,{upn(1)},2026-09-10,AM,O",
        f"{A},{upn(1)},2026-09-10,PM,H",
        f"{A},{upn(1)},2026-09-11,AM,\\",
        f"{A},{upn(1)},2027-09-13,AM,O",
        titles="URN,UPN,Date,Session,Mark",
    )

    done = await imported(api, database, content)

    assert counts(done) == {"recorded": 1, "rejected": 9}
    assert [(line["line"], line["reason"], line["kept_apart"]) for line in await refused(api, done["id"])] == [
        (3, Fault.MONTH_FIRST.sentence, False),
        (4, "The session is neither AM nor PM.", False),
        (5, "There is no UPN, or it cannot be one.", False),
        (6, "No pupil with this UPN has been sent for this school.", True),
        (7, "This school is not known yet. The mark is kept apart until it is.", True),
        (8, "The school's number is neither a URN nor an authority's and an establishment's number.", False),
        (9, "The code was retired before this date.", False),
        (10, "The code is not used in this half of the day.", False),
        (11, "The date lies in the future.", False),
    ]


async def test_the_report_comes_in_pages_and_as_csv_without_formulas(api, database):
    await given(api)
    done = await imported(api, database, a_csv(*(f"=cmd{number},2026-09-10,AM,O" for number in range(3))), query=f"?urn={A}")
    path = f"/v1/imports/{done['id']}/report"

    first = (await api.as_("manager").get(f"{path}?limit=2")).json()
    rest = (await api.as_("manager").get(f"{path}?limit=2&after={first['next']}")).json()
    table = await api.as_("manager").get(f"{path}.csv")

    assert ([line["line"] for line in first["items"] + rest["items"]], rest["next"]) == ([2, 3, 4], None)
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[:2] == [
        "line,school,upn,date,session,code,reason,kept_apart,stored",
        "2,100101,'=CMD0,2026-09-10,AM,O,No pupil with this UPN has been sent for this school.,True,False",
    ]


async def test_a_roll_that_arrives_later_releases_imported_marks(api, database):
    await a_school(api)
    done = await imported(api, database, a_csv(f"{upn(1)},2026-09-10,AM,O"), query=f"?urn={A}")

    await a_pupil(api, 1)

    assert counts(done) == {"rejected": 1}
    assert [mark["code"] for mark in await the_marks(api)] == ["O"]


async def test_history_of_a_former_school_arrives_by_ctf_with_codes_of_its_time(api, database):
    await a_school(api, B, la_code="305", establishment_number="4021")
    await a_pupil(api, 1, B, admitted_on="2019-09-01", left_on="2025-07-20")
    content = a_ctf(("305", "4021", "2024-07-22", "/\\HHFF"), ("305", "4021", "2024-09-02", "/,\\,C1,H ,O,-"), upn=upn(1))

    done = await imported(api, database, content)

    assert (done["format"], counts(done)) == ("ctf", {"recorded": 8, "ignored": 1, "rejected": 3})
    marks = await the_marks(api, 1, "2024-07-01", "2024-12-31")
    assert [(mark["date"], mark["session"], mark["code"]) for mark in marks] == [
        ("2024-07-22", "AM", "/"),
        ("2024-07-22", "PM", "\\"),
        ("2024-07-23", "AM", "H"),
        ("2024-07-23", "PM", "H"),
        ("2024-09-02", "AM", "/"),
        ("2024-09-02", "PM", "\\"),
        ("2024-09-03", "AM", "C1"),
        ("2024-09-04", "AM", "O"),
    ]
    reasons = [(line["date"], line["code"], line["reason"]) for line in await refused(api, done["id"])]
    assert reasons == [
        ("2024-07-24", "F", "The code was retired before this date."),
        ("2024-07-24", "F", "The code was retired before this date."),
        ("2024-09-03", "H", "The code was retired before this date."),
    ]


async def test_every_line_of_an_unknown_school_is_named(api, database):
    await a_school(api, A)
    await a_school(api, B, establishment_number="0101")

    done = await imported(api, database, a_ctf(("999", "1", "2026-09-07", "/\\O"), ("881", "0101", "2026-09-07", "/"), upn=upn(1)))

    lines = [(line["school"], line["date"], line["session"], line["code"], line["reason"]) for line in await refused(api, done["id"])]
    assert lines == [
        ("999/0001", "2026-09-07", "AM", "/", "This school is not known yet. The mark is kept apart until it is."),
        ("999/0001", "2026-09-07", "PM", "\\", "This school is not known yet. The mark is kept apart until it is."),
        ("999/0001", "2026-09-08", "AM", "O", "This school is not known yet. The mark is kept apart until it is."),
        (
            "881/0101",
            "2026-09-07",
            "AM",
            "/",
            "Several known schools have this authority's and establishment's number; name the school by its URN.",
        ),
    ]


async def test_a_number_of_two_schools_means_the_school_of_the_day(api, database):
    await a_school(api, A, establishment_number="4021")
    await a_school(api, B, establishment_number="4021")
    answer = await api.as_("manager").put(f"/v1/schools/{B}/predecessor", {"urn": A, "on": "2026-09-14"})
    assert answer.status_code in {200, 201}, answer.text
    await a_pupil(api, 1, A)
    await a_pupil(api, 1, B, admitted_on="2026-09-14")

    done = await imported(api, database, a_ctf(("881", "4021", "2026-09-10", "/\\/\\OO"), upn=upn(1)))

    assert counts(done) == {"recorded": 6}, await refused(api, done["id"])
    assert [(mark["urn"], mark["date"]) for mark in await the_marks(api) if mark["session"] == "AM"] == [
        (A, "2026-09-10"),
        (A, "2026-09-11"),
        (B, "2026-09-14"),
    ]


async def test_a_workbook_and_wonde_give_the_same_marks(api, database):
    await given(api)
    workbook = a_workbook([["UPN", "Date", "AM", "PM"], [upn(1), (46275,), "O", "/"], [upn(2), 46275, "#", "L "]])
    wonde = json.dumps(
        {
            "school": {"urn": A},
            "students": {"data": [{"id": "S1", "upn": upn(1)}, {"id": "S2", "education_details": {"data": {"upn": upn(2)}}}]},
            "attendance-codes": {"data": [{"id": "C1", "code": "O"}, {"id": "C2", "code": "L"}, {"id": "C3", "code": "\\"}]},
            "sessions": {
                "data": [
                    {"id": 1, "date": "2026-09-10", "session": "AM", "student_id": "S1", "attendance_code_id": "C1"},
                    {"id": 2, "date": "2026-09-10T00:00:00", "session": "PM", "student_id": "S1", "attendance_code_id": "C3"},
                    {
                        "id": 3,
                        "date": {"date": "2026-09-10 00:00:00.000000"},
                        "session": "PM",
                        "student": {"data": {"id": "S2"}},
                        "code": "L",
                    },
                ]
            },
        }
    )

    first = await imported(api, database, workbook, query=f"?urn={A}")
    second = await imported(api, database, wonde.encode())

    assert (first["format"], counts(first)) == ("xlsx", {"recorded": 3, "ignored": 1})
    assert (second["format"], counts(second)) == ("wonde", {"unchanged": 3})


async def test_a_form_brings_the_mapping_along(api, database):
    await given(api)
    mapping = 'date_format = "%d.%m.%y"\n[columns]\nupn = "Pupil"\ndate = "Day"\nsession = "When"\ncode = "What"\n[sessions]\nAM = ["1"]\n[codes]\nAbsent = "O"\n'
    rows = a_csv(f"{upn(1)};10.09.26;1;absent", titles="Pupil;Day;When;What")
    headers = {"Content-Type": "multipart/form-data; boundary=frontier"}

    answer = await api.as_("manager").post(f"/v1/imports?urn={A}", content=a_form(file=rows, mapping=mapping.encode()), headers=headers)
    await worked_through(database)

    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "file"
    assert [(mark["date"], mark["code"]) for mark in await the_marks(api)] == [("2026-09-10", "O")]


async def test_a_file_that_breaks_off_stores_nothing(api, database):
    await given(api, 1)
    half = a_ctf(*(("881", "0101", "2026-09-07", "/\\" * 5) for _ in range(50)), upn=upn(1))[:-10]

    done = await imported(api, database, half)

    assert (done["state"], done["trouble"]) == ("failed", "The file is not XML to its end, or not well-formed.")
    assert await the_marks(api) == []


async def test_an_import_goes_on_wherever_its_worker_died(api, database, monkeypatch):
    monkeypatch.setattr(running, "MARKS_PER_TRANSACTION", 4)
    monkeypatch.setattr(running, "ENTRIES_PER_SLICE", 7)
    await given(api, 3)
    days = [date(2026, 9, 7) + timedelta(number) for number in range(12)]
    content = a_csv(
        "bad,never,AM,O", *(f"{upn(number)},{day},{half},O" for number in (1, 2, 3) for day in days for half in ("AM", "PM")), "bad,,AM,O"
    )
    sent = await an_import(api, content, query=f"?urn={A}")
    calls = 0

    for steps in range(40):
        importer = Importer()
        for _ in range(steps):
            calls += await importer(database)
        await importer.stop()
        if (await api.as_("manager").get(sent.headers["Location"])).json()["state"] == "done":
            break

    done = (await api.as_("manager").get(sent.headers["Location"])).json()
    assert (done["state"], done["position"], counts(done)) == ("done", 74, {"recorded": 72, "rejected": 2})
    async with database.begin() as tx:
        assert (await tx.execute(text("SELECT count(*), max(version) FROM marks"))).one() == (72, 1)
        assert (await tx.execute(text("SELECT count(*) FROM import_refusals"))).scalar() == 2
    published_marks = [
        (event.date, event.session, mark.pupil_id) for event in await published(database, "session-recorded") for mark in event.marks
    ]
    assert len(published_marks) == len(set(published_marks)) == 72


async def test_two_workers_do_not_share_one_import(api, database):
    await given(api, 1)
    await an_import(api, a_csv(f"{upn(1)},2026-09-10,AM,O"), query=f"?urn={A}")
    one, other = Importer(), Importer()

    first, second = await one(database), await other(database)
    await one.stop()
    third = await other(database)
    await other.stop()

    assert (first, second, third) == (1, 0, 1)


async def test_progress_is_streamed_until_the_end(api, database, monkeypatch):
    monkeypatch.setattr(running, "MARKS_PER_TRANSACTION", 1)
    await given(api, 2)
    sent = await an_import(api, a_csv(*(f"{upn(number)},2026-09-1{day},AM,O" for number in (1, 2) for day in range(4))), query=f"?urn={A}")

    listening = asyncio.create_task(api.as_("manager").get(f"{sent.headers['Location']}/progress"))
    await worked_through(database)
    answer = await asyncio.wait_for(listening, 10)

    assert answer.headers["content-type"].startswith("text/event-stream")
    told = [block.splitlines() for block in answer.text.strip().split("\n\n") if block.startswith("event:")]
    assert told[-1][0] == "event: end"
    last = json.loads(told[-1][1].removeprefix("data: "))
    assert (last["state"], last["position"], last["recorded"]) == ("done", 8, 8)


async def test_a_stream_of_progress_ends_when_the_process_is_to_stop(api, database):
    await given(api, 1)
    sent = await an_import(api, a_csv(f"{upn(1)},2026-09-10,AM,O"), query=f"?urn={A}")
    stopping = asyncio.Event()
    told = []

    async for row in reports.follow(database, UUID(sent.json()["id"]), stopping):
        told.append(row.state)
        stopping.set()

    assert told == ["received"]


async def test_the_next_import_is_taken_up_after_one_that_failed(api, database):
    await given(api, 1)
    rows = [f"{upn(1)},2026-09-10,AM,O"] * 300
    broken = a_csv(*rows, '"' + "x" * 200_000)
    first = await an_import(api, broken, query=f"?urn={A}")

    done = await imported(api, database, a_csv(*rows[:1]), query=f"?urn={A}")

    assert (await api.as_("manager").get(first.headers["Location"])).json()["state"] == "failed"
    assert counts(done) == {"recorded": 1}


async def test_a_chunk_that_takes_too_long_is_stored_in_parts(api, database, monkeypatch):
    await given(api, 1)
    days = [date(2026, 9, 7) + timedelta(number) for number in range(7)]
    sent = await an_import(api, a_csv(*(f"{upn(1)},{day},AM,O" for day in days)), query=f"?urn={A}")
    lengths = []

    async def store_two_at_most(tx, job, position, chunk):
        lengths.append(len(chunk))
        stored = await store_chunk(tx, job, position, chunk)
        if len(chunk) > 2:
            raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")
        return stored

    monkeypatch.setattr(running, "store_chunk", store_two_at_most)
    await worked_through(database)

    done = (await api.as_("manager").get(sent.headers["Location"])).json()
    assert (done["state"], done["position"], counts(done)) == ("done", 7, {"recorded": 7})
    assert lengths == [7, 3, 1, 2, 4, 2, 2]
