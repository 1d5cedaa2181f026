"""A single mark is amended, and nothing is ever lost (SI 2024/208 reg. 6)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.registers.app import SERVICE
from shared.database.migrations import differences
from tests.registers.given import A, B, a_pupil, a_register, a_school, published, the_marks, upn

PATH = f"/v1/schools/{A}/registers/2026-09-10/AM/marks/{upn(1)}"
AMENDMENT = {"code": "I", "reason": "Doctor's letter seen.", "amended_by": {"name": "A. Clerk", "title": "Attendance officer"}}


async def test_an_amendment_names_reason_and_person(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    answer = await api.as_("school", schools=[A]).patch(PATH, AMENDMENT)

    assert answer.status_code == 200
    assert answer.json() == (await the_marks(api))[0]
    original, amended = answer.json()["versions"]
    assert (original["code"], amended["code"], amended["source"]) == ("O", "I", "amendment")
    assert amended["reason"] == "Doctor's letter seen."
    assert original["caller"].startswith("mis")
    assert amended["by"] == {"name": "A. Clerk", "title": "Attendance officer"}
    mark = (await published(database, "session-recorded"))[-1].marks[0]
    assert (mark.code, mark.previous_code, mark.version) == ("I", "O", 2)


async def test_the_same_code_again_is_no_amendment(api):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    answer = await api.as_("school", schools=[A]).patch(PATH, {**AMENDMENT, "code": "O"})

    assert (answer.status_code, answer.json()["version"]) == (200, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "ZZ"},
        {"code": "H"},
        {"code": "\\"},
        {"code": "-"},
        {"reason": " "},
        {"amended_by": {}},
        {"amended_by": {"name": "A. Clerk"}},
    ],
)
async def test_an_amendment_that_is_incomplete_or_impossible_is_refused(api, change):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    answer = await api.as_("school", schools=[A]).patch(PATH, {**AMENDMENT, **change})

    assert answer.status_code == 422
    assert (await the_marks(api))[0]["version"] == 1


async def test_an_amendment_of_a_mark_that_does_not_exist_is_refused(api):
    await a_school(api)
    await a_pupil(api)

    assert (await api.as_("school", schools=[A]).patch(PATH, AMENDMENT)).status_code == 404
    assert (await api.as_("school", schools=[B]).patch(PATH, AMENDMENT)).status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM marks",
        "DELETE FROM mark_versions",
        "UPDATE mark_versions SET code = '/'",
        "UPDATE receipts SET by_name = 'nobody'",
        "DELETE FROM superseded",
        "DELETE FROM pupils_at_schools",
    ],
)
async def test_the_database_itself_refuses_to_lose_evidence(api, database, statement):
    await a_school(api)
    await a_pupil(api)
    await a_pupil(api, surname="Other")
    await a_register(api, (1, "O"))
    await a_register(api, (1, "I"))

    with pytest.raises(DBAPIError):
        async with database.begin() as tx:
            await tx.execute(text(statement))


async def test_an_update_of_a_mark_leaves_the_old_version(api, database):
    await a_school(api)
    await a_pupil(api)
    await a_register(api, (1, "O"))

    async with database.begin() as tx:
        await tx.execute(text("UPDATE marks SET code = '/'"))

    assert [each["code"] for each in (await the_marks(api))[0]["versions"]] == ["O", "/"]


async def test_tables_and_migrations_agree(tx):
    assert await tx.run_sync(lambda session: differences(session, SERVICE.metadata)) == []
