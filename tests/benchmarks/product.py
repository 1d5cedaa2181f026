"""The product under load: from HTTP to `threshold-met`, and its thresholds alone."""

import asyncio
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean

import psycopg
from aiokafka import AIOKafkaProducer

from shared.http import tokens
from shared.ids import new_id
from tests.benchmarks import load, seed
from tests.benchmarks.stack import Accounts, Stack
from tests.benchmarks.world import FIRST_DAY, REGISTER, Register, World

PATIENCE = 180.0
WARM = "2026-09-01"
"""A day before term."""
SEPARATE = {
    "registers api": ["services.registers", "api"],
    "registers worker": ["services.registers", "worker"],
    "thresholds worker": ["services.thresholds", "worker"],
}


@dataclass
class Run:
    """What one run of the product came to."""

    marks: int
    seconds: float
    answers: load.Answers
    lag: float
    """Seconds from the last answer to the last threshold published."""
    cpu: dict[str, float]
    sizes: dict[str, list[float]]
    """Resident MB of each process, from the beginning to the end."""
    wal: int
    faults: list[str] = field(default_factory=list)

    @property
    def peaks(self) -> dict[str, float]:
        return {name: max(sizes) for name, sizes in self.sizes.items()}

    @property
    def growth(self) -> dict[str, float]:
        """How many MB each process was larger in the last fifth of the time than in the second."""
        return {name: fmean(sizes[-max(len(sizes) // 5, 1) :]) - fmean(_second_fifth(sizes)) for name, sizes in self.sizes.items()}

    @property
    def rate(self) -> float:
        return self.marks / self.seconds


class Product:
    """The product's processes over databases with the world in them."""

    def __init__(self, stack: Stack, world: World) -> None:
        self.stack, self.world = stack, world
        self.registers = stack.database("registers", "registers")
        self.thresholds = stack.database("thresholds", "thresholds")
        stack.environment["ATTENDANCE_TODAY"] = world.today.isoformat()
        seed.registers(self.registers, world)
        seed.thresholds(self.thresholds, world)
        self.token = tokens.issue("mis", schools=world.urns)

    def start(self, kafka: str | None) -> dict[str, int]:
        """Start it on Kafka, its parts apart; or, without one, the embedded default as its users start it. Return process ids by name."""
        processes = self.stack.processes
        if kafka:
            environment = {**self.stack.environment, "ATTENDANCE_KAFKA": kafka}
            for name, arguments in SEPARATE.items():
                processes.start(name, ["-m", *arguments], environment)
            processes.await_line("registers api", "ready")
        else:
            processes.start("up", ["-m", "attendance", "up", "--no-demo"], self.stack.environment)
            processes.await_line("up", f"ready http://127.0.0.1:{self.stack.base + 1} registers", 90)  # the line of the console comes first
        return {name: process.pid for name, process in processes.running.items()}

    async def run(self, kafka: str | None, *, per_second: float | None = None) -> Run:
        """Send every register and wait for the last threshold; everything it leaves behind is checked."""
        await seed.empty(self.registers, self.thresholds)
        requests = self._requests()
        with psycopg.connect(self.thresholds, autocommit=True) as thresholds, psycopg.connect(self.registers, autocommit=True) as registers:
            accounts = Accounts(self.stack.postgres, self.start(kafka))
            try:
                await self._warm(thresholds)
                self.stack.checkpoint()
                wal, accounts.before = self.stack.wal(), accounts._now()
                watching = asyncio.create_task(_watch(accounts))
                answers = await load.send(self.stack.base + 1, requests, per_second=per_second / REGISTER if per_second else None)
                events = _one(registers, "SELECT count(*) FROM outbox WHERE type LIKE 'session-recorded.%'")
                await _until(lambda: _handled(thresholds, events))
                ended = time.perf_counter()
                cpu = accounts.used()
                wal = self.stack.wal() - wal
                watching.cancel()
                accounts.sample()
            finally:
                self.stack.processes.stop()
            marks = len(requests) * REGISTER
            faults = self._faults(registers, thresholds, answers)
            return Run(marks, ended - answers.began, answers, ended - answers.ended, cpu, accounts.sizes, wal, faults)

    async def thresholds_alone(self, kafka: str) -> tuple[float, float]:
        """Return marks per second of the thresholds worker on registers that wait in Kafka, and its largest resident size in MB.

        It is frozen while they are put there, and has to join its group again afterwards: the time runs from the end of its first
        batch, whose marks are not counted.
        """
        await seed.empty(self.registers, self.thresholds)
        environment = {**self.stack.environment, "ATTENDANCE_KAFKA": kafka}
        events = seed.event_bodies(self.world)
        producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5, max_batch_size=800_000)
        self.stack.processes.start("thresholds worker", ["-m", *SEPARATE["thresholds worker"]], environment)
        worker = self.stack.processes.running["thresholds worker"]
        try:
            with psycopg.connect(self.thresholds, autocommit=True) as thresholds:
                await _until(lambda: _one(thresholds, "SELECT count(*) FROM consumer_offsets") > 0)  # the topics are there
                await producer.start()
                await _produce(producer, events[:1])
                await _until(lambda: _one(thresholds, "SELECT count(*) FROM inbox") == 1)
                worker.send_signal(signal.SIGSTOP)
                await _produce(producer, events[1:])
                worker.send_signal(signal.SIGCONT)
                await _until(lambda: _one(thresholds, "SELECT count(*) FROM inbox") > 1)
                accounts = Accounts(self.stack.postgres, {"thresholds worker": worker.pid})
                watching = asyncio.create_task(_watch(accounts))
                before, began = _one(thresholds, "SELECT count(*) FROM inbox"), time.perf_counter()
                await _until(lambda: _handled(thresholds, len(events)))
                seconds = time.perf_counter() - began
                watching.cancel()
                accounts.sample()
                return (len(events) - before) * REGISTER / seconds, max(accounts.sizes["thresholds worker"])
        finally:
            worker.send_signal(signal.SIGCONT)
            await producer.stop()
            self.stack.processes.stop()

    def _requests(self) -> list[bytes]:
        port = self.stack.base + 1
        return [
            load.request(
                port, f"/v1/schools/{register.urn}/registers/{register.day}/{register.half}", self.token, self.world.body(register)
            )
            for register in self.world.registers
        ]

    async def _warm(self, thresholds: "psycopg.Connection[tuple[object, ...]]") -> None:
        """Send two registers of each school for a day before term, everyone present, and wait until they came through."""
        port = self.stack.base + 1
        first = [Register(urn, FIRST_DAY, "AM", "/" * REGISTER) for urn in self.world.urns]
        for half in ("AM", "PM"):
            requests = [
                load.request(port, f"/v1/schools/{register.urn}/registers/{WARM}/{half}", self.token, self.world.body(register))
                for register in first
            ]
            answers = await load.send(port, requests)
            assert not answers.refused, answers.refused[0]
        await _until(lambda: _one(thresholds, "SELECT count(*) FROM inbox") == 2 * len(first))

    def _faults(
        self,
        registers: "psycopg.Connection[tuple[object, ...]]",
        thresholds: "psycopg.Connection[tuple[object, ...]]",
        answers: load.Answers,
    ) -> list[str]:
        """Return what is wrong with the end: a mark lost or doubled, a pupil judged otherwise than by plain counting."""
        faults = [repr(each) for each in answers.refused[:3]]
        stored = _one(registers, "SELECT count(*) FROM marks WHERE date >= '2026-09-02'")
        if stored != len(self.world.registers) * REGISTER:
            faults.append(f"{stored} marks are stored")
        if _one(registers, "SELECT count(*) FROM mark_versions WHERE date >= '2026-09-02'"):
            faults.append("marks were amended")
        rows = thresholds.execute("SELECT id FROM pupils WHERE status = 'met'").fetchall()
        met, expected = {row[0] for row in rows}, {self.world.ids[number] for number in self.world.met}
        if met != expected:
            faults.append(f"{len(met)} pupils met the threshold, by plain counting {len(expected)}")
        published = _one(thresholds, "SELECT count(DISTINCT key) FROM outbox WHERE type = 'threshold-met.v1' AND published_at IS NOT NULL")
        if published != len(expected):
            faults.append(f"the threshold was published of {published} pupils")
        return faults


def _second_fifth(sizes: list[float]) -> list[float]:
    return sizes[len(sizes) // 5 : 2 * len(sizes) // 5] or sizes


def _one(connection: "psycopg.Connection[tuple[object, ...]]", sql: str) -> int:
    row = connection.execute(sql).fetchone()
    assert row
    return int(str(row[0]))


def _handled(thresholds: "psycopg.Connection[tuple[object, ...]]", events: int) -> bool:
    """Return whether every register was judged and every event about it published."""
    if _one(thresholds, "SELECT count(*) FROM inbox") < events:
        return False
    return not _one(thresholds, "SELECT count(*) FROM outbox WHERE published_at IS NULL")


async def _until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the product did not come to an end")
        await asyncio.sleep(0.01)


async def _watch(accounts: Accounts) -> None:
    while True:
        accounts.sample()
        await asyncio.sleep(0.5)


async def _produce(producer: AIOKafkaProducer, events: list[tuple[int, bytes]]) -> None:
    sent = []
    for urn, body in events:
        event_id = str(new_id()).encode()
        headers = [("ce_id", event_id), ("ce_type", b"session-recorded.v2")]
        sent.append(await producer.send("registers", body, key=str(urn).encode(), headers=headers))
    await asyncio.gather(*sent)
