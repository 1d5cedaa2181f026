"""The product as processes that a test can start, ask, kill and start again."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx2
import psycopg

from shared.database.embedded import EmbeddedPostgres
from shared.settings import SERVICES

T = TypeVar("T")
NAMES = ("console", *SERVICES)
LONG = 60.0


def free_base() -> int:
    """Return the first of eight free ports in a row."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10  # workers beside each other never look for the same ports
    # The system gives the ports above these to clients, also while the product is down.
    for base in random.sample(range(20000 + 10 * worker, 32700, 100), 127):
        held = []
        try:
            for offset in range(8):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        else:
            return base
        finally:
            for each in held:
                each.close()
    raise RuntimeError("no free ports")


def eventually(what: str, find: Callable[[], T | None], seconds: float = LONG) -> T:
    """Return the result of `find` once it is truthy; fail with `what` if it never is."""
    end = time.monotonic() + seconds
    while not (found := find()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)
    return found


class Process:
    """One process of the product; its output is kept."""

    def __init__(self, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.arguments, self.environment, self.log = arguments, environment, log
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.running = subprocess.Popen(
                [sys.executable, "-m", *self.arguments], env=self.environment, stdout=output, stderr=output, start_new_session=True
            )

    def kill(self) -> None:
        if self.running and self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait(30)

    def stop(self) -> int:
        assert self.running
        self.running.send_signal(signal.SIGTERM)
        return self.running.wait(30)


class Product:
    """What both ways of running have in common: requests, moving the date, queries of the databases."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="journey-"))
        self.base = free_base()
        self.date_file = self.folder / "today"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ATTENDANCE_")}
        self.environment = {
            **kept,
            "ATTENDANCE_DATA": str(self.folder / "data"),
            "ATTENDANCE_PORT": str(self.base),
            "ATTENDANCE_TODAY": f"@{self.date_file}",
            "ATTENDANCE_TOKEN_KEY": os.environ["ATTENDANCE_TOKEN_KEY"],
        }
        self._http = httpx2.Client(timeout=30)
        self._tokens: dict[tuple[str, int | None], str] = {}

    processes: dict[str, Process]

    @property
    def running(self) -> bool:
        """Whether every process was started and has not ended."""
        return all(process.running and process.running.poll() is None for process in self.processes.values())

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> dict[str, int]:
        """Stop everything; return each process's exit code."""
        return {name: process.stop() for name, process in self.processes.items()}

    def revive(self, name: str) -> None:
        """Start a killed process again; its users go on asking meanwhile."""
        self.processes[name].start()

    def ready(self, names: Iterable[str] = NAMES) -> None:
        """Wait until the services accept requests."""
        for name in names:
            eventually(f"{name} is ready\n{self.logs()}", partial(self._is_ready, name))

    def _is_ready(self, name: str) -> bool:
        try:
            return self._http.get(f"{self.address(name)}/health/ready").status_code == 200
        except httpx2.TransportError:
            return False

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text()[-6000:]}" for path in sorted(self.folder.glob("*.log")))

    def address(self, service: str) -> str:
        return f"http://127.0.0.1:{self.base + NAMES.index(service)}"

    def today(self, day: str) -> None:
        new = self.date_file.with_suffix(".new")
        new.write_text(day)
        new.replace(self.date_file)

    def token(self, role: str, school: int | None) -> str:
        if (role, school) not in self._tokens:
            bound = ["--school", str(school)] if school else []
            made = subprocess.check_output(
                [sys.executable, "-m", "attendance", "token", "--role", role, "--name", f"Test {role}", *bound],
                env=self.environment,
                text=True,
            )
            self._tokens[role, school] = made.strip()
        return self._tokens[role, school]

    def ask(
        self,
        method: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        role: str = "manager",
        school: int | None = None,
        refused: int | None = None,
    ) -> Any:
        """Ask until there is an answer, as a careful client does: the same request, with the same key, while the service is away."""
        headers = {"Authorization": f"Bearer {self.token(role, school)}", "Idempotency-Key": uuid4().hex}

        def once() -> httpx2.Response | None:
            try:
                answer = self._http.request(method, f"{self.address(service)}{path}", json=body, headers=headers)
            except httpx2.TransportError:
                return None
            if answer.status_code in {502, 503} or "still-running" in answer.text:
                return None
            return answer

        try:
            answer = eventually(f"{method} {service}{path} is answered", once)
        except AssertionError as silence:
            raise AssertionError(f"{silence}\n{self.logs()}") from None
        if refused:
            assert answer.status_code == refused, f"{method} {service}{path}: {answer.status_code} {answer.text}"
        else:
            assert answer.status_code < 300, f"{method} {service}{path}: {answer.status_code} {answer.text}\n{self.logs()}"
        return answer.content if answer.headers["content-type"] == "application/pdf" else answer.json()

    def provider(self, path: str) -> None:
        """Post to the payment stand-in until it responds."""

        def once() -> bool:
            try:
                return self._http.post(f"http://127.0.0.1:{self.base + 6}{path}").is_success
            except httpx2.TransportError:
                return False

        eventually(f"the payment stand-in responds at {path}", once)

    def query(self, service: str, sql: str) -> list[tuple[Any, ...]]:
        """Ask a service's database, as its owner."""
        with psycopg.connect(self.database(service)) as connection:
            return connection.execute(sql).fetchall()

    def database(self, service: str) -> str:
        raise NotImplementedError

    def remove(self) -> None:
        """Kill what still runs and remove every trace."""
        for process in self.processes.values():
            process.kill()
        self._http.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Embedded(Product):
    """The embedded default: one process over its bundled PostgreSQL."""

    def __init__(self) -> None:
        super().__init__()
        self.processes = {"up": Process(["attendance", "up", "--no-demo"], self.environment, self.folder / "up.log")}

    def start(self) -> None:
        self.processes["up"].start()
        self.ready()

    def database(self, service: str) -> str:
        return f"postgresql://{service}_owner@/{service}?host={self._socket()}"

    def _socket(self) -> str:
        # The fifth line of postmaster.pid names the folder of the socket.
        return (self.folder / "data" / "postgres" / "postmaster.pid").read_text().splitlines()[4]

    def remove(self) -> None:
        self.processes["up"].kill()
        if number := self._number():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGINT)
            eventually("the database has stopped", lambda: not (self.folder / "data" / "postgres" / "postmaster.pid").exists())
        super().remove()

    def postmaster(self) -> int:
        return eventually("the database server has its number", self._number)

    def _number(self) -> int | None:
        try:
            return int((self.folder / "data" / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError):
            return None


class Separate(Product):
    """Production in small: every service an api and a worker process, a real Kafka between them."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__()
        self.postgres = EmbeddedPostgres(self.folder / "postgres")
        self.postgres.start()
        self._owners = {}
        self.environment |= {"ATTENDANCE_KAFKA": bootstrap}
        for service in SERVICES:
            login, owner = self.postgres.provide(service)
            self._owners[service] = owner.replace("+asyncpg", "")
            self.environment |= {f"ATTENDANCE_DATABASE_URL_{service.upper()}": login, f"ATTENDANCE_MIGRATION_URL_{service.upper()}": owner}
        named = {
            **{f"{service}-{part}": [f"services.{service}", part] for service in SERVICES for part in ("api", "worker")},
            "console": ["services.console", "api"],
            "pay": ["attendance.standins", "pay"],
            "notify": ["attendance.standins", "notify"],
        }
        self.processes = {name: Process(arguments, self.environment, self.folder / f"{name}.log") for name, arguments in named.items()}

    def start(self) -> None:
        for service in SERVICES:
            subprocess.run([sys.executable, "-m", f"services.{service}", "migrate"], env=self.environment, check=True)
        for process in self.processes.values():
            process.start()
        self.ready()

    def database(self, service: str) -> str:
        return self._owners[service]

    def remove(self) -> None:
        for process in self.processes.values():
            process.kill()
        self.postgres.stop()
        super().remove()
