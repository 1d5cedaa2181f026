"""Data of the version before: cases that a newer run took over stay as they are, and a pupil may have several open ones."""

import shutil
from pathlib import Path

from sqlalchemy import create_engine, text

from services.penalties.app import SERVICE
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import upgrade
from shared.ids import new_id

_CASE = text("""
    INSERT INTO cases (id, pupil_id, run_id, urn, la_code, status, policy, threshold, met_session, opened_on, met_on, window_from, window_to,
                       earliest_time_bar, sessions, counting, counts, findings, holiday)
    VALUES (:id, :pupil, :run, 100401, '881', 'open', 'essex', 'met', 'PM', '2026-09-21', '2026-09-18', '2026-07-13', '2026-09-20',
            '2027-03-14', '[]', '[]', '{}', '[]', false)
""")


def test_a_case_that_two_runs_share_survives_the_upgrade_and_a_second_open_one_may_follow(postgres: EmbeddedPostgres, tmp_path: Path):
    for file in SERVICE.migrations.iterdir():
        if file.is_file() and file.name < "0019":
            shutil.copy(file, tmp_path)
    _, owner = postgres.provide("penalties_of_one_open_case")
    upgrade(owner, tmp_path)
    pupil, case, older, newer = new_id(), new_id(), new_id(), new_id()
    engine = create_engine(owner.replace("+asyncpg", "+psycopg"))
    with engine.begin() as connection:
        connection.execute(_CASE, {"id": case, "pupil": pupil, "run": newer})
        for run in (older, newer):
            values = {"id": run, "pupil": pupil, "case": case}
            connection.execute(text("INSERT INTO runs (id, pupil_id, case_id, revision) VALUES (:id, :pupil, :case, 1)"), values)

    upgrade(owner, SERVICE.migrations)

    with engine.begin() as connection:
        connection.execute(_CASE, {"id": new_id(), "pupil": pupil, "run": new_id()})
        shared = connection.execute(text("SELECT case_id FROM runs ORDER BY id")).scalars().all()
        open_cases = connection.execute(text("SELECT count(*) FROM cases WHERE status = 'open'")).scalar_one()
    engine.dispose()
    assert (shared, open_cases) == ([case, case], 2)
