"""N: by when the reason must be there, who still waits for one, and what is published when the time has passed (domain.md 1.3, T9)."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from services.registers.app import SERVICE
from services.registers.law import NATIONAL
from services.registers.unresolved import use_cases
from services.registers.unresolved.domain import days_left
from shared.attendance.law import load_statutes
from shared.attendance.reasons import reason_due
from shared.law import UnknownProvisionError
from tests.registers.given import A, B, C, a_calendar, a_pupil, a_register, a_school, published, upn
from tests.support import bells

SERVICES = Path(__file__).parents[2] / "services"
DAY = "2026-11-12"
PATH = f"/v1/schools/{A}/unresolved"


@pytest.fixture
def on(monkeypatch):
    return lambda day: monkeypatch.setenv("ATTENDANCE_TODAY", day)


async def work(database):
    for job in (use_cases.date_reasons, use_cases.publish_overdue):
        while await job(database):
            pass


async def unresolved(api, path=PATH):
    answer = await api.as_("school", schools=[A]).get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def an_n(api, number=1, day=DAY, session="PM", **more):
    await a_register(api, (number, "N"), day=day, session=session, **more)


async def overdue(database):
    return await published(database, "reason-overdue")


async def a_place(api, **calendar):
    await a_school(api)
    await a_calendar(api, **calendar)
    return await a_pupil(api)


SCHOOL_DAYS = [date(2026, 11, day) for day in (9, 10, 11, 12, 13, 16, 18, 19, 20)]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 11, 12), date(2026, 11, 20)),  # the 17th is no school day
        (date(2026, 11, 8), date(2026, 11, 13)),
        (date(2026, 11, 11), date(2026, 11, 19)),
        (date(2026, 11, 13), None),
    ],
)
def test_the_last_day_is_the_fifth_school_day_after_the_session(day, due):
    assert reason_due(day, SCHOOL_DAYS, NATIONAL) == due


def test_the_thresholds_service_counts_by_the_same_law():
    ours, theirs = (load_statutes(SERVICES / name / "law").packs["england"] for name in ("registers", "thresholds"))

    assert ours.history["reason_school_days"] == theirs.history["reason_school_days"]


def test_a_mark_from_before_the_regulations_has_no_last_day():
    with pytest.raises(UnknownProvisionError):
        reason_due(date(2024, 8, 18), SCHOOL_DAYS, NATIONAL)


@pytest.mark.parametrize(("today", "left"), [(12, 4), (17, 2), (18, 1), (19, 0), (20, -1), (23, -1)])
def test_days_left_are_school_days(today, left):
    assert days_left(date(2026, 11, 19), SCHOOL_DAYS, date(2026, 11, today)) == left


async def test_an_n_of_12_november_is_due_on_the_19th(api, on):
    pupil = await a_place(api)
    on("2026-11-17")
    await an_n(api)

    assert await unresolved(api) == [
        {
            "pupil_id": pupil["id"],
            "upn": upn(1),
            "forename": "Test",
            "surname": "Pupil",
            "year_group": None,
            "urn": A,
            "school": f"School {A}",
            "date": DAY,
            "session": "PM",
            "due_on": "2026-11-19",
            "days_left": 2,
            "overdue": False,
        }
    ]


async def test_an_overdue_reason_is_published_once_when_its_day_has_passed_and_not_before(api, database, on):
    pupil = await a_place(api)
    on("2026-11-19")
    await an_n(api)
    await work(database)
    before = await overdue(database)

    on("2026-11-20")
    await work(database)
    await work(database)

    (event,) = await overdue(database)
    assert before == []
    assert (str(event.pupil_id), event.school, event.la_code, str(event.date), event.session, str(event.due_on), event.revision) == (
        pupil["id"],
        A,
        "881",
        DAY,
        "PM",
        "2026-11-19",
        1,
    )
    assert [(each["days_left"], each["overdue"]) for each in await unresolved(api)] == [(-1, True)]


async def test_two_workers_publish_an_overdue_reason_once(api, database, on):
    await a_place(api)
    on("2026-11-23")
    for session in ("AM", "PM"):
        await an_n(api, session=session)
    await asyncio.gather(*(use_cases.date_reasons(database) for _ in range(3)))

    published_by_each = await asyncio.gather(*(use_cases.publish_overdue(database) for _ in range(3)))

    assert sum(published_by_each) == 2
    assert len(await overdue(database)) == 2


async def test_a_reason_that_comes_in_time_resolves_the_mark(api, database, on):
    await a_place(api)
    on("2026-11-17")
    await an_n(api)
    await work(database)

    await a_register(api, (1, "I"), day=DAY, session="PM")
    on("2026-11-30")
    await work(database)

    assert await overdue(database) == []
    assert await unresolved(api) == []


async def test_a_mark_that_becomes_n_again_is_published_again(api, database, on):
    await a_place(api)
    on("2026-11-23")
    for code in ("N", "I", "N"):
        await a_register(api, (1, code), day=DAY, session="PM")
        await work(database)

    assert [event.revision for event in await overdue(database)] == [1, 3]


async def test_an_amendment_resolves_an_n_too(api, on):
    await a_place(api)
    on("2026-11-17")
    await an_n(api)
    body = {"code": "O", "reason": "No reason was given.", "amended_by": {"name": "A. Clerk", "title": "Attendance officer"}}

    assert (await api.as_("school", schools=[A]).patch(f"/v1/schools/{A}/registers/{DAY}/PM/marks/{upn(1)}", body)).status_code == 200

    assert await unresolved(api) == []


async def test_a_changed_calendar_moves_the_day(api, database, on):
    await a_place(api)
    on("2026-11-20")
    await an_n(api)
    await use_cases.date_reasons(database)

    await a_calendar(api, closures=[{"date": "2026-11-18"}])
    await work(database)

    assert await overdue(database) == []
    assert [each["due_on"] for each in await unresolved(api)] == ["2026-11-20"]


async def test_a_changed_calendar_rings_the_job_that_dates_reasons_which_rings_the_next(api, database, on):
    await a_place(api)
    on("2026-11-20")
    await an_n(api)

    with bells(database, SERVICE) as rung:
        await a_calendar(api, closures=[{"date": "2026-11-18"}])
        changed = rung()
        await use_cases.date_reasons(database)
        dated = rung()

    assert (changed, dated) == ({"last days for reasons"}, {"reasons overdue", "reasons overdue too early"})


async def test_half_a_closure_leaves_a_school_day(api):
    await a_place(api, closures=[{"date": "2026-11-18", "sessions": ["AM"]}])
    await an_n(api)

    assert [each["due_on"] for each in await unresolved(api)] == ["2026-11-19"]


async def test_the_days_of_a_school_without_a_calendar_are_those_of_its_registers(api, database, on):
    await a_school(api)
    await a_pupil(api)
    on("2026-11-19")
    await an_n(api)
    for day in (13, 16, 17, 18):
        await a_register(api, (1, "/"), day=f"2026-11-{day}")
    await work(database)
    known = [each["due_on"] for each in await unresolved(api)]
    await a_register(api, (1, "/"), day="2026-11-19")

    on("2026-11-20")
    await work(database)

    assert known == [None]
    assert [str(event.due_on) for event in await overdue(database)] == ["2026-11-19"]


async def test_a_reason_may_be_due_after_the_summer(api, database, on):
    await a_place(api, terms=[{"start": "2026-09-02", "end": "2026-09-04"}])
    on("2027-09-09")
    await an_n(api, day="2026-09-03")
    await work(database)
    before = [each["due_on"] for each in await unresolved(api)]

    await a_calendar(api, year="2027-28", terms=[{"start": "2027-09-02", "end": "2027-12-17"}])
    await work(database)

    assert before == [None]
    assert [str(event.due_on) for event in await overdue(database)] == ["2027-09-07"]


async def test_marks_from_before_the_regulations_await_nothing(api, database):
    await a_school(api)
    await a_pupil(api, admitted_on="2020-09-01")

    await an_n(api, day="2023-11-09")
    await work(database)

    assert await overdue(database) == []
    assert await unresolved(api) == []


async def test_the_list_is_paged_in_order(api):
    await a_place(api)
    await a_pupil(api, 2)
    for day, session in (("2026-11-12", "AM"), ("2026-11-12", "PM"), ("2026-11-10", "PM")):
        await a_register(api, (1, "N"), (2, "N"), day=day, session=session)

    seen, path = [], f"{PATH}?limit=4"
    answer = (await api.as_("aco").get(path)).json()
    seen += answer["items"]
    seen += (await api.as_("aco").get(f"{path}&after={answer['next']}")).json()["items"]

    assert [(each["date"], each["session"]) for each in seen] == [
        *[("2026-11-10", "PM")] * 2,
        *[("2026-11-12", "AM")] * 2,
        *[("2026-11-12", "PM")] * 2,
    ]
    assert len({(each["upn"], each["date"], each["session"]) for each in seen}) == 6


async def test_another_school_s_list_is_refused(api):
    await a_school(api)

    assert (await api.as_("mis", schools=[B]).get(PATH)).status_code == 403
    assert (await api.as_("aco", la_code="935").get(PATH)).status_code == 403
    assert (await api.as_("aco").get(f"/v1/schools/{B}/unresolved")).status_code == 404
    assert (await api.as_("aco").get(f"{PATH}?after=x")).status_code == 422


async def test_an_officer_sees_the_marks_of_an_area_each_by_its_own_school_s_days(api):
    for urn, number, district, la_code in ((A, 1, "Braintree", "881"), (B, 2, "Harlow", "881"), (C, 3, "Elsewhere", "935")):
        await a_school(api, urn, district=district, la_code=la_code)
        await a_pupil(api, number, urn)
        await an_n(api, number, urn=urn)
    await a_calendar(api, A)
    await a_calendar(api, B, closures=[{"date": "2026-11-16"}])

    async def listed(query="", **more):
        return (await api.as_("aco", **more).get(f"/v1/unresolved{query}")).json()["items"]

    assert [(mark["urn"], mark["school"], mark["due_on"]) for mark in await listed(la_code="881")] == [
        (A, f"School {A}", "2026-11-19"),
        (B, f"School {B}", "2026-11-20"),
    ]
    assert [mark["urn"] for mark in await listed()] == [A, B, C]
    assert [mark["urn"] for mark in await listed("?district=Harlow")] == [B]
    assert await listed("?district=Elsewhere", la_code="881") == []
    assert (await api.as_("school", schools=[A]).get("/v1/unresolved")).status_code == 403


async def test_an_area_s_marks_come_in_pages(api):
    for urn in (A, B):
        await a_school(api, urn)
        await a_pupil(api, 1, urn)
        await an_n(api, 1, urn=urn)

    first = (await api.as_("aco").get("/v1/unresolved?limit=1")).json()
    second = (await api.as_("aco").get(f"/v1/unresolved?limit=1&after={first['next']}")).json()

    assert [page["items"][0]["urn"] for page in (first, second)] == [A, B]
    assert second["next"] is None
