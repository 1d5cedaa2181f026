"""The processes under measurement: PostgreSQL, Kafka, the product; their CPU, their memory."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil
import psycopg

from shared.database.embedded import EmbeddedPostgres
from tests.journeys.product import free_base

KEY = "benchmark-only-key-benchmark-only-key-benchmark"


class Processes:
    """Named processes that are started, watched and ended together."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: list[str], environment: Mapping[str, str], python: str = sys.executable) -> None:
        with (self.folder / f"{name}.log").open("wb") as output:
            self.running[name] = subprocess.Popen(
                [python, *arguments], env=dict(environment), stdout=output, stderr=output, start_new_session=True
            )

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def await_line(self, name: str, start: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not any(line.startswith(start) for line in self.log(name).splitlines()):
            if time.monotonic() > end or self.running[name].poll() is not None:
                raise RuntimeError(f"{name} did not start:\n{self.log(name)[-3000:]}")
            time.sleep(0.05)


class Accounts:
    """CPU seconds by name since the beginning, and the resident size of each of the product's processes over time, in MB."""

    def __init__(self, postgres: EmbeddedPostgres, processes: Mapping[str, int]) -> None:
        self.postmaster = psutil.Process(postgres.pid())
        self.processes = {name: psutil.Process(pid) for name, pid in processes.items()}
        self.sizes: dict[str, list[float]] = {name: [] for name in processes}
        self.before = self._now()

    def used(self) -> dict[str, float]:
        now = self._now()
        return {name: now[name] - self.before[name] for name in now}

    def sample(self) -> None:
        """Take note of memory."""
        for name, process in self.processes.items():
            self.sizes[name].append(process.memory_info().rss / 2**20)

    def _now(self) -> dict[str, float]:
        found = {name: _own(process) for name, process in self.processes.items()}
        found["load generator"] = _own(psutil.Process())
        found["PostgreSQL"] = cpu_with_children(self.postmaster)
        return found


def cpu_with_children(process: psutil.Process) -> float:
    """Return the CPU seconds of a process and its children, with those that have ended."""
    times = process.cpu_times()
    total = float(times.user + times.system + times.children_user + times.children_system)
    for child in process.children():
        try:
            total += _own(child)
        except psutil.NoSuchProcess:
            continue
    return total


def _own(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


class Stack:
    """One PostgreSQL server (the embedded one) for everything that is compared, and the environment of the product's processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.postgres.start()
        self.base = free_base()
        self.processes = Processes(folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ATTENDANCE_")}
        self.environment = {
            **kept,
            "ATTENDANCE_DATA": str(folder / "data"),
            "ATTENDANCE_PORT": str(self.base),
            "ATTENDANCE_TOKEN_KEY": KEY,
            "ATTENDANCE_COMPACT_REGISTERS": "true",  # on Kafka too: nobody else reads here
        }

    def database(self, service: str, name: str) -> str:
        """Make and migrate a database for a service; return the owner's address, and let the product's processes use it."""
        login, owner = self.postgres.provide(name, service)
        variables = {f"ATTENDANCE_DATABASE_URL_{service.upper()}": login, f"ATTENDANCE_MIGRATION_URL_{service.upper()}": owner}
        self.environment |= variables
        subprocess.run([sys.executable, "-m", f"services.{service}", "migrate"], env=self.environment, check=True)
        return owner.replace("+asyncpg", "")

    def superuser(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(self.postgres.url("postgres", database).replace("+asyncpg", ""), autocommit=True)

    def checkpoint(self) -> None:
        """Begin every measurement from the same place: nothing waits to be written."""
        with self.superuser() as connection:
            connection.execute("CHECKPOINT")

    def wal(self) -> int:
        """Return how many bytes of WAL were ever written."""
        with self.superuser() as connection:
            row = connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
            assert row
            return int(str(row[0]))

    def drop(self, names: Iterable[str]) -> None:
        with self.superuser() as connection:
            for name in names:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        self.processes.stop()
        self.postgres.stop()
