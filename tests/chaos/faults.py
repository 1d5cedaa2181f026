"""What is done to the product by itself: each fault takes it away for a moment, and leaves nothing behind that an operator must clear."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from shared.database.connection import FULL_SECONDS
from shared.http.app import DISK_FULL
from shared.settings import SERVICES
from tests.chaos.client import Client
from tests.chaos.running import Running, frozen, send_signal
from tests.journeys.product import Process, eventually

Fault = Callable[[], None]

LONGEST_FREEZE = 6.0
READY_SECONDS, LONG_WAIT = 120.0, 8.0
"""How long the product may take to be ready after a fault; a wait that is longer than the second, or twice that, is printed with its reason."""
KILLS_IN_A_ROW = 3


class Faults:
    """Faults by the chances of a seed, to a product and beside its clients."""

    def __init__(self, product: Running, seed: int, answered: threading.Event, clients: Sequence[Client]) -> None:
        self.product, self.answered, self.clients = product, answered, clients
        self.chance = random.Random(f"{seed} faults")
        self._second: Process | None = None
        self._disk_was_full = False
        self._says_full_until = 0.0

    def whole(self, *, small_disk: bool) -> list[Fault]:
        """Return what is done to the product in one process."""
        kinds: list[Fault] = [
            self.kill_product,
            self.kill_database,
            self.kill_database_again_and_again,
            self.kill_both,
            self.kill_connection,
            self.freeze_product,
            self.freeze_database,
            self.freeze_database_then_kill_product,
            self.second_worker,
        ]
        return [*kinds, self.fill_disk] if small_disk else kinds

    def apart(self) -> list[Fault]:
        """Return what is done to the product whose every part is a process of its own."""
        kinds = [named("kill_api", partial(self.kill_part, f"{service}-api")) for service in SERVICES]
        kinds += [named("kill_worker", partial(self.kill_part, f"{service}-worker")) for service in SERVICES]
        kinds += [named("kill_stand_in", partial(self.kill_part, name)) for name in ("pay", "notify")]
        kinds += [named("kill_console", partial(self.kill_part, "console"))] * 2
        for _ in range(2):
            service = self.chance.choice(SERVICES)
            kinds.append(named("freeze_part", partial(self.freeze_part, f"{service}-{self.chance.choice(('api', 'worker'))}")))
        return [*kinds, self.kill_database_of_parts, self.kill_database_of_parts]

    def kill_product(self) -> None:
        self.await_answer()
        self.product.kill()
        time.sleep(self.chance.random())
        self.product.begin()

    def kill_part(self, name: str) -> None:
        self.await_answer()
        process = self.product.processes[name]
        process.kill()
        time.sleep(self.chance.random())
        process.start()

    def freeze_part(self, name: str) -> None:
        running = self.product.processes[name].running
        assert running
        with frozen([running.pid]):
            time.sleep(self.chance.uniform(0.5, LONGEST_FREEZE))

    def kill_database(self) -> None:
        """Kill every process of the database server right after an answer: what was answered must be on the disk."""
        running = self.product.database_processes()
        self.await_answer()
        send_signal(running, signal.SIGKILL)

    def kill_database_again_and_again(self) -> None:
        for _ in range(KILLS_IN_A_ROW):
            self.kill_database()
            eventually("the database accepts connections", self.product.accepts_queries)

    def kill_database_of_parts(self) -> None:
        self.kill_database()
        time.sleep(self.chance.random())
        self.product.tend_database()

    def kill_both(self) -> None:
        self.kill_database()
        self.product.kill()
        self.product.begin()

    def await_answer(self) -> None:
        """Wait until a client has just been answered, for a moment at most: what it was told must outlive what comes now."""
        self.answered.clear()
        self.answered.wait(2)

    def kill_connection(self) -> None:
        if found := self.product.database_processes()[1:]:
            send_signal([self.chance.choice(found)], signal.SIGKILL)

    def freeze_product(self) -> None:
        running = self.product.processes["up"].running
        assert running
        with frozen([running.pid]):
            time.sleep(self.chance.uniform(0.5, LONGEST_FREEZE))

    def freeze_database(self) -> None:
        with frozen(self.product.database_processes()):
            time.sleep(self.chance.uniform(0.5, LONGEST_FREEZE))

    def freeze_database_then_kill_product(self) -> None:
        with frozen(self.product.database_processes()):
            time.sleep(self.chance.uniform(0.2, 1))
            self.product.kill()
        self.product.begin()

    def second_worker(self) -> None:
        """Start another worker of a service beside the product's own, in place of the last one."""
        self.end_second_worker()
        eventually("the database accepts connections", self.product.accepts_queries)
        self._second = self.product.second_worker(self.chance.choice(SERVICES))
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
        self._says_full_until = time.monotonic() + 2 * FULL_SECONDS

    def rest(self) -> None:
        """Wait until the product accepts requests. Raise AssertionError where it never does, or ended by itself."""
        if self._disk_was_full:  # it ends while it starts then, with a line that an operator reads
            self.product.begin()
        self._require_running()
        end, wait = time.monotonic() + READY_SECONDS, LONG_WAIT
        while not self._is_ready():
            self._require_running()
            if time.monotonic() > end:
                raise AssertionError(
                    f"the product is not ready after {READY_SECONDS:.0f} s: {self._why_not_ready()}\n{self.product.logs()}"
                )
            if time.monotonic() > end - READY_SECONDS + wait:
                print(f"          not ready for {wait:.0f} s: {self._why_not_ready()}", flush=True)  # noqa: T201 -- the report
                wait *= 2
            time.sleep(0.05)

    def _require_running(self) -> None:
        for name, process in self.product.processes.items():
            if process.running is None or (process.running.poll() is not None and not self._disk_was_full):
                raise AssertionError(
                    f"{name} ended by itself with {process.running and process.running.returncode}:\n{self.product.logs()}"
                )

    def _had_no_room(self, name: str) -> bool:
        """Return whether a service accepts requests, and only says for a minute that its disk was full."""
        answer = self.product.answers_ready(name) if time.monotonic() < self._says_full_until else None
        return answer is not None and DISK_FULL in answer.text

    def _why_not_ready(self) -> str:
        answers = {name: self.product.answers_ready(name) for name in ("console", *SERVICES)}
        waiting = {name: answer for name, answer in answers.items() if answer is None or answer.status_code != 200}
        return "; ".join(f"{name} {answer.text if answer is not None else 'is silent'}" for name, answer in waiting.items())

    def _is_ready(self) -> bool:
        if self._disk_was_full:
            self.product.begin()
        self.product.tend_database()
        ready = all(self.product._is_ready(name) or self._had_no_room(name) for name in ("console", *SERVICES))
        self._disk_was_full &= not ready
        return ready

    @contextmanager
    def no_requests(self, *, of_officers_only: bool = False) -> Iterator[None]:
        """Let every client be answered, and send nothing within the block, or nothing that bears the date of the day."""
        self.product.free_keys()
        with ExitStack() as held:
            for client in self.clients:
                held.enter_context(client.dated if of_officers_only else client.asking)
            yield


def named(name: str, fault: Fault) -> Fault:
    """Return a fault under a name of its own."""

    def done() -> None:
        fault()

    done.__name__ = name
    return done
