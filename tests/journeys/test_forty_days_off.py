"""Forty days off: what was accepted before and read by nobody reaches everybody after the start, whatever became old meanwhile."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import psycopg

from shared.settings import SERVICES
from tests.journeys.journey import UPN, URN, Journey, unfinished
from tests.journeys.product import Embedded, eventually

OFF = timedelta(days=40)
LAST_DAY = date(2026, 9, 18)
AGES = {"outbox": ("occurred_at", "published_at"), "inbox": ("received_at",)}
"""What the services delete by."""


def log_of(product: Embedded) -> str:
    return product.database("registers").replace("registers", "log")


@contextmanager
def nothing_is_read(product: Embedded, service: str) -> Iterator[None]:
    """Let a service handle no event: every handling stores its position."""
    with psycopg.connect(product.database(service)) as holder:
        holder.execute("LOCK TABLE consumer_offsets IN EXCLUSIVE MODE")
        yield


def forty_days_pass(product: Embedded) -> None:
    """Make everything that is kept for a time as old as after so many days, and move the date."""
    for service in SERVICES:
        with psycopg.connect(product.database(service)) as connection:
            for table, columns in AGES.items():
                older = ", ".join(f"{column} = {column} - interval '{OFF.days} days'" for column in columns)
                connection.execute(f"UPDATE {table} SET {older}")
    with psycopg.connect(log_of(product)) as connection:
        connection.execute(f"UPDATE log_events SET appended_at = appended_at - interval '{OFF.days} days'")
    product.today((date.fromisoformat(product.date_file.read_text()) + OFF).isoformat())


def registers_in_the_log(product: Embedded) -> int:
    with psycopg.connect(log_of(product)) as connection:
        row = connection.execute("SELECT count(*) FROM log_events WHERE type LIKE 'session-recorded%'").fetchone()
    assert row is not None
    return int(row[0])


def test_registers_that_nobody_had_read_before_forty_days_off_bring_the_pupil_to_ten(product: Embedded) -> None:
    journey = Journey(product)
    journey.open_school()
    journey._absent("2026-09-14", 4)
    eventually("eight sessions are counted", lambda: journey.threshold()["count"] == 8)
    with nothing_is_read(product, "thresholds"):
        journey._absent(LAST_DAY.isoformat(), 1)
        eventually("both registers are published", lambda: registers_in_the_log(product) == 10)
        forty_days_pass(product)
        product.processes["up"].kill()

    product.start()

    eventually("ten sessions are counted", lambda: journey.threshold()["count"] == 10)
    assert journey.threshold()["status"] == "met"
    eventually("a case is opened", journey.case)
    again = [
        product.ask(
            "PUT",
            "registers",
            f"/v1/schools/{URN}/registers/{LAST_DAY}/{half}",
            {"marks": [{"upn": UPN, "code": "O"}]},
            role="mis",
            school=URN,
        )
        for half in ("AM", "PM")
    ]
    assert [(sent["recorded"], sent["unchanged"]) for sent in again] == [(0, 1)] * 2
    eventually(f"nothing is left to do: {unfinished(product)}", lambda: not unfinished(product))
    product.ready()  # it waited for what nobody had read for forty days, and a worker looks at that twice a minute
    doctor = [sys.executable, "-m", "attendance", "doctor"]
    asked = subprocess.run(doctor, env=product.environment, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout.splitlines()[-1]) == (0, "all is well"), asked.stdout
    assert product.stop() == {"up": 0}
