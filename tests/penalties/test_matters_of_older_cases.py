"""A database of the version before matters is upgraded: every notice, payment and court file is found in its parent's matter."""

import shutil
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from services.penalties.app import SERVICE
from services.penalties.case_file.repository.matters import matter_rows
from services.penalties.case_file.use_cases.matters import judge_due_matters
from shared.database import Database
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import upgrade
from tests.support.invariants import broken_states

BEFORE = 24
CASE = """
    INSERT INTO cases (id, pupil_id, run_id, urn, la_code, status, policy, threshold, met_session, opened_on, met_on, window_from, window_to,
        earliest_time_bar, sessions, counting, counts, findings, holiday, closed_on, outcome)
    VALUES (%(case)s, %(pupil)s, gen_random_uuid(), 100401, '881', %(status)s, 'essex', 'met', 'PM', '2026-09-21', '2026-09-18', '2026-07-13',
        '2026-09-20', '2027-03-14', '[]', '[]', '{}', '[]', false, %(closed_on)s, %(outcome)s);
    INSERT INTO decisions (id, case_id, decision, parent_ids, reason, decided_on, decided_at, decided_by, decided_by_role, decided_by_subject)
    VALUES (%(case)s, %(case)s, 'penalty-notice', %(parents)s, 'r', '2026-11-16', '2026-11-16', 'A', 'school', 's');
    INSERT INTO agreements (id, case_id, agreed, recommendation, parent_ids, reason, agreed_on, agreed_at, agreed_by, agreed_by_role, agreed_by_subject)
    VALUES (%(case)s, %(case)s, true, 'penalty-notice', %(parents)s, 'r', '2026-11-16', '2026-11-16', 'A', 'aco', 's')
"""
NOTICE = """
    INSERT INTO penalty_notices (id, case_id, pupil_id, parent_id, urn, la_code, status, issued_by, issued_by_role, sessions, findings, issued_on,
        issued_at, reference, decision_id, agreement_id, kind, main_reason, tier, offence_from, offence_to, early_pence, full_pence,
        planned_received_on, planned_early_deadline, planned_final_deadline, paid_pence, paid_on)
    VALUES (gen_random_uuid(), %(case)s, %(pupil)s, %(parent)s, 100401, '881', %(status)s, 'A', 'aco', '[]', '[]', '2026-11-16', '2026-11-17',
        gen_random_uuid(), %(case)s, %(case)s, 'penalty-notice', 'other', 'first', '2026-09-14', '2026-09-18', 8000, 16000, '2026-11-18',
        '2026-12-08', '2026-12-15', %(paid)s, %(paid_on)s)
"""
FILE = """
    INSERT INTO court_files (id, case_id, pupil_id, parent_id, notice_ids, charged_sessions, status)
    VALUES (gen_random_uuid(), %(case)s, %(pupil)s, %(parent)s, '{}', '[]', 'charged')
"""


@pytest.fixture
def older(postgres: EmbeddedPostgres, tmp_path: Path) -> tuple[str, psycopg.Connection[tuple[object, ...]], str]:
    """A database of the version before, its login's address, and its owner's."""
    login, owner = postgres.provide("penalties_before_matters")
    folder = tmp_path / "migrations"
    shutil.copytree(SERVICE.migrations, folder)
    for path in folder.glob("[0-9]*.py"):
        if int(path.stem[:4]) > BEFORE:
            path.unlink()
    upgrade(owner, folder)
    return login, psycopg.connect(owner.replace("+asyncpg", ""), autocommit=True), owner


async def test_every_notice_payment_and_file_of_an_older_case_is_found_in_its_matter(older, monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-08")
    login, connection, owner = older
    going_on, closed = uuid4(), uuid4()
    mother, father, other = uuid4(), uuid4(), uuid4()
    people = [mother, father, other]
    with connection:
        for case, status, closed_on, outcome in ((going_on, "open", None, None), (closed, "closed", "2026-12-01", "paid")):
            row = {"case": case, "pupil": case, "status": status, "closed_on": closed_on, "outcome": outcome, "parents": people}
            for statement in CASE.split(";"):
                connection.execute(statement, row)
            paid = {"case": case, "pupil": case, "parent": mother, "status": "paid", "paid": 8000, "paid_on": "2026-12-01"}
            connection.execute(NOTICE, paid)
        connection.execute(NOTICE, {"case": going_on, "pupil": going_on, "parent": father, "status": "issued", "paid": 0, "paid_on": None})
        connection.execute(FILE, {"case": going_on, "pupil": going_on, "parent": other})

    upgrade(owner, SERVICE.migrations)
    database = Database(login)
    while await judge_due_matters(database):
        pass

    assert await stored(database, going_on) == {mother: ("ended", "paid"), father: ("penalty-notice", None), other: ("prosecution", None)}
    assert await stored(database, closed) == {mother: ("ended", "paid"), father: ("ended", "no-action"), other: ("ended", "no-action")}
    assert await broken_states(database, SERVICE) == set()
    await database.dispose()


async def stored(database: Database, case_id: UUID) -> dict[UUID, tuple[str, str | None]]:
    async with database.begin() as tx:
        return {row.parent_id: (row.stage, row.outcome) for row in await matter_rows(tx, case_id)}
