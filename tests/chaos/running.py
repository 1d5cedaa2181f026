"""The product that faults are done to: in one process, or every part in one of its own, over the same bundled database server."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx2
import psutil
import psycopg

from shared import clock
from shared.database.embedded import EmbeddedPostgres
from shared.settings import SERVICES
from tests.chaos.forked import Forked
from tests.journeys.product import Embedded, Process

DISK = "1200m"
TODAY = date(2026, 10, 5)


class Part(Process):
    """A process of the product, forked; its output is kept."""

    running: Forked | None  # type: ignore[assignment]  # used alike

    def start(self) -> None:
        self.begun_at = datetime.now(UTC)  # noqa: TID251 -- the machine's clock, which is the database's
        self.running = Forked(self.arguments, self.environment, self.log)

    def kill(self) -> None:
        if self.running and self.running.poll() is None:
            self.running.kill()
            self.running.wait(30)


class Running(Embedded):
    """A product with a clock that can be set wrong; `bug`: planted in all of its processes."""

    def __init__(self, bug: str | None = None) -> None:
        super().__init__()
        self.clock_file = self.folder / "clock"
        self.environment.pop("ATTENDANCE_TODAY")
        self.environment["CHAOS_CLOCK"] = str(self.clock_file)
        self._prefix = ["tests.chaos.clock", *(["tests.chaos.planted", bug] if bug else [])]
        self._days = (TODAY - clock.today()).days  # from the machine's own date
        self.set_clock(wrong_by=0)
        self._up = self._process("up", ["attendance", "up", "--no-demo"])
        self._whole = self.processes = {"up": self._up}
        self._server: EmbeddedPostgres | None = None

    def _process(self, name: str, arguments: list[str], environment: dict[str, str] | None = None) -> Part:
        return Part([*self._prefix, *arguments], environment or self.environment, self.folder / f"{name}.log")

    def set_clock(self, *, wrong_by: int) -> None:
        """Let the clock be wrong by so many seconds from now on."""
        new = self.clock_file.with_suffix(".new")
        new.write_text(f"{self._days} {wrong_by}", encoding="ascii")
        new.replace(self.clock_file)

    def pass_days(self, days: int) -> None:
        """Let the civil date be so many days later."""
        self._days += days
        self.set_clock(wrong_by=0)

    def civil_date(self) -> date:
        """Return what day it is for the product."""
        return clock.today() + timedelta(self._days)

    def kill(self) -> None:
        """Kill every process of the product; the database server goes on."""
        for process in self.processes.values():
            process.kill()

    def begin(self) -> None:
        """Start every process of the product that does not run."""
        for process in self.processes.values():
            if process.running is None or process.running.poll() is not None:
                process.start()

    def take_apart(self) -> None:
        """Stop the one process, and start every part in one of its own, as in production."""
        self._server = EmbeddedPostgres(self.folder / "data" / "postgres")
        self._server.start()
        self._up.stop()
        named = {
            **{f"{service}-{part}": [f"services.{service}", part] for service in SERVICES for part in ("api", "worker")},
            "console": ["services.console", "api"],
            "pay": ["attendance.standins", "pay"],
            "notify": ["attendance.standins", "notify"],
        }
        environment = self.environment | self.addresses()
        self.processes = {name: self._process(name, arguments, environment) for name, arguments in named.items()}
        self.begin()

    def put_together(self) -> None:
        """Stop every part, and start the one process again."""
        for process in self.processes.values():
            assert process.running
            process.running.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.stop()
        assert self._server
        self._server.stop()
        self._server, self.processes = None, self._whole
        self.begin()

    def second_worker(self, service: str) -> Part:
        """Return another worker of a service, not yet started."""
        return self._process("second", [f"services.{service}", "worker"], self.environment | self.addresses())

    def addresses(self) -> dict[str, str]:
        """Return the environment that names the bundled databases for a process that does not start them."""
        socket = quote(self._socket(), safe="")
        urls = {f"ATTENDANCE_DATABASE_URL_{each.upper()}": f"postgresql+asyncpg://{each}@/{each}?host={socket}" for each in SERVICES}
        return urls | {"ATTENDANCE_LOG_DATABASE_URL": f"postgresql+asyncpg://log_owner@/log?host={socket}"}

    def log_database(self) -> str:
        """Return the address of the log of events, as its owner."""
        return self.database("registers").replace("registers", "log")

    def tend_database(self) -> None:
        """Start a killed database server again where nobody else does: the one process would itself."""
        if self._server:
            self._server.revive()

    def accepts_queries(self) -> bool:
        """Return whether the database server does."""
        self.tend_database()
        try:
            return bool(self.query("registers", "SELECT 1"))
        except (psycopg.OperationalError, FileNotFoundError):
            return False

    def database_processes(self) -> list[int]:
        """Return the processes of the database server, its first one first."""
        try:
            first = psutil.Process(self.postmaster())
            return [first.pid, *(each.pid for each in first.children())]
        except (psutil.NoSuchProcess, AssertionError):
            return []

    def attendance(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the product's, as an operator does, and return how it ended."""
        output, errors = self.folder / "command.out", self.folder / "command.err"
        for file in (output, errors):
            file.unlink(missing_ok=True)
        code = Forked(["tests.chaos.clock", "attendance", *arguments], self.environment, output, errors).wait(180)
        return subprocess.CompletedProcess(arguments, code, output.read_text(), errors.read_text())

    def answers_ready(self, service: str) -> httpx2.Response | None:
        """Return what a service says of its health; None if it says nothing."""
        try:
            return self._http.get(f"{self.address(service)}/health/ready")
        except httpx2.TransportError:
            return None

    def free_keys(self) -> None:
        """Let the minute pass for which a request that a killed process had begun is taken to be still running."""
        begun = "UPDATE idempotency_keys SET started_at = started_at - interval '1 minute' WHERE status IS NULL AND started_at < %s"
        with psycopg.connect(self.database("penalties"), connect_timeout=30) as connection:  # the only service with such requests
            connection.execute(begun, [self._up.begun_at])

    def pauses(self) -> dict[str, str]:
        """Return the services of which due work is paused, with the cause."""
        causes = {service: self.query(service, "SELECT cause FROM due_work_pause WHERE cause IS NOT NULL") for service in SERVICES}
        return {service: rows[0][0] for service, rows in causes.items() if rows}

    def remove(self) -> None:
        """Kill what still runs and remove every trace."""
        self.kill()
        self.processes = self._whole
        if self._server:
            self._server.stop()
        if number := self._number():  # none where it never began
            send_signal([number], signal.SIGQUIT)  # nothing of it is kept
        super().remove()


def send_signal(numbers: Iterable[int], what: signal.Signals) -> None:
    """Send a signal to processes; those that are gone are left alone."""
    for number in numbers:
        with suppress(ProcessLookupError):
            os.kill(number, what)


@contextmanager
def frozen(numbers: list[int]) -> Iterator[None]:
    """Let processes stand still within the block."""
    send_signal(numbers, signal.SIGSTOP)
    try:
        yield
    finally:
        send_signal(numbers, signal.SIGCONT)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Give a folder a small disk of its own for a while, where this user may mount one; give whether that is so."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
