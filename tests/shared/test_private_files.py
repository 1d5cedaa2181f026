"""What other users of the machine may do with the product's folders: nothing."""

import os
import signal
import stat
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from attendance.embedded import lock_data_folder
from attendance.standins import notify, pay
from shared.database import Database
from shared.database.embedded import EmbeddedPostgres
from shared.private_files import close_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a data folder of a time when everybody could read it."""
    made = tmp_path / "var"
    (made / "stand-ins").mkdir(parents=True)
    for name in ("notify.sqlite3", "payments.sqlite3"):
        (made / "stand-ins" / name).touch(0o644)
    for each in (made, made / "stand-ins"):
        each.chmod(0o755)
    return made


def test_the_data_folder_is_closed_to_others_whether_or_not_it_existed(folder: Path, tmp_path: Path):
    for each in (folder, tmp_path / "new"):
        lock_data_folder(each).close()

        assert mode(each) == 0o700


def test_letters_and_payments_of_the_stand_ins_are_closed_to_others(folder: Path):
    notify.create(folder / "stand-ins", "stand-in-00000000-0000-4000-8000-000000000000-00000000-0000-4000-8000-000000000000")
    pay.create(folder / "stand-ins", "http://127.0.0.1:1", "secret")

    assert mode(folder / "stand-ins") == 0o700
    assert {mode(each) for each in (folder / "stand-ins").iterdir()} == {0o600}


async def test_the_database_server_works_in_a_closed_folder(postgres: EmbeddedPostgres):
    close_folder(postgres.folder.parent, passable_for_owner_of=postgres.folder)

    database = Database(postgres.url("postgres", "postgres"), pooled=False)
    async with database.begin() as tx:
        await tx.execute(text("CREATE TABLE written (id integer)"))
        await tx.execute(text("DROP TABLE written"))
    assert mode(postgres.folder.parent) & 0o067 == 0


def test_a_killed_database_server_starts_again_in_a_closed_folder(folder: Path):
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        close_folder(folder, passable_for_owner_of=server.folder)
        os.kill(server.pid(), signal.SIGKILL)

        end = time.monotonic() + 30
        while not server.revive():  # it is still ending
            assert time.monotonic() < end
        assert mode(folder) & 0o067 == 0
    finally:
        server.stop()
