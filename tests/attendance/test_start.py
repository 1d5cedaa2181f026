"""How the product starts and stops before the eyes of whoever typed `make run`."""

import asyncio
import io
import os
import signal
import socket
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from rich.console import Console
from sqlalchemy.exc import OperationalError

from attendance import embedded
from attendance.command_line import _until_ended
from attendance.demo.report import print_story
from services.console.responses.cases import Case, File, ImprovementNotice, PenaltyNotice
from shared.settings import SERVICES, settings
from tests.console import responses
from tests.journeys.product import free_base


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setenv("ATTENDANCE_PORT", str(free_base()))
    monkeypatch.setenv("ATTENDANCE_DATA", str(tmp_path))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_console_is_named_first_and_every_line_names_its_service():
    lines: list[str] = []
    done: list[int] = []
    accepts = embedded.ready_lines(lines.append, lambda: done.append(len(lines)))

    for name in ("registers", "thresholds", "console", "penalties", "prosecutions", "notifications"):
        accepts(name)()

    assert [line.split()[2] for line in lines] == ["console", "registers", "thresholds", "penalties", "prosecutions", "notifications"]
    assert all(line == f"ready {settings().service_url(line.split()[2])} {line.split()[2]}" for line in lines)
    assert done == [len(SERVICES) + 1]


def test_a_taken_port_is_named_with_what_to_do():
    with socket.socket() as other:
        other.bind(("127.0.0.1", settings().service_port("penalties")))
        other.listen()

        with pytest.raises(SystemExit) as refused:
            embedded.require_free_ports()

    assert refused.value.code == (
        f"port {settings().port + 3} (penalties) is taken: stop the program that listens there, "
        "or set ATTENDANCE_PORT to the first of eight free ones"
    )
    embedded.require_free_ports()


def ended(*_: object, **__: object) -> None:
    raise OperationalError("SELECT 1", None, psycopg.OperationalError("server closed the connection unexpectedly"))


@pytest.mark.parametrize("times", [1, 2, embedded.ATTEMPTS])
def test_a_database_that_ends_while_it_is_prepared_is_started_again_a_bounded_number_of_times(times: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "ATTEMPT_SECONDS", 0.0)
    monkeypatch.setattr(embedded, "services", lambda: [SimpleNamespace(name="registers", migrations=None)])
    monkeypatch.setenv("ATTENDANCE_DATABASE_URL_REGISTERS", "postgresql+asyncpg://registers@/registers")
    outcomes = [ended] * times
    revived: list[int] = []
    monkeypatch.setattr(embedded, "upgrade", lambda *_, **__: outcomes.pop()() if outcomes else None)

    with pytest.raises(OperationalError) if times == embedded.ATTEMPTS else nullcontext():
        embedded.migrate(lambda _line: None, lambda: revived.append(1))

    assert len(revived) == min(times, embedded.ATTEMPTS - 1)


def test_a_database_that_refuses_a_migration_is_not_asked_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(embedded, "services", lambda: [SimpleNamespace(name="registers", migrations=None)])
    monkeypatch.setenv("ATTENDANCE_DATABASE_URL_REGISTERS", "postgresql+asyncpg://registers@/registers")
    asked: list[int] = []

    def refuse(*_: object, **__: object) -> None:
        asked.append(1)
        raise OperationalError("ALTER TABLE", None, psycopg.errors.LockNotAvailable("canceling statement due to lock timeout"))

    monkeypatch.setattr(embedded, "upgrade", refuse)

    with pytest.raises(OperationalError):
        embedded.migrate(lambda _line: None)

    assert asked == [1]


def test_a_second_start_is_refused_with_what_to_do(tmp_path):
    with embedded.lock_data_folder(tmp_path), pytest.raises(SystemExit) as refused:
        embedded.lock_data_folder(tmp_path)

    assert "already runs" in str(refused.value.code)
    assert "Ctrl-C" in str(refused.value.code)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_closes_what_it_has_open_and_ends_quietly(number: signal.Signals):
    closed = []

    async def play() -> int:
        try:
            os.kill(os.getpid(), number)
            await asyncio.sleep(60)
        finally:
            closed.append(True)
        return 0

    assert asyncio.run(_until_ended(play())) == 130
    assert closed == [True]


async def test_the_story_names_each_parent_and_wraps_between_words():
    notices = [responses.an_improvement_notice(), responses.an_improvement_notice(parent_id=responses.FATHER, status="failed")]
    lists = {
        "case": Case.model_validate(responses.a_case()),
        "improvement_notices": [ImprovementNotice.model_validate(each) for each in notices],
        "penalty_notices": [PenaltyNotice.model_validate(responses.a_penalty_notice())],
        "files": [File.model_validate(responses.a_file())],
    }

    def gives(value):
        async def read():
            return value

        return read

    written = io.StringIO()
    finished: Any = SimpleNamespace(**{name: gives(value) for name, value in lists.items()})
    await print_story(Console(file=written, width=80), finished)

    lines = written.getvalue().splitlines()
    story = " ".join(written.getvalue().split())
    assert "Notice to Improve to Sam Example, received" in story
    assert "Notice to Improve to Alex Example, received" in story
    assert "Penalty notice 881-7K2M-9QXT to Alex Example for 10 sessions" in story
    assert "Draft court file (s.444 Education Act 1996) against Alex Example" in story
    assert "one parent" not in story
    assert all(len(line) <= 80 or "http" in line for line in lines)
