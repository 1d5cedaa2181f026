"""A query that forgets to say whose rows it wants gets the caller's, and an API that forgot to say whose request it is gets none."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.registers.app import SERVICE
from shared.database import ALL_ROWS, Database, RowVisibility, all_rows_visible
from tests.registers.files import a_csv, imported
from tests.registers.given import A, B, C, a_parent, a_pupil, a_register, a_school, the_marks, upn
from tests.registers.test_policies import a_policy, continues
from tests.support.platform import PLATFORM

MARKS = ("marks", "mark_versions", "receipts", "quarantine")
OF_SCHOOLS = (
    "pupils_at_schools",
    "roll_spells",
    "contacts",
    "pupil_parents",
    "leave_requests",
    "unresolved_marks",
    "attendance_policies",
    "sickness_answers",
    "releases",
)
THROUGH = (
    "pupils", "upns", "upn_changes", "pupil_differences", "difference_decisions", "merger_proposals", "parents", "parent_matches", "match_undoings", "imports",
    "import_pieces", "import_refusals",
)  # fmt: skip
BOUND = (*MARKS, *OF_SCHOOLS, *THROUGH)
OPEN = {"schools", "calendars", "successions"}
ELSEWHERE = {
    "another school": RowVisibility(schools=frozenset({C})),
    "another authority": RowVisibility(la_code="882"),
    "nobody": RowVisibility(schools=frozenset()),
}


@pytest.fixture
async def three_schools(api):
    """Each with an amended mark and one in quarantine; the third in another authority."""
    for urn, number, la_code in ((A, 1, "881"), (B, 2, "881"), (C, 3, "882")):
        await a_school(api, urn, la_code=la_code)
        await a_pupil(api, number, urn)
        await a_register(api, (number, "O"), (9, "O"), urn=urn)
        await a_register(api, (number, "I"), urn=urn)


async def execute(database, statement, **values):
    async with database.begin() as tx:
        return await tx.execute(text(statement), values)


async def counted(database, table):
    async with database.begin() as tx:
        return (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()


async def seen(database, table):
    async with database.begin() as tx:
        return set((await tx.execute(text(f"SELECT urn FROM {table}"))).scalars())


async def test_a_query_without_a_where_returns_what_the_caller_may_see(database, three_schools):
    for table in MARKS:
        assert await seen(database.visible_to(RowVisibility(schools=frozenset({A}))), table) == {A}, table
        assert await seen(database.visible_to(RowVisibility(schools=frozenset())), table) == set(), table
        assert await seen(database.visible_to(RowVisibility(la_code="881")), table) == {A, B}, table
        assert await seen(database.visible_to(ALL_ROWS), table) == {A, B, C}, table


async def test_an_api_sees_nothing_until_it_sets_whose_request_it_handles(database, three_schools):
    silent = Database(database.engine.url.render_as_string(hide_password=False), pooled=False, sees="nothing")

    for table in MARKS:
        assert await seen(silent, table) == set(), table
        assert await seen(silent.visible_to(RowVisibility(schools=frozenset({B}))), table) == {B}, table
        assert await seen(silent, table) == set(), table
    await silent.dispose()


@pytest.fixture
async def a_whole_school(api, database):
    """School A with a row in every table; C, of another authority, has none but its own."""
    home = {"email": "pat@example.org"}
    for urn, la_code in ((A, "881"), (B, "881"), (C, "882")):
        await a_school(api, urn, la_code=la_code)
    pupil = await a_pupil(api, 1, A, parents=[a_parent("C1", **home)])
    await a_pupil(api, 2, A, parents=[a_parent("C2", **home)])
    await a_register(api, (1, "O"), (2, "N"), (9, "O"), urn=A)
    await a_register(api, (1, "I"), urn=A)
    office, officer = api.as_("school", name="K. Clerk", schools=[A]), api.as_("aco", name="Ann Officer")
    for answer in (
        await office.put(f"/v1/schools/{A}/attendance-policies/2026-09-01", a_policy()),
        await office.post(
            "/v1/leave-requests",
            {"upn": upn(1), "urn": A, "parent_ref": "C1", "reason": "A wedding.", "from": "2027-09-06", "to": "2027-09-07"},
        ),
        await office.post(f"/v1/pupils/{upn(2)}/upn-changes", {"new_upn": upn(20), "reason": "It was wrong."}),
    ):
        assert answer.status_code in {200, 201}, answer.text
    (match,) = (await officer.get("/v1/parent-matches")).json()["items"]
    for path, body in (("", {"same": True}), ("/undo", {})):
        answer = await officer.post(f"/v1/parent-matches/{match['id']}{path}", {"reason": "Said so.", **body})
        assert answer.status_code in {200, 201}, answer.text
    await a_pupil(api, 20, B, surname="Stranger")
    narrowed = api.as_("aco", name="Ann Officer", la_code="881")
    assert (await narrowed.post("/v1/pupil-mergers", {"upns": [upn(1), upn(30)], "reason": "One child."})).status_code == 201
    (difference,) = (await officer.get("/v1/pupil-differences")).json()["items"]
    decision = {"counts": A, "claims": [{"urn": B, "same_child": False}], "reason": "Another child."}
    assert (await officer.post(f"/v1/pupil-differences/{difference['id']}", decision)).status_code == 200
    lines = a_csv(f"{B},{upn(1)},2026-09-11,AM,O", titles="URN,UPN,Date,Session,Code")
    await imported(api, database, lines, role="mis", schools=[A])
    answered = """INSERT INTO sickness_answers (pupil_id, date, urn, version, session, caller, answered_by, reason, turned_away, answered_at)
                  VALUES (:pupil_id, '2026-09-10', :urn, 1, 'AM', 'x', 'x', 'x', true, now())"""
    await execute(database, answered, urn=A, pupil_id=pupil["id"])
    await execute(database, "INSERT INTO releases (urn, pupil_id, caller) VALUES (:urn, :pupil_id, 'test')", urn=A, pupil_id=pupil["id"])
    return pupil


async def test_a_row_is_seen_by_its_school_and_its_authority_and_by_nobody_else(database, a_whole_school):
    for table in BOUND:
        for reach in (RowVisibility(schools=frozenset({A})), RowVisibility(la_code="881"), ALL_ROWS):
            assert await counted(database.visible_to(reach), table), (table, reach)
        for reach in ELSEWHERE.values():
            assert await counted(database.visible_to(reach), table) == 0, (table, reach)


async def test_a_row_is_written_by_nobody_else(database, a_whole_school):
    for table in (*BOUND, "superseded"):
        await is_written_by_nobody_else(database, table)


async def is_written_by_nobody_else(database, table):
    async with database.begin() as tx:
        row = (await tx.execute(text(f"SELECT to_jsonb({table})::text FROM {table} LIMIT 1"))).scalar_one()
        column = (
            await tx.execute(text(f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum = 2"))
        ).scalar_one()
    again = f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
    for elsewhere, visibility in ELSEWHERE.items():
        other = database.visible_to(visibility)
        async with other.begin() as tx:
            assert (await tx.execute(text(f"DELETE FROM {table}"))).rowcount == 0, (table, elsewhere)
            assert (await tx.execute(text(f"UPDATE {table} SET {column} = {column}"))).rowcount == 0, (table, elsewhere)
        with pytest.raises(DBAPIError, match="row-level security"):
            await execute(other, again, row=row)


async def test_no_request_reads_what_was_replaced(database, a_whole_school):
    assert await counted(database, "superseded")
    assert await counted(database.visible_to(RowVisibility(schools=frozenset({A}))), "superseded") == 0


async def test_every_table_is_bound_or_named_as_open(database):
    async with database.begin() as tx:
        bound = set(
            (
                await tx.execute(
                    text(
                        "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace AND NOT relispartition"
                    )
                )
            ).scalars()
        )

    assert bound == set(SERVICE.metadata.tables) - OPEN - PLATFORM


async def test_a_school_that_continues_another_sees_its_pupils(api, database, a_whole_school):
    assert (await continues(api, C, A)).status_code == 201

    for table in ("pupils", "pupils_at_schools", "contacts", "leave_requests"):
        assert await counted(database.visible_to(RowVisibility(schools=frozenset({C}))), table)


async def test_a_school_s_look_across_schools_ends_with_it(api, database, a_whole_school):
    async with database.visible_to(RowVisibility(schools=frozenset({C}))).begin() as tx:
        async with all_rows_visible(tx):
            assert (await tx.execute(text("SELECT count(*) FROM pupils"))).scalar_one() == 2
        assert (await tx.execute(text("SELECT count(*) FROM pupils"))).scalar_one() == 0


async def test_a_partition_by_itself_shows_nothing(database, three_schools):
    assert await seen(database, "marks_y2026m09") == set()
    assert await seen(database, "mark_versions_y2026m09") == set()


async def test_two_rolls_overlap_although_neither_school_sees_the_other_s_marks(api, database):
    await a_school(api, A)
    await a_school(api, B)
    await a_pupil(api, 1, A)
    await a_register(api, (1, "O"), urn=A)

    await a_pupil(api, 1, B)

    async with database.begin() as tx:
        published = (
            (await tx.execute(text("SELECT convert_from(body, 'UTF8')::jsonb FROM outbox WHERE type LIKE 'session-recorded.%'")))
            .scalars()
            .all()
        )
    assert [(event["school"], event["marks"][0]["dual"]) for event in published[1:]] == [(A, True)]
    assert [mark["urn"] for mark in await the_marks(api, 1, role="mis", schools=[B])] == []
