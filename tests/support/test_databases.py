"""What tests rely on: each finds its service's database as if it were new."""

import psycopg
import pytest
from sqlalchemy import insert, text

from services.registers.app import SERVICE
from services.registers.tables.schools import schools
from tests.registers.given import A, a_pupil, a_school
from tests.support import service_fixtures, statements

database, tx, api = service_fixtures(SERVICE)

KNOWN = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND reltuples >= 0"
SCHOOL = {"urn": A, "name": "A", "la_code": "881", "establishment_number": "1", "phase": "primary", "stored_by": "test"}


@pytest.fixture
def kept(service_databases):
    return service_databases.of(SERVICE)


async def test_the_planner_forgets_an_analysis_that_was_rolled_back(database, kept):
    async with database.engine.connect() as connection:
        await connection.execute(insert(schools), SCHOOL)
        await connection.execute(text("ANALYZE"))
        await connection.rollback()
    async with database.begin() as tx:
        assert (await tx.execute(text(KNOWN))).scalars().all(), "an analysis outlives its rollback"

    kept.forget_statistics()

    async with database.begin() as tx:
        assert (await tx.execute(text(KNOWN))).scalars().all() == []


async def test_the_space_of_many_rows_is_taken_back(database, kept):
    size = text("SELECT pg_relation_size('schools')")
    async with database.begin() as tx:
        await tx.execute(insert(schools), [{**SCHOOL, "urn": 100_000 + number, "name": "A" * 200} for number in range(1000)])
        assert (await tx.execute(size)).scalar_one() > 9 * 8192

    kept.empty()

    async with database.begin() as tx:
        assert (await tx.execute(size)).scalar_one() == 0


async def test_history_that_nobody_may_delete_is_deleted_and_numbers_begin_again(api, database, kept):
    await a_school(api)
    await a_pupil(api, 1)
    last = text("SELECT max(pg_sequence_last_value(seqrelid)) FROM pg_sequence")
    async with database.begin() as tx:
        assert (await tx.execute(last)).scalar_one()

    kept.empty()

    async with database.begin() as tx:
        assert (await tx.execute(last)).scalar_one() is None
        assert (await tx.execute(text("SELECT count(*) FROM pupils"))).scalar_one() == 0


async def test_a_transaction_that_is_left_open_is_found(database, kept):
    kept._connection.execute("SET lock_timeout = '50ms'")
    try:
        async with database.begin() as tx:
            await tx.execute(insert(schools), SCHOOL)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                kept.empty()
    finally:
        kept._connection.execute("SET lock_timeout = '10s'")


async def test_statements_are_noted_within_the_block_only(database):
    with statements(database) as asked:
        async with database.begin() as tx:
            await tx.execute(text("SELECT 1"))
    async with database.begin() as tx:
        await tx.execute(text("SELECT 2"))

    assert [statement for statement, _ in asked] == ["SELECT 1"]
