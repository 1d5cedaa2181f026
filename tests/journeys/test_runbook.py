"""Every command of docs/operations.md, run as it stands there: on one product, with the fault that its page speaks of."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg

from shared.settings import SERVICES
from tests.journeys.journey import PUPIL, Journey, unfinished
from tests.journeys.product import Embedded, eventually

ROOT = Path(__file__).parents[2]
PROGRAMS = {"attendance", "curl", "df", "kill", "ls", "ps", "python", "rm", "timedatectl", "ulimit"}
NOT_RUN = {
    "attendance up": "every test of this folder starts the product by it",
    "python -m services.thresholds worker": "goes on until it is stopped; the journeys over Kafka start every worker by it",
    "kill -CONT": "the numbers of the processes follow it; tests/shared/test_frozen_database.py wakes a frozen server by this signal",
    "python -m services.registers migrate": "the journeys over Kafka migrate every service by it",
    "timedatectl": "shows and sets the clock of the machine that the tests run on",
}
"""Commands that are not run here, and why."""
SCHOOL, UPN = 100101, "B881400020401"
"""Whom the commands name."""


def commands() -> list[str]:
    """Return the commands of the runbook in their order: the lines of its blocks, and what its sentences quote of these programs."""
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    found = []
    for block, quoted in re.findall(r"^ *```\n(.*?)^ *```$|`([^`]+)`", text, re.MULTILINE | re.DOTALL):
        found += [line.strip() for line in block.splitlines() if not line.strip().startswith("#")]
        found += [" ".join(quoted.split())] if quoted.split()[:1] and quoted.split()[0] in PROGRAMS else []
    return found


class Runbook:
    """Runs commands in a shell, as an operator does in the folder of the product."""

    def __init__(self, product: Embedded) -> None:
        self.product = product
        self.done: set[str] = set()
        programs = product.folder / "programs"
        programs.mkdir()
        for name, what in {"attendance": "-m attendance", "python": ""}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {what} "$@"\n')
            (programs / name).chmod(0o755)
        self.environment = product.environment | {"PATH": f"{programs}:{os.environ['PATH']}"}

    def run(self, command: str, *, ends_with: int = 0, typed: str = "", **environment: str) -> str:
        """Run a command of the runbook; return what it prints."""
        assert command in commands(), f"the runbook has no {command!r}"
        ended = subprocess.run(
            ["sh", "-c", command], cwd=ROOT, env=self.environment | environment, input=typed, capture_output=True, text=True, check=False
        )
        assert ended.returncode == ends_with, f"{command}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
        self.done.add(command)
        return ended.stdout + ended.stderr

    def store(self, service: str, statement: str) -> None:
        """Bring about a fault in a service's database."""
        with psycopg.connect(self.product.database(service)) as connection:
            connection.execute(statement)


def test_the_commands_of_the_runbook_do_what_its_pages_describe(product: Embedded) -> None:
    journey, runbook = Journey(product), Runbook(product)
    journey.open_school()
    product.ask(
        "PUT", "registers", f"/v1/schools/{SCHOOL}", {"name": "A", "la_code": "881", "establishment_number": "4001", "phase": "primary"}
    )
    product.ask("PUT", "registers", f"/v1/schools/{SCHOOL}/pupils/{UPN}", PUPIL | {"parents": []}, role="mis", school=SCHOOL)
    journey.absence()
    journey.warn()
    at_rest(product)

    for page in (broker_lost, unread, missed_events, old_copy, disk, first_start, slow_database, paused, failed_events, damaged_log):
        page(runbook)

    assert set(commands()) == runbook.done | NOT_RUN.keys()


def at_rest(product: Embedded) -> None:
    eventually(f"every published event is handled: {unfinished(product)}", lambda: not unfinished(product))


def broker_lost(runbook: Runbook) -> None:
    printed = runbook.run('attendance replay --by "Ann Operator" --from 2026-09-07')

    assert all(f"{service}: " in printed for service in SERVICES)
    at_rest(runbook.product)


def unread(runbook: Runbook) -> None:
    product = runbook.product
    seen = "SELECT count(*) FROM topic_readers WHERE reader = 'thresholds' AND topic = 'registers' AND end_offset > 0"
    eventually("a worker has looked at the readers", lambda: product.query("registers", seen) != [(0,)])
    runbook.store(
        "registers",
        """INSERT INTO topic_readers (reader, topic, partition, next_offset, end_offset, unread_since, seen_at)
           SELECT 'tried-once', topic, partition, 0, end_offset, now() - interval '1 hour', now()
           FROM topic_readers WHERE reader = 'thresholds' AND topic = 'registers' AND end_offset > 0""",
    )
    assert "tried-once" in runbook.run("attendance doctor", ends_with=1)

    assert "registers: keeps nothing more for it in" in runbook.run("attendance readers --remove tried-once")

    assert "thresholds" in runbook.run("attendance readers")
    assert "all is well" in runbook.run("attendance doctor")


def missed_events(runbook: Runbook) -> None:
    for command in commands():
        if " --state " in command:
            assert "published again" in runbook.run(command)
    at_rest(runbook.product)


def old_copy(runbook: Runbook) -> None:
    """Where nothing is missing: tests/journeys/test_old_copies.py has databases that went back."""
    for command in commands():
        if command.startswith("attendance recover"):
            assert "has everything that it published" in runbook.run(command)


def disk(runbook: Runbook) -> None:
    data = runbook.environment["ATTENDANCE_DATA"]

    assert "%" in runbook.run('df -h "${ATTENDANCE_DATA:-var}"')
    assert data in runbook.run('ls -ld "${ATTENDANCE_DATA:-var}"')


def first_start(runbook: Runbook) -> None:
    half_made = runbook.product.folder / "half-made"
    (half_made / "postgres").mkdir(parents=True)

    runbook.run('rm -r "${ATTENDANCE_DATA:-var}/postgres"', ATTENDANCE_DATA=str(half_made))

    assert list(half_made.iterdir()) == []


def slow_database(runbook: Runbook) -> None:
    assert str(runbook.product.postmaster()) in runbook.run("ps -o pid,stat,args -C postgres")
    assert runbook.run("ulimit -Hn").strip()


def paused(runbook: Runbook) -> None:
    assert "penalties: due work is done" in runbook.run("attendance resume")
    runbook.store(
        "penalties",
        """INSERT INTO due_work_pause (id, worked_at, cause, paused_at) VALUES (1, now(), 'absence', now())
           ON CONFLICT (id) DO UPDATE SET cause = 'absence', paused_at = now()""",
    )
    assert "penalties: due work is paused" in runbook.run("attendance resume", ends_with=1)

    command = next(each for each in commands() if each.startswith("attendance resume --by"))
    assert "goes on, confirmed by Ann Officer" in runbook.run(command)

    assert "penalties: due work is done" in runbook.run("attendance resume")


def failed_events(runbook: Runbook) -> None:
    runbook.store(
        "thresholds",
        """INSERT INTO dead_letters (consumer, event_id, topic, key, type, body, headers, error, attempts)
           VALUES ('thresholds', gen_random_uuid(), 'registers', 'nobody', 'roll-changed.v1', '{}', '{}', 'A test', 1)""",
    )
    assert "failed again" in runbook.run('attendance replay --by "Ann Operator"', ends_with=1)
    runbook.store("thresholds", "DELETE FROM dead_letters")

    assert "failed again" not in runbook.run('attendance replay --by "Ann Operator"')


def damaged_log(runbook: Runbook) -> None:
    product = runbook.product
    with psycopg.connect(product.database("registers").replace("registers", "log")) as connection:
        connection.execute("DROP TABLE log_events")
    assert "NO" in runbook.run("attendance doctor", ends_with=1)
    assert product.stop() == {"up": 0}

    runbook.run("attendance log reset", typed="y\n")

    product.start()
    at_rest(product)
    assert "all is well" in runbook.run("attendance doctor")
