"""A register arrives: what is stored, what is quarantined, what is published."""

import asyncio

import pytest

from tests.registers.given import A, B, a_calendar, a_pupil, a_register, a_school, published, scalar, the_marks, upn

PATH = f"/v1/schools/{A}/registers/2026-09-10/AM"


async def test_a_register_is_stored_and_published_once(api, database):
    await a_school(api)
    ids = [(await a_pupil(api, number))["id"] for number in (1, 2)]

    got = await a_register(api, (1, "/"), (2, "O"))

    assert got == {"recorded": 2, "unchanged": 0, "amended": 0, "ignored": 0, "rejected": []}
    (event,) = await published(database, "session-recorded")
    assert (event.school, event.la_code, str(event.date), event.session) == (A, "881", "2026-09-10", "AM")
    assert {(str(mark.pupil_id), mark.code, mark.previous_code, mark.version, mark.dual) for mark in event.marks} == {
        (ids[0], "/", None, 1, False),
        (ids[1], "O", None, 1, False),
    }


async def test_a_register_sent_again_changes_nothing(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    got = await a_register(api, (1, "O"))

    assert (got["recorded"], got["unchanged"], got["amended"]) == (0, 1, 0)
    assert len(await published(database, "session-recorded")) == 1


async def test_a_changed_code_is_an_amendment_and_the_original_stays(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "N"), taken_by="J. Teacher")

    got = await a_register(api, (1, "I"), taken_by={"name": "A. Clerk", "title": "Attendance officer"})

    assert got["amended"] == 1
    (mark,) = await the_marks(api)
    assert (mark["code"], mark["version"], mark["flagged"]) == ("I", 2, False)
    assert [(each["version"], each["code"], each["by"]["name"], each["source"]) for each in mark["versions"]] == [
        (1, "N", "J. Teacher", "register"),
        (2, "I", "A. Clerk", "register"),
    ]
    first, second = await published(database, "session-recorded")
    assert second.revision > first.revision
    assert (second.marks[0].code, second.marks[0].previous_code, second.marks[0].version) == ("I", "N", 2)


async def test_a_mark_that_returns_to_its_first_code_is_a_third_version(api):
    await a_school(api)
    await a_pupil(api)

    for code in ("O", "I", "O"):
        await a_register(api, (1, code))

    (mark,) = await the_marks(api)
    assert [each["code"] for each in mark["versions"]] == ["O", "I", "O"]


async def test_other_minutes_are_another_version_that_is_not_published(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, {"upn": upn(1), "code": "U", "minutes_late": 40})

    more = await a_register(api, {"upn": upn(1), "code": "U", "minutes_late": 35})
    again = await a_register(api, (1, "U"))

    assert (more["amended"], again["unchanged"]) == (1, 1)
    (mark,) = await the_marks(api)
    assert [each["minutes_late"] for each in mark["versions"]] == [40, 35]
    assert len(await published(database, "session-recorded")) == 1


async def test_an_invalid_mark_is_quarantined_and_the_rest_is_stored(api, database):
    await a_school(api)
    await a_pupil(api, 1)
    await a_pupil(api, 2, left_on="2026-09-09")

    got = await a_register(api, (1, "O"), (2, "O"), (3, "O"), (1, "ZZ"), (1, "H"), (1, "\\"), (1, ""))

    assert (got["recorded"], len(got["rejected"])) == (1, 6)
    assert [each["code"] for each in got["rejected"]] == ["O", "O", "ZZ", "H", "\\", ""]
    assert all(each["upn"] and each["reason"].endswith(".") for each in got["rejected"])
    assert await scalar(database, "SELECT string_agg(reason, ' ' ORDER BY id) FROM quarantine") == (
        "not-on-roll unknown-upn unknown-code retired-code wrong-session unknown-code"
    )


async def test_a_register_of_tomorrow_is_quarantined(api, database):
    await a_school(api)
    await a_pupil(api)

    got = await a_register(api, (1, "O"), (1, "-"), day="2027-08-02")

    assert (got["recorded"], got["ignored"]) == (0, 1)
    assert got["rejected"] == [{"upn": upn(1), "code": "O", "reason": "The date lies in the future."}]
    assert await published(database, "session-recorded") == []


@pytest.mark.parametrize(
    ("day", "why"), [("9999-12-31", "The date lies in the future."), ("1890-01-06", "The code was not in force on this date.")]
)
async def test_a_date_however_far_away_is_a_date(api, day, why):
    await a_school(api)
    await a_pupil(api)

    got = await a_register(api, (1, "O"), (1, "-"), day=day)

    assert (got["recorded"], got["ignored"]) == (0, 1)
    assert got["rejected"] == [{"upn": upn(1), "code": "O", "reason": why}]


async def test_codes_that_stand_for_no_mark_are_ignored_and_delete_nothing(api):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    got = await a_register(api, (1, "-"), (1, "Z"), (9, "#"))

    assert got == {"recorded": 0, "unchanged": 0, "amended": 0, "ignored": 3, "rejected": []}
    assert (await the_marks(api))[0]["code"] == "O"


async def test_of_several_valid_marks_for_one_upn_the_last_counts(api):
    await a_school(api)
    await a_pupil(api)

    got = await a_register(api, (1, "O"), (1, "I"), (1, "ZZ"))

    assert (got["recorded"], len(got["rejected"])) == (1, 1)
    assert [each["code"] for each in (await the_marks(api))[0]["versions"]] == ["I"]


async def test_a_slash_in_the_afternoon_is_a_backslash(api):
    await a_school(api)
    await a_pupil(api)

    await a_register(api, (1, "/"), session="PM")
    got = await a_register(api, (1, "\\"), session="PM")

    assert got["unchanged"] == 1
    assert (await the_marks(api))[0]["code"] == "\\"


async def test_dual_registration_elsewhere_is_a_mark_like_another(api):
    await a_school(api)
    await a_pupil(api)

    assert (await a_register(api, (1, "D")))["recorded"] == 1


async def test_a_mark_on_a_closed_day_is_kept_and_flagged(api):
    await a_school(api)
    await a_calendar(api, closures=[{"date": "2026-09-10", "sessions": ["AM"]}])
    await a_pupil(api)

    await a_register(api, (1, "O"))
    await a_register(api, (1, "O"), session="PM")

    assert [(mark["session"], mark["flagged"]) for mark in await the_marks(api)] == [("AM", True), ("PM", False)]


async def test_a_mark_outside_the_roll_as_it_now_stands_is_kept_and_flagged(api):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    await a_pupil(api, left_on="2026-09-09")

    assert [mark["flagged"] for mark in await the_marks(api)] == [True]


async def test_history_of_the_old_law_is_accepted(api):
    await a_school(api)
    await a_pupil(api, admitted_on="2020-09-01")

    assert (await a_register(api, (1, "H"), day="2024-07-15"))["recorded"] == 1
    assert (await a_register(api, (1, "H"), day="2020-09-15"))["recorded"] == 1
    assert len(await the_marks(api, first="2020-09-01", last="2024-12-31")) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"{oops",
        b"",
        b"[]",
        b"{}",
        b'{"marks": null}',
        b'{"marks": [{"upn": "A881400126017"}]}',
        b'{"marks": [{"code": "O"}]}',
        b'{"marks": [{"upn": "A881400126017", "code": 5}]}',
        b'{"marks": [{"upn": "A881400126017", "code": "O", "minutes_late": -1}]}',
        b'{"marks": [{"upn": "A881400126017", "code": "\\u0000"}]}',
        b'{"marks": [{"upn": "A88140012601\\u0000", "code": "O"}]}',
        b'{"marks": [{"upn": "A881400126017", "code": "\\ud800"}]}',
        b'{"marks": [], "opened_at": "half past"}',
    ],
)
async def test_a_body_of_another_shape_is_refused_and_stores_nothing(api, database, body):
    await a_school(api)
    await a_pupil(api)

    answer = await api.as_("mis", schools=[A]).put(PATH, content=body)

    assert answer.status_code == 422
    assert {"type", "title", "status"} <= set(answer.json())
    assert await scalar(database, "SELECT count(*) FROM receipts") == 0
    assert await scalar(database, "SELECT count(*) FROM quarantine") == 0


async def test_one_bad_shape_among_good_marks_stores_none(api, database):
    await a_school(api)
    await a_pupil(api)

    answer = await api.as_("mis", schools=[A]).put(PATH, {"marks": [{"upn": upn(1), "code": "O"}, {"upn": upn(1)}]})

    assert answer.status_code == 422
    assert upn(1) not in answer.text
    assert await scalar(database, "SELECT count(*) FROM marks") == 0


async def test_bytes_that_are_no_text_are_400(api):
    await a_school(api)

    assert (await api.as_("mis", schools=[A]).put(PATH, content=b'{"marks": "\xff\xfe"}')).status_code == 400


@pytest.mark.parametrize(
    "session", ["2026-02-31/AM", "2026-9-1/AM", "1700000000/AM", "2026-09-10T00:00:00/AM", "2026-09-10/XM", "2026-09-10/am"]
)
async def test_a_session_that_is_none_is_refused(api, session):
    await a_school(api)

    answer = await api.as_("mis", schools=[A]).put(f"/v1/schools/{A}/registers/{session}", {"marks": []})

    assert answer.status_code == 422


async def test_a_school_that_does_not_exist_is_not_found(api):
    assert (await api.as_("manager").put(PATH, {"marks": []})).status_code == 404


async def test_the_register_s_particulars_are_kept(api, database):
    await a_school(api)
    await a_pupil(api)

    await a_register(api, (1, "/"), taken_by="J. Teacher", opened_at="08:45", closed_at="2026-09-10T09:15:00+01:00")

    kept = "SELECT by_name || ' ' || (opened_at AT TIME ZONE 'UTC') || ' ' || (closed_at AT TIME ZONE 'UTC') FROM receipts"
    assert await scalar(database, kept) == "J. Teacher 2026-09-10 07:45:00 2026-09-10 08:15:00"


async def test_a_large_register_is_published_in_events_of_a_thousand_marks(api, database):
    await a_school(api)
    await scalar(
        database,
        """WITH made AS (INSERT INTO pupils (id, upn, date_of_birth, stored_by)
               SELECT gen_random_uuid(), 'P' || n, '2014-01-01', 'test' FROM generate_series(1, 1001) AS n RETURNING id, upn),
           spells AS (INSERT INTO roll_spells (urn, upn, admitted_on, pupil_id) SELECT 100101, upn, '2020-09-01', id FROM made RETURNING 1)
           SELECT count(*) FROM spells""",
    )

    got = await a_register(api, *({"upn": f"P{number}", "code": "/"} for number in range(1, 1002)))
    again = await a_register(api, {"upn": "P1", "code": "O"})

    assert (got["recorded"], again["amended"]) == (1001, 1)
    events = await published(database, "session-recorded")
    assert [len(event.marks) for event in events] == [1000, 1, 1]
    assert [event.revision for event in events] == sorted({event.revision for event in events})


async def test_registers_of_one_session_at_once_end_in_one_order(api, database):
    await a_school(api)
    for number in range(1, 6):
        await a_pupil(api, number)

    numbers = range(1, 6)
    codes = ["O", "I", "N", "/", "G", "M"]
    await asyncio.gather(*(a_register(api, *((number, code) for number in numbers)) for code in codes))

    events = await published(database, "session-recorded")
    assert [event.revision for event in events] == sorted({event.revision for event in events})
    for number in numbers:
        (mark,) = await the_marks(api, number)
        assert [each["version"] for each in mark["versions"]] == [1, 2, 3, 4, 5, 6]
        assert sorted(each["code"] for each in mark["versions"]) == sorted(codes)
    chain = [(event.marks[0].previous_code, event.marks[0].code, event.marks[0].version) for event in events]
    assert [before for before, _, _ in chain] == [None, *(code for _, code, _ in chain[:-1])]
    assert [version for _, _, version in chain] == [1, 2, 3, 4, 5, 6]


async def test_two_schools_at_once_in_a_new_month_do_not_disturb_each_other(api):
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, urn - 100100, urn, admitted_on="2019-09-01")

    got = await asyncio.gather(*(a_register(api, (urn - 100100, "/"), urn=urn, day="2019-10-01") for urn in (A, B)))

    assert [each["recorded"] for each in got] == [1, 1]
