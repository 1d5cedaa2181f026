"""What is done to the product: each fault takes it away for a moment, and leaves nothing behind that an operator must clear."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg

from shared.settings import SERVICES
from tests.journeys.product import Embedded, Process, eventually

LONGEST_FREEZE = 6.0
DISK = "900m"
ABSENCE = timedelta(days=40)


class Faults:
    """Does one fault after the other, by the chances of a seed, to the embedded product."""

    def __init__(self, product: Embedded, seed: int, answered: threading.Event, *, small_disk: bool) -> None:
        self.product, self.answered = product, answered
        self.chance = random.Random(f"{seed} faults")
        self.done: list[str] = []
        self._second: Process | None = None
        self._disk_was_full = False
        self._kinds = [
            self.kill_product,
            self.kill_database,
            self.kill_both,
            self.kill_connection,
            self.freeze_product,
            self.freeze_database,
            self.second_worker,
            self.freeze_database_then_kill_product,
        ]
        if small_disk:
            self._kinds.append(self.fill_disk)
        self._off_after = self.chance.randrange(2, 6)
        """The long absence comes once, after so many other faults: twice would be longer than an inbox remembers."""

    def one(self) -> str:
        """Do the next fault; return its name once the product has what it needs to go on."""
        if len(self.done) % len(self._kinds) == 0:
            self.chance.shuffle(self._kinds)  # each kind once in a round, in an order of its own
        fault = self.forty_days_off if len(self.done) == self._off_after else self._kinds[len(self.done) % len(self._kinds)]
        fault()
        self.done.append(fault.__name__.replace("_", " "))
        return self.done[-1]

    def kill_product(self) -> None:
        self._await_answer()
        self.product.processes["up"].kill()
        time.sleep(self.chance.random())
        self.product.revive("up")

    def kill_database(self) -> None:
        self._kill_database()

    def kill_both(self) -> None:
        self._kill_database()
        self.product.processes["up"].kill()
        self.product.revive("up")

    def _kill_database(self) -> None:
        running = self._database()
        self._await_answer()
        _signal(running, signal.SIGKILL)

    def _await_answer(self) -> None:
        """Wait until a client has just been answered, for a moment at most: what it was told must outlive what comes now."""
        self.answered.clear()
        self.answered.wait(2)

    def kill_connection(self) -> None:
        if found := self._database()[1:]:
            _signal([self.chance.choice(found)], signal.SIGKILL)

    def freeze_product(self) -> None:
        running = self.product.processes["up"].running
        assert running
        with _frozen([running.pid]):
            time.sleep(self.chance.uniform(0.5, LONGEST_FREEZE))

    def freeze_database(self) -> None:
        with _frozen(self._database()):
            time.sleep(self.chance.uniform(0.5, LONGEST_FREEZE))

    def freeze_database_then_kill_product(self) -> None:
        with _frozen(self._database()):
            time.sleep(self.chance.uniform(0.2, 1))
            self.product.processes["up"].kill()
        self.product.revive("up")

    def second_worker(self) -> None:
        """Start another worker of a service beside the product's own, in place of the last one."""
        self.end_second_worker()
        service = self.chance.choice(SERVICES)
        socket = quote(self.product._socket(), safe="")
        urls = {f"ATTENDANCE_DATABASE_URL_{each.upper()}": f"postgresql+asyncpg://{each}@/{each}?host={socket}" for each in SERVICES}
        log = {"ATTENDANCE_LOG_DATABASE_URL": f"postgresql+asyncpg://log_owner@/log?host={socket}"}
        self._second = Process([f"services.{service}", "worker"], self.product.environment | urls | log, self.product.folder / "second.log")
        self._second.start()

    def end_second_worker(self) -> None:
        """Kill the second worker, if there is one."""
        if self._second:
            self._second.kill()

    def fill_disk(self) -> None:
        ballast = self.product.folder / "data" / "ballast"
        with suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(bytes(1 << 20))
        self._disk_was_full = True
        time.sleep(self.chance.uniform(0.5, 3))
        ballast.unlink()

    def start_after_full_disk(self) -> None:
        """Start the product again if it was starting while the disk was full: it ends then, with a line that an operator reads."""
        running = self.product.processes["up"].running
        if self._disk_was_full and running and running.poll() is not None:
            self.product.revive("up")

    def is_ready(self) -> bool:
        """Return whether everything accepts requests."""
        self.start_after_full_disk()
        ready = all(self.product._is_ready(name) for name in ("console", *SERVICES))
        self._disk_was_full &= not ready
        return ready

    def forty_days_off(self) -> None:
        """Kill the product and start it as if forty days had passed: for everything that it keeps for a time, and for what is due."""
        eventually("the database accepts connections", self._accepts_queries)
        self._await_answer()
        self.product.processes["up"].kill()
        for service in SERVICES:
            self._age(self.product.database(service), {"outbox": "published_at", "inbox": "received_at"})
        self._age(self.product.database("registers").replace("registers", "log"), {"log_events": "appended_at"})
        self.product.today((date.fromisoformat(self.product.date_file.read_text()) + ABSENCE).isoformat())
        self.product.revive("up")

    def _age(self, address: str, columns: Mapping[str, str]) -> None:
        with psycopg.connect(address, connect_timeout=30) as connection:
            for table, column in columns.items():
                connection.execute(f"UPDATE {table} SET {column} = {column} - interval '{ABSENCE.days} days'")

    def _accepts_queries(self) -> bool:
        try:
            return bool(self.product.query("registers", "SELECT 1"))
        except (psycopg.OperationalError, FileNotFoundError):
            return False

    def _database(self) -> list[int]:
        """Return the processes of the database server, its first one first."""
        try:
            first = psutil.Process(self.product.postmaster())
            return [first.pid, *(each.pid for each in first.children())]
        except (psutil.NoSuchProcess, AssertionError):
            return []


def _signal(numbers: list[int], what: signal.Signals) -> None:
    for number in numbers:
        with suppress(ProcessLookupError):
            os.kill(number, what)


@contextmanager
def _frozen(numbers: list[int]) -> Iterator[None]:
    _signal(numbers, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(numbers, signal.SIGCONT)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Give a folder a small disk of its own for a while, where this user may mount one; give whether that is so."""
    folder.mkdir()
    mounted = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], check=False, capture_output=True).returncode
        == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def doctor(product: Embedded) -> str:
    """Return what `attendance doctor` finds wrong; nothing where all is well."""
    asked = subprocess.run(
        [sys.executable, "-m", "attendance", "doctor"], env=product.environment, capture_output=True, text=True, check=False, timeout=120
    )
    return "" if asked.returncode == 0 else asked.stdout + asked.stderr


def at_rest(faults: Faults, wrong: list[str]) -> bool:
    """Wait until the product accepts requests; note in `wrong` if it never does."""
    product = faults.product
    faults.start_after_full_disk()
    try:
        running = product.processes["up"].running
        if running is None or running.poll() is not None:
            wrong.append(f"the product ended by itself with {running and running.returncode}:\n{product.logs()}")
            product.revive("up")
        eventually("the product is ready", faults.is_ready, 120)
    except AssertionError as error:
        wrong.append(f"{error}\n{product.logs()}")
        return False
    return True
