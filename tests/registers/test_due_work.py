"""Due work of registers is done mark by mark where a batch fails: one that cannot be dealt with keeps no other from it."""

import pytest
from sqlalchemy import text

from services.registers.imports.use_cases.running import Importer
from services.registers.unresolved import use_cases
from tests.registers.files import a_csv, an_import
from tests.registers.given import A, a_calendar, a_pupil, a_register, a_school, published, upn

DAY = "2026-11-12"


@pytest.fixture
async def two_unresolved_marks(api, monkeypatch):
    """One in the morning and one in the afternoon, the last day for whose reason has passed."""
    await a_school(api)
    await a_calendar(api)
    await a_pupil(api)
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-11-30")
    for session in ("AM", "PM"):
        await a_register(api, (1, "N"), day=DAY, session=session)


async def change(database, statement):
    async with database.begin() as tx:
        await tx.execute(text(statement))


async def work(database):
    for job in (use_cases.date_reasons, use_cases.publish_overdue):
        while await job(database):
            pass


async def test_a_mark_that_cannot_be_dated_keeps_no_other_mark_from_it(api, database, two_unresolved_marks):
    # There was no regulation that day, so no last day can be computed.
    await change(database, "UPDATE unresolved_marks SET date = '2020-09-10' WHERE session = 'AM'")

    await work(database)

    assert [(str(event.date), event.session) for event in await published(database, "reason-overdue")] == [(DAY, "PM")]


async def test_a_mark_that_cannot_be_published_keeps_no_other_mark_from_it(api, database, two_unresolved_marks):
    await use_cases.date_reasons(database)
    await change(database, "UPDATE unresolved_marks SET session = 'noon' WHERE session = 'AM'")

    await work(database)

    assert [event.session for event in await published(database, "reason-overdue")] == ["PM"]


async def test_an_import_that_cannot_be_begun_has_failed_and_keeps_no_later_one_waiting(api, database):
    await a_school(api)
    await a_pupil(api)
    broken = (await an_import(api, a_csv(f"{upn(1)},2026-09-10,AM,O"))).json()
    sound = (await an_import(api, a_csv(f"{upn(1)},2026-09-11,AM,O"), query=f"?urn={A}")).json()
    await change(database, f"UPDATE imports SET mapping = 'of an earlier version' WHERE id = '{broken['id']}'")
    job = Importer()

    for _ in range(8):
        await job(database)

    states = [(await api.as_("manager").get(f"/v1/imports/{each['id']}")).json() for each in (broken, sound)]
    assert [each["state"] for each in states] == ["failed", "done"]
    assert states[0]["trouble"] == "The mapping is not TOML."
