"""A full disk and a folder without rights: one line at the start, a plain answer while running, and work that goes on by itself."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import asyncpg
import httpx2
import pytest
from sqlalchemy import MetaData, text

from shared.database import Database, disk
from shared.database.embedded import CannotStart, EmbeddedPostgres
from shared.database.errors import is_transient, unavailable
from shared.http.app import create_app
from shared.problems import DiskFull
from shared.service import Service

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk, and becomes another user")


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """Give a disk of 250 MB."""
    with TemporaryDirectory(prefix="attendance-disk-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=250m,mode=755", "tmpfs", name], check=False, capture_output=True)
        if mounted.returncode:
            pytest.skip("no disk can be mounted here")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


@as_root
def test_a_first_start_with_too_little_room_ends_with_a_line_and_makes_nothing(small_disk: Path) -> None:
    with pytest.raises(CannotStart, match=r"MB free, and 400 MB are needed: make room there, or set ATTENDANCE_DATA"):
        EmbeddedPostgres(small_disk / "var" / "postgres").start()

    assert not list(small_disk.glob("var/postgres*/*"))


@as_root
async def test_a_database_whose_disk_is_full_answers_so_loses_nothing_and_goes_on_when_there_is_room(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "FIRST_ROOM", 100 * disk.MEGABYTE)
    server = EmbeddedPostgres(small_disk / "postgres")
    server.start()
    login, owner = server.provide("things")
    making = Database(owner, pooled=False)
    async with making.begin() as tx:
        await tx.execute(text("CREATE TABLE things (size text)"))
    database = Database(login)
    store = text("INSERT INTO things SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 30000) GROUP BY random() < :one")
    async with database.begin() as tx:
        await tx.execute(text("INSERT INTO things VALUES ('acknowledged')"))
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - disk.MEGABYTE)
    refused: Exception | None = None
    while refused is None:
        try:
            async with database.begin() as tx:
                await tx.execute(store, {"one": 2})
        except Exception as error:  # noqa: BLE001 -- looked at below
            refused = error
    assert is_transient(refused)
    assert unavailable(refused).status == 503
    with pytest.raises(CannotStart, match="64 MB are needed"):
        EmbeddedPostgres(server.folder)._start()

    filler.unlink()
    server.revive()

    while True:
        try:
            async with database.begin() as tx:
                await tx.execute(store, {"one": 2})
                count = (await tx.execute(text("SELECT count(*) FROM things WHERE size = 'acknowledged'"))).scalar()
            break
        except Exception as error:
            if not is_transient(error):
                raise
            server.revive()
    await database.dispose()
    await making.dispose()
    server.stop()
    assert count == 1


def test_the_answer_to_a_request_without_room_names_what_stays_and_when_to_send_it_again() -> None:
    answer = unavailable(asyncpg.DiskFullError("could not extend file"))

    assert isinstance(answer, DiskFull)
    assert answer.headers == {"Retry-After": "60"}
    assert answer.body() == {
        "type": "/problems/disk-full",
        "title": "The disk of the database is full",
        "status": 503,
        "detail": "Nothing of this was stored, and what was stored before stays. Send it again when operations have made room.",
    }


async def test_a_service_without_room_is_not_ready_and_names_why(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(postgres.provide("roomless")[0])
    app = create_app(Service("roomless", "Roomless", "Has no room", MetaData(), Path(), []), database)
    monkeypatch.setattr(disk, "_watched", [postgres.folder])
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://roomless")
    async with http:
        unmigrated = await http.get("/health/ready")
        with pytest.raises(asyncpg.DiskFullError):
            async with database.begin():
                raise asyncpg.DiskFullError("could not extend file")
        noticed = await http.get("/health/ready")
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=5 * disk.MEGABYTE))
        full = await http.get("/health/ready")
    await database.dispose()

    assert unmigrated.json()["title"] == "The database does not answer or is not migrated"
    assert [each.json()["title"] for each in (noticed, full)] == ["The disk of the database is full"] * 2
    assert "no room" in noticed.json()["detail"]
    assert "5 MB left" in full.json()["detail"]


@as_root
def test_a_data_folder_without_rights_ends_the_start_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    for parent in [tmp_path, *tmp_path.parents][:-2]:
        parent.chmod(parent.stat().st_mode | 0o055)
    start = (
        "import os, sys; from pathlib import Path; from attendance import embedded; os.setgid(65534); os.setuid(65534)\n"
        "embedded.lock_data_folder(Path(sys.argv[1]))"
    )

    for folder in ("closed", "closed/var"):
        ended = subprocess.run(
            [sys.executable, "-c", start, str(tmp_path / folder)], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
        )

        assert ended.returncode == 1
        assert ended.stderr.splitlines() == [
            f"{tmp_path / folder} is closed to the user nobody: give that user the right to write there, or set ATTENDANCE_DATA to another folder"
        ]


def test_a_data_folder_that_is_a_file_ends_the_start_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")

    with pytest.raises(CannotStart, match="var cannot be used"):
        EmbeddedPostgres(tmp_path / "var" / "postgres").start()
