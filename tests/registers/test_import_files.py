"""The file of an import is deleted when it is no longer needed; what it brought and what was refused stay (UK GDPR article 5(1)(e))."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from services.registers.use_cases.imports.forgetting import delete_files
from shared import clock
from tests.registers.files import a_csv, an_import, given, imported, refused
from tests.registers.given import A, the_marks, upn

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


async def test_what_was_stored_and_what_was_refused_stay(api, database, monkeypatch):
    await given(api, 1)
    done = await imported(api, database, FILE, query=f"?urn={A}")
    report = await refused(api, done["id"])
    days_after(done, 29, monkeypatch)

    await delete_files(database)

    after = (await api.as_("manager").get(f"/v1/imports/{done['id']}")).json()
    assert after == {**done, "file_deleted_on": clock.today().isoformat()}
    assert [line["upn"] for line in report] == [upn(9)]
    assert await refused(api, done["id"]) == report
    assert len(await the_marks(api)) == 1


async def test_an_import_that_has_not_ended_keeps_its_file_however_old(api, database, monkeypatch):
    await given(api, 1)
    await an_import(api, FILE, query=f"?urn={A}")
    monkeypatch.setenv("ATTENDANCE_TODAY", "2099-01-01")

    assert await delete_files(database) == 0
    assert await files(database) == 1
