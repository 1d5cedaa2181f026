"""Data of the version before: which runs may go on after the upgrade."""

import shutil
from pathlib import Path

from sqlalchemy import create_engine, text

from services.thresholds.app import SERVICE
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import upgrade
from shared.ids import new_id


def test_only_the_newest_run_of_a_record_may_go_on_after_the_upgrade(postgres: EmbeddedPostgres, tmp_path: Path):
    for file in SERVICE.migrations.iterdir():
        if file.is_file() and file.name < "0011":
            shutil.copy(file, tmp_path)
    _, owner = postgres.provide("thresholds_of_one_open_case")
    upgrade(owner, tmp_path)
    pupil, older, newer, case = new_id(), new_id(), new_id(), new_id()
    step = text("INSERT INTO run_steps (run_id, revision, pupil_id, step, judgement) VALUES (:run, :revision, :pupil, :step, '{}')")
    engine = create_engine(owner.replace("+asyncpg", "+psycopg"))
    with engine.begin() as connection:
        for run, revision, kind in ((older, 1, "met"), (older, 2, "spent"), (newer, 1, "met")):
            connection.execute(step, {"run": run, "revision": revision, "pupil": pupil, "step": kind})
        closed = "INSERT INTO closed_cases (case_id, run_id, pupil_id, closed_on) VALUES (:case, :run, :pupil, '2026-10-12')"
        connection.execute(text(closed), {"case": case, "run": older, "pupil": pupil})

    upgrade(owner, SERVICE.migrations)

    with engine.connect() as connection:
        steps = connection.execute(text("SELECT run_id, revision, step FROM run_steps ORDER BY run_id, revision")).all()
        kept = connection.execute(text("SELECT kept FROM closed_cases")).scalar_one()
    engine.dispose()
    assert [tuple(each) for each in steps] == [(older, 1, "met"), (older, 2, "spent"), (older, 3, "closed"), (newer, 1, "met")]
    assert kept == []
