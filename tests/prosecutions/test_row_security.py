"""A query that forgets whose files it wants gets those of the caller's authority, and an API that forgot whose request it is gets none."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.prosecutions.app import SERVICE
from shared.database import ALL_ROWS, Database, RowVisibility
from tests.prosecutions.examples import an_overdue_notice
from tests.support import deliver
from tests.support.platform import PLATFORM

BOUND = ("files", "steps", "gate_answers", "holds", "notice_states", "mark_changes", "pupils", "former_upns")
OWN, OTHER = RowVisibility(la_code="881"), RowVisibility(la_code="882")
NOBODY = RowVisibility(schools=frozenset({100401}))


async def counted(database, table):
    async with database.begin() as tx:
        return (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


@pytest.fixture
async def files(database):
    """A file of each of two authorities, with a row in every table."""
    for la_code, urn in (("881", 100401), ("882", 100403)):
        event = an_overdue_notice(urn=urn, la_code=la_code)
        await deliver(database, SERVICE, event)
        async with database.begin() as tx:
            for statement in (
                """INSERT INTO gate_answers (id, file_id, gate, answer, reason, answered_by, answered_by_role, answered_on, answered_at)
                   SELECT gen_random_uuid(), id, 'x', 'yes', 'x', 'x', 'aco', '2026-12-16', now() FROM files WHERE pupil_id = :pupil""",
                """INSERT INTO holds (id, file_id, cause, subject, held_on)
                   SELECT gen_random_uuid(), id, 'x', 'x', '2026-12-16' FROM files WHERE pupil_id = :pupil""",
                "INSERT INTO notice_states (notice_id) SELECT notice_id FROM files WHERE pupil_id = :pupil",
                "INSERT INTO mark_changes (pupil_id, urn, date, session, version) VALUES (:pupil, 100401, '2026-09-14', 'AM', 2)",
                f"INSERT INTO pupils (id, upn, revision) VALUES (:pupil, 'A{urn}', 1)",
                f"INSERT INTO former_upns (upn, pupil_id) VALUES ('B{urn}', :pupil)",
            ):
                named = {"pupil": event.pupil_id} if ":pupil" in statement else {}
                await tx.execute(text(statement), named)


async def test_a_row_is_seen_by_its_authority_and_by_nobody_else(database, files):
    silent = Database(database.engine.url.render_as_string(hide_password=False), pooled=False, sees="nothing")
    for table in BOUND:
        own, other, every, school = [await counted(database.visible_to(reach), table) for reach in (OWN, OTHER, ALL_ROWS, NOBODY)]

        assert own, table
        assert (other, every, school) == (own, own * 2, 0), table
        assert await counted(silent, table) == 0
    await silent.dispose()


async def test_a_row_is_written_by_nobody_else(database, files):
    for table in BOUND:
        async with database.visible_to(OWN).begin() as tx:
            row = (await tx.execute(text(f"SELECT to_jsonb({table})::text FROM {table} LIMIT 1"))).scalar_one()
        column = next(iter(json.loads(row)))

        async with database.visible_to(OTHER).begin() as tx:
            own = await counted(database.visible_to(OTHER), table)
            assert (await tx.execute(text(f"UPDATE {table} SET {column} = {column}"))).rowcount == own
        again = text(f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))")
        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.visible_to(OTHER).begin() as tx:
                await tx.execute(again, {"row": row})


async def test_every_table_is_bound_or_named_as_open(database):
    async with database.begin() as tx:
        asked = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
        bound = set((await tx.execute(text(asked))).scalars())

    assert bound == set(BOUND) == set(SERVICE.metadata.tables) - PLATFORM
