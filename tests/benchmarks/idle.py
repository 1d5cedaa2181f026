"""The embedded default with nobody on it: what it costs, and how soon the first event after a quiet time is handled.

`python -m tests.benchmarks.idle` measures this alone.
"""

import os
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

import psutil
import psycopg
from rich.console import Console

from tests.benchmarks.stack import KEY, cpu_with_children
from tests.journeys.journey import CALENDAR, PUPIL, UPN, URN
from tests.journeys.product import Embedded

SETTLE_SECONDS = 15
"""Until jobs that find nothing rest as long as they ever do."""
QUIET_SECONDS = 4
"""Before an event that is the first after a quiet time."""
FIRST_DAY = date(2026, 9, 7)
EVENTS = 10
TODAY = "2026-09-21"


@dataclass(frozen=True)
class Idle:
    """What was measured."""

    cpu_percent: float
    """Of one core, by the product and its PostgreSQL."""
    transactions_per_s: float
    first_event_ms: list[float] = field(default_factory=list)
    """From the answer to a register until the thresholds service has stored its event, after a quiet time each."""

    @property
    def median_ms(self) -> float:
        return median(self.first_event_ms)

    @property
    def worst_ms(self) -> float:
        return max(self.first_event_ms)

    def __str__(self) -> str:
        first = f"first event after {self.median_ms:.0f} ms, at worst {self.worst_ms:.0f}"
        return f"{self.cpu_percent:.2f} % of a core, {self.transactions_per_s:.1f} transactions/s, {first}"


def measure(seconds: float = 60) -> Idle:
    """Start the embedded default in a folder of its own and measure it."""
    product = Embedded()
    product.today(TODAY)
    product.start()
    try:
        time.sleep(SETTLE_SECONDS)
        cpu, transactions = _cpu(product), transactions_so_far(product)
        time.sleep(seconds)
        cpu, transactions = _cpu(product) - cpu, transactions_so_far(product) - transactions
        return Idle(cpu / seconds * 100, transactions / seconds, _first_events(product))
    finally:
        product.remove()


def transactions_so_far(product: Embedded) -> int:
    """Return how many transactions the product's databases have had; each backend reports its own at most every second."""
    asked = "SELECT sum(xact_commit + xact_rollback)::bigint FROM pg_stat_database"
    return int(product.query("registers", asked)[0][0])


def _cpu(product: Embedded) -> float:
    running = product.processes["up"].running
    assert running
    return cpu_with_children(psutil.Process(running.pid)) + cpu_with_children(psutil.Process(product.postmaster()))


def _first_events(product: Embedded) -> list[float]:
    school = {"name": "Sample School", "la_code": "881", "establishment_number": "4777", "phase": "secondary"}
    product.ask("PUT", "registers", f"/v1/schools/{URN}", school)
    product.ask("PUT", "registers", f"/v1/schools/{URN}/calendars/2026-27", CALENDAR, role="mis", school=URN)
    product.ask("PUT", "registers", f"/v1/schools/{URN}/pupils/{UPN}", PUPIL, role="mis", school=URN)
    days = [FIRST_DAY + timedelta(week * 7 + day) for week in range(2) for day in range(5)]
    found = []
    with psycopg.connect(product.database("thresholds"), autocommit=True) as thresholds:
        for number, day in enumerate([date(2026, 9, 4), *days[:EVENTS]]):
            time.sleep(QUIET_SECONDS)
            before = _handled(thresholds)
            marks = {"marks": [{"upn": UPN, "code": "/"}]}
            product.ask("PUT", "registers", f"/v1/schools/{URN}/registers/{day}/AM", marks, role="mis", school=URN)
            stored = time.perf_counter()
            while _handled(thresholds) == before:
                time.sleep(0.001)
            if number:  # the first one also warms everything up
                found.append((time.perf_counter() - stored) * 1000)
    return found


def _handled(thresholds: "psycopg.Connection[tuple[object, ...]]") -> int:
    row = thresholds.execute("SELECT count(*) FROM inbox").fetchone()
    assert row
    return int(str(row[0]))


if __name__ == "__main__":
    os.environ.setdefault("ATTENDANCE_TOKEN_KEY", KEY)
    Console().print(str(measure()))
