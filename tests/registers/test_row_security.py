"""A query that forgets to say whose rows it wants gets the caller's, and an API that forgot to say whose request it is gets none."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import EVERYTHING, Database, Reach
from tests.registers.given import A, B, C, a_pupil, a_register, a_school, the_marks

TABLES = ("marks", "mark_versions", "receipts", "quarantine")


@pytest.fixture
async def three_schools(api):
    """Each with an amended mark and one in quarantine; the third in another authority."""
    for urn, number, la_code in ((A, 1, "881"), (B, 2, "881"), (C, 3, "882")):
        await a_school(api, urn, la_code=la_code)
        await a_pupil(api, number, urn)
        await a_register(api, (number, "O"), (9, "O"), urn=urn)
        await a_register(api, (number, "I"), urn=urn)


async def seen(database, table):
    async with database.begin() as tx:
        return set((await tx.execute(text(f"SELECT urn FROM {table}"))).scalars())


@pytest.mark.parametrize("table", TABLES)
async def test_a_query_without_a_where_returns_what_the_caller_may_see(database, three_schools, table):
    assert await seen(database.reaching(Reach(schools=frozenset({A}))), table) == {A}
    assert await seen(database.reaching(Reach(schools=frozenset())), table) == set()
    assert await seen(database.reaching(Reach(la_code="881")), table) == {A, B}
    assert await seen(database.reaching(EVERYTHING), table) == {A, B, C}


@pytest.mark.parametrize("table", TABLES)
async def test_an_api_sees_nothing_until_it_says_whose_request_it_is(database, three_schools, table):
    silent = Database(database.engine.url.render_as_string(hide_password=False), pooled=False, sees="nothing")

    assert await seen(silent, table) == set()
    assert await seen(silent.reaching(Reach(schools=frozenset({B}))), table) == {B}
    assert await seen(silent, table) == set()
    await silent.dispose()


async def test_nobody_writes_a_mark_of_a_school_that_is_not_theirs(database, three_schools):
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.reaching(Reach(schools=frozenset({A}))).begin() as tx:
            await tx.execute(
                text(
                    "INSERT INTO receipts (urn, revision, date, session, source, caller) VALUES (:urn, 99, '2026-09-10', 'AM', 'register', 'x')"
                ),
                {"urn": B},
            )


async def test_a_partition_by_itself_shows_nothing(database, three_schools):
    assert await seen(database, "marks_y2026m09") == set()
    assert await seen(database, "mark_versions_y2026m09") == set()


async def test_two_rolls_are_told_of_each_other_although_neither_school_sees_the_other_s_marks(api, database):
    await a_school(api, A)
    await a_school(api, B)
    await a_pupil(api, 1, A)
    await a_register(api, (1, "O"), urn=A)

    await a_pupil(api, 1, B)

    async with database.begin() as tx:
        said = (
            (await tx.execute(text("SELECT convert_from(body, 'UTF8')::jsonb FROM outbox WHERE type = 'session-recorded.v1'")))
            .scalars()
            .all()
        )
    assert [(event["school"], event["marks"][0]["dual"]) for event in said[1:]] == [(A, True)]
    assert [mark["urn"] for mark in await the_marks(api, 1, role="mis", schools=[B])] == []
