"""The file of an import is deleted when it is no longer needed; what it brought and what was refused stay (UK GDPR article 5(1)(e))."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.registers.imports.use_cases.retention import delete_files, delete_reports
from shared import clock
from tests.registers.files import a_csv, an_import, given, imported, refused
from tests.registers.given import A, a_pupil, the_marks, upn

FILE = a_csv(f"{upn(1)},2026-09-10,AM,O", f"{upn(9)},2026-09-10,AM,O")


async def files(database):
    async with database.begin() as tx:
        return (await tx.execute(text("SELECT count(DISTINCT import_id) FROM import_pieces"))).scalar_one()


def days_after(done, days, monkeypatch):
    ended = clock.civil_date(datetime.fromisoformat(done["ended_at"]))
    monkeypatch.setenv("ATTENDANCE_TODAY", (ended + timedelta(days=days)).isoformat())


@pytest.mark.parametrize(("days", "left"), [(0, 1), (28, 1), (29, 0)])
async def test_a_file_goes_when_four_weeks_after_the_import_are_over(api, database, monkeypatch, days, left):
    await given(api, 1)
    done = await imported(api, database, FILE, query=f"?urn={A}")
    assert done["file_deleted_on"] is None
    days_after(done, days, monkeypatch)

    deleted = await delete_files(database)

    assert (deleted, await files(database)) == (1 - left, left)
    assert await delete_files(database) == 0


async def test_marks_and_the_report_stay_when_the_file_goes(api, database, monkeypatch):
    await given(api, 1)
    done = await imported(api, database, FILE, query=f"?urn={A}")
    report = await refused(api, done["id"])
    days_after(done, 29, monkeypatch)

    await delete_files(database)

    after = (await api.as_("manager").get(f"/v1/imports/{done['id']}")).json()
    assert after == {**done, "file_deleted_on": clock.today().isoformat(), "report_deleted_on": None}
    assert [line["upn"] for line in report] == [upn(9)]
    assert await refused(api, done["id"]) == report
    assert len(await the_marks(api)) == 1


async def test_an_import_that_has_not_ended_keeps_its_file_however_old(api, database, monkeypatch):
    await given(api, 1)
    await an_import(api, FILE, query=f"?urn={A}")
    monkeypatch.setenv("ATTENDANCE_TODAY", "2099-01-01")

    assert await delete_files(database) == 0
    assert await files(database) == 1


@pytest.mark.parametrize(("days", "left"), [(366, [upn(9)]), (367, [])])
async def test_the_report_goes_when_its_year_is_over_and_its_number_stays(api, database, monkeypatch, days, left):
    await given(api, 1)
    done = await imported(api, database, FILE, query=f"?urn={A}")
    days_after(done, days, monkeypatch)

    while await delete_reports(database):
        pass

    after = (await api.as_("manager").get(f"/v1/imports/{done['id']}")).json()
    assert [line["upn"] for line in await refused(api, done["id"])] == left
    assert (after["rejected"], after["report_deleted_on"]) == (1, None if left else clock.today().isoformat())
    assert len(await the_marks(api)) == 1


async def test_a_long_report_is_deleted_in_batches_and_its_quarantined_mark_is_released_all_the_same(api, database, monkeypatch):
    await given(api, 1)
    done = await imported(api, database, a_csv(*(f"{upn(9)},2026-09-{day},AM,O" for day in (10, 11, 14))), query=f"?urn={A}")
    days_after(done, 367, monkeypatch)
    monkeypatch.setattr("services.registers.imports.use_cases.retention.LINES_PER_BATCH", 2)

    rounds = [(await delete_reports(database), len(await refused(api, done["id"]))) for _ in range(3)]

    assert rounds == [(1, 1), (1, 0), (0, 0)]
    assert (await a_pupil(api, 9))["released"] == 3
