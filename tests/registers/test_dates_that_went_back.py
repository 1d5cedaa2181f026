"""What registers judged while the date was wrong: it is judged again when the date, or the calendar, is right."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from services.registers.app import SERVICE
from services.registers.recovery.repository import note_overdue
from services.registers.statistics.use_cases import count_totals
from services.registers.unresolved import use_cases
from shared import clock
from shared.messaging.state import Extent
from tests.registers.given import A, B, a_calendar, a_pupil, a_register, a_school, published, scalar

DAY = "2026-11-12"
"""A reason for it is due by the 19th."""
AHEAD = "2026-12-22"


@pytest.fixture
def on(monkeypatch):
    return lambda day: monkeypatch.setenv("ATTENDANCE_TODAY", day)


async def work(database):
    for job in (use_cases.date_reasons, use_cases.publish_overdue, use_cases.judge_overdue_again, use_cases.publish_overdue):
        while await job(database):
            pass


async def an_n(api, on, day="2026-11-17"):
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api)
    on(day)
    await a_register(api, (1, "N"), day=DAY, session="PM")


async def overdue(database):
    return [(event.overdue, event.revision, event.judged) for event in await published(database, "reason-overdue")]


async def test_a_reason_that_was_overdue_by_a_wrong_date_goes_back_with_the_date_and_falls_due_again(api, database, on):
    await an_n(api, on)
    on(AHEAD)
    await work(database)
    assert await overdue(database) == [(True, 1, 1)]

    on("2026-11-18")
    await work(database)
    await work(database)

    assert await overdue(database) == [(True, 1, 1), (False, 1, 2)]
    on("2026-11-20")
    await work(database)
    assert await overdue(database) == [(True, 1, 1), (False, 1, 2), (True, 1, 3)]


async def test_a_reason_that_was_overdue_goes_back_where_the_school_was_closed_after_all(api, database, on):
    await an_n(api, on, "2026-11-20")
    await work(database)
    assert await overdue(database) == [(True, 1, 1)]

    await a_calendar(api, closures=[{"date": "2026-11-18"}])
    await work(database)

    assert await overdue(database) == [(True, 1, 1), (False, 1, 2)]
    on("2026-11-23")
    await work(database)
    assert await overdue(database) == [(True, 1, 1), (False, 1, 2), (True, 1, 3)]


async def test_a_reason_that_is_overdue_by_another_day_is_published_again_with_that_day(api, database, on):
    await an_n(api, on, "2026-11-20")
    await work(database)
    on("2026-11-30")

    await a_calendar(api, closures=[{"date": "2026-11-18"}])
    await work(database)

    assert await overdue(database) == [(True, 1, 1), (False, 1, 2), (True, 1, 3)]
    assert [str(event.due_on) for event in await published(database, "reason-overdue")] == ["2026-11-19", "2026-11-20", "2026-11-20"]


@pytest.mark.parametrize("moved", ["date", "calendar"])
async def test_the_state_of_a_reason_is_published_as_it_is_judged_now(api, database, on, moved):
    await an_n(api, on)
    on(AHEAD)
    await work(database)
    on("2026-11-18" if moved == "date" else AHEAD)
    if moved == "calendar":
        await a_calendar(api, closures=[{"date": "2026-11-18"}])
    await work(database)
    before = await overdue(database)
    (kind,) = [each for each in SERVICE.state if each.name == "reasons-overdue"]
    extent = Extent()

    async with database.begin() as tx:
        await kind.publish(tx, extent, await kind.find(tx, extent, "", 10))

    assert (await overdue(database))[len(before) :] == [before[-1]]


async def test_a_reason_that_is_recovered_as_overdue_stays_overdue_and_is_not_published_again(api, database, on):
    await an_n(api, on)
    on(AHEAD)
    await work(database)
    (event,) = await published(database, "reason-overdue")
    async with database.begin() as tx:
        await tx.execute(text("UPDATE unresolved_marks SET due_on = NULL, computed_on = NULL, published_on = NULL, judged = 0"))
        await note_overdue(tx, event.model_copy(update={"judged": 2, "overdue": False}))
        await note_overdue(tx, event.model_copy(update={"judged": 3}))

    await work(database)

    assert await overdue(database) == [(True, 1, 1)]
    assert await scalar(database, "SELECT judged FROM unresolved_marks WHERE published_on > due_on") == 3


async def test_a_last_day_that_was_looked_for_by_a_wrong_date_is_looked_for_again(api, database, on):
    await a_school(api)
    await a_pupil(api)
    on(AHEAD)
    await a_register(api, (1, "N"), day=DAY, session="PM")
    await use_cases.date_reasons(database)
    assert str(await scalar(database, "SELECT computed_on FROM unresolved_marks WHERE due_on IS NULL")) == AHEAD
    on("2026-11-20")
    for day in ("2026-11-13", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"):
        await a_register(api, (1, "/"), day=day)

    await use_cases.date_reasons(database)

    assert str(await scalar(database, "SELECT due_on FROM unresolved_marks")) == "2026-11-19"


async def test_marks_in_an_overlap_are_published_again_although_the_date_is_behind_them(api, database, on):
    on("2026-11-17")
    for urn in (A, B):
        await a_school(api, urn)
    await a_pupil(api)
    for day in ("2026-11-12", "2026-11-16"):
        await a_register(api, (1, "/"), day=day)
    before = await published(database, "session-recorded")

    on("2026-11-13")
    await a_pupil(api, 1, B, admitted_on="2026-11-02")

    again = (await published(database, "session-recorded"))[len(before) :]
    assert [str(event.date) for event in again] == ["2026-11-12", "2026-11-16"]


async def test_the_totals_of_a_school_whose_register_came_by_a_clock_that_was_ahead_are_counted(api, database, on, monkeypatch):
    await an_n(api, on)
    right = clock.now() - timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: right)

    await count_totals(database)

    assert await scalar(database, f"SELECT count(*) FROM monthly_totals WHERE urn = {A} AND NOT stale") == 1
