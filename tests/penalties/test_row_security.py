"""A query that forgets whose rows it wants gets the caller's, and an API that forgot whose request it is gets none."""

import json
from datetime import date
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.penalties.app import SERVICE
from shared.database import ALL_ROWS, Database, RowVisibility, all_rows_visible
from tests.access.matrix import AREAS, ELSEWHERE, NEIGHBOUR, OWN
from tests.access.test_penalties import UPNS, a_case
from tests.penalties.chain import Chain
from tests.support.platform import PLATFORM

TODAY = date(2026, 9, 21)
WITH_SCHOOL = ("cases", "improvement_notices", "penalty_notices", "support_entries", "rolls", "pupil_parents", "marks")
THROUGH = (
    "decisions",
    "agreements",
    "holds",
    "court_files",
    "matters",
    "case_reviews",
    "support_versions",
    "support_steps",
    "support_attachments",
    "case_leads",
    "support_pieces",
    "runs",
    "payments",
    "refunds",
    "payment_messages",
    "pupils",
    "former_upns",
)
BOUND = (*WITH_SCHOOL, *THROUGH)
OPEN = {"calendars", "successions"}


def school(*urns, role="school"):
    return RowVisibility(schools=frozenset(urns), role=role, today=TODAY)


def area(la_code):
    return RowVisibility(la_code=la_code, role="aco", today=TODAY)


ELSEWHERES = {"another school": school(100499), "another authority": area("935"), "nobody": school()}


async def seen(database, table, column="urn"):
    async with database.begin() as tx:
        return set((await tx.execute(text(f"SELECT {column} FROM {table}"))).scalars())


async def counted(database, table):
    async with database.begin() as tx:
        return (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def execute(database, statement, **values):
    async with database.begin() as tx:
        return await tx.execute(text(statement), values)


@pytest.fixture
async def chains(database, api, registers, today):
    """A pupil at each of three schools, with a case and a row in every table."""
    today(TODAY.isoformat())
    made = {urn: Chain(database, api) for urn in AREAS}
    for urn, la_code in AREAS.items():
        case, _, fined = await a_case(made[urn], urn, la_code)
        rows = {
            "case": case,
            "notice": fined,
            "pupil": str(made[urn].pupil),
            "parent": made[urn].ids()[1],
            "urn": urn,
            "provider": f"pay{urn}",
        }
        for statement in (
            """INSERT INTO payments (id, notice_id, provider_payment_id, amount_pence, state, return_url, created_on, created_at, next_attempt_at)
               VALUES (gen_random_uuid(), CAST(:notice AS uuid), :provider, 8000, 'open', '', '2026-09-21', now(), now())""",
            """INSERT INTO payment_messages (id, provider_payment_id, event_type, counted_on, raw, received_at, next_attempt_at)
               VALUES (:provider, :provider, 'x', '2026-09-21', '', now(), now())""",
            "INSERT INTO refunds (id, notice_id, amount_pence, cause, due_on) VALUES (gen_random_uuid(), CAST(:notice AS uuid), 1, 'x', '2026-09-21')",
            """INSERT INTO holds (id, case_id, about, about_kind, cause, subject, change, held_on)
               VALUES (gen_random_uuid(), CAST(:case AS uuid), CAST(:notice AS uuid), 'x', 'letter-returned', 'x',
                       '{"letter_id": "0198c2a0-0000-7000-8000-000000000009", "returned_on": "2026-09-21", "proof_id": null}', '2026-09-21')""",
            """INSERT INTO court_files (id, case_id, pupil_id, parent_id, notice_ids, charged_sessions, status)
               VALUES (gen_random_uuid(), CAST(:case AS uuid), CAST(:pupil AS uuid), CAST(:parent AS uuid), '{}', '[]', 'opened')""",
            "INSERT INTO marks (pupil_id, date, session, urn, code, version) VALUES (CAST(:pupil AS uuid), '2026-09-14', 'AM', :urn, 'I', 2)",
            """INSERT INTO support_steps SELECT gen_random_uuid(), id, 'accepted', '2026-09-21', 'x', 'x', 'x', 'x', now() FROM support_entries
               WHERE urn = :urn""",
            """INSERT INTO case_leads (id, case_id, name, office, recorded_by, recorded_by_role, recorded_by_subject, since, recorded_at)
               VALUES (gen_random_uuid(), CAST(:case AS uuid), 'x', 'x', 'x', 'x', 'x', '2026-09-21', now())""",
            """INSERT INTO support_attachments SELECT id, 1, 1, 'x', 'application/pdf', 'x', 'x', 'x', 1, '', now() FROM support_entries
               WHERE urn = :urn""",
            "INSERT INTO support_pieces SELECT id, 1, 0, 'x' FROM support_entries WHERE urn = :urn",
            "INSERT INTO former_upns (upn, pupil_id) VALUES (:provider, CAST(:pupil AS uuid))",
        ):
            named = {name: value for name, value in rows.items() if f":{name}" in statement}
            await execute(database, statement, **named)
    return made


async def test_a_query_without_a_where_returns_what_the_caller_may_see(database, chains):
    for table in WITH_SCHOOL:
        assert await seen(database.visible_to(school(OWN)), table) == {OWN}
        assert await seen(database.visible_to(school(OWN, role="accredited")), table) == {OWN}
        assert await seen(database.visible_to(school()), table) == set()
        assert await seen(database.visible_to(area("881")), table) == {OWN, NEIGHBOUR}
        assert await seen(database.visible_to(ALL_ROWS), table) == {OWN, NEIGHBOUR, ELSEWHERE}


async def test_a_row_is_seen_by_its_school_and_its_authority_and_by_nobody_else(database, chains):
    for table in BOUND:
        own, of_area, every = [await counted(database.visible_to(reach), table) for reach in (school(OWN), area("881"), ALL_ROWS)]

        assert own, table
        assert (of_area, every) == (own * 2, own * 3), table
        assert [await counted(database.visible_to(reach), table) for reach in ELSEWHERES.values()] == [0, 0, 0], table


async def test_an_api_sees_nothing_until_it_sets_whose_request_it_handles(database, chains):
    silent = Database(database.engine.url.render_as_string(hide_password=False), pooled=False, sees="nothing")

    for table in BOUND:
        assert await counted(silent, table) == 0
        assert await counted(silent.visible_to(school(OWN)), table)
    await silent.dispose()


async def test_a_row_is_written_by_nobody_else(database, chains):
    for table, visibility in product(BOUND, ELSEWHERES.values()):
        other = database.visible_to(visibility)
        async with database.begin() as tx:
            row = (await tx.execute(text(f"SELECT to_jsonb({table})::text FROM {table} LIMIT 1"))).scalar_one()
        column = next(iter(json.loads(row)))

        async with other.begin() as tx:
            assert (await tx.execute(text(f"DELETE FROM {table}"))).rowcount == 0, (table, visibility)
            assert (await tx.execute(text(f"UPDATE {table} SET {column} = {column}"))).rowcount == 0, (table, visibility)
        with pytest.raises(DBAPIError, match="row-level security"):
            await execute(other, f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))", row=row)


async def test_every_table_is_bound_or_named_as_open(database):
    asked = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"

    assert set((await execute(database, asked)).scalars()) == set(SERVICE.metadata.tables) - OPEN - PLATFORM


async def test_a_pupil_s_present_school_sees_the_case_that_another_school_opened(database, chains):
    mover = chains[ELSEWHERE]
    spells = (ELSEWHERE, "2025-09-01", "2026-09-18"), (OWN, "2026-09-19", None)
    await mover.deliver(mover.roll(*spells, la_code="881", upn=UPNS[ELSEWHERE], revision=2))

    assert await seen(database.visible_to(school(OWN)), "cases") == {OWN, ELSEWHERE}
    assert await seen(database.visible_to(RowVisibility(frozenset({OWN}), role="school", today=date(2026, 9, 18))), "cases") == {OWN}


async def test_an_accredited_person_sees_nothing_of_a_case_that_is_not_referred_any_more(database, chains):
    await execute(database, "UPDATE agreements SET refer_to = NULL")

    for table in ("cases", "decisions", "agreements", "penalty_notices", "improvement_notices", "payments", "holds"):
        assert await counted(database.visible_to(school(OWN, role="accredited")), table) == 0


async def test_a_payment_that_is_none_of_ours_is_seen_by_officers_and_by_no_school(database, chains):
    await execute(database, "UPDATE payment_messages SET provider_payment_id = 'stray' WHERE id = 'pay100403'")

    assert await seen(database.visible_to(area("881")), "payment_messages", "id") == {"pay100401", "pay100402", "pay100403"}
    assert await seen(database.visible_to(school(OWN)), "payment_messages", "id") == {"pay100401"}


async def test_a_look_across_schools_ends_with_its_block(database, chains):
    async with database.visible_to(school(OWN)).begin() as tx:
        async with all_rows_visible(tx):
            assert (await tx.execute(text("SELECT count(*) FROM cases"))).scalar_one() == 3
        assert (await tx.execute(text("SELECT count(*) FROM cases"))).scalar_one() == 1
