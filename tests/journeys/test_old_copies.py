"""Databases that are restored from an old copy beside newer others: noticed, refused, named, and brought back."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psycopg
import pytest

from shared.database.embedded import EmbeddedPostgres
from shared.settings import SERVICES
from tests.journeys.journey import END_STATE, Journey, end_state, lost_or_doubled
from tests.journeys.product import Embedded, eventually

pytestmark = pytest.mark.journey

WITHIN_A_MINUTE = 90.0


class Copies:
    """Copies of a stopped product's databases, taken and restored as a person would who has nothing but PostgreSQL."""

    def __init__(self, product: Embedded) -> None:
        self.product = product
        self.server = EmbeddedPostgres(product.folder / "data" / "postgres")

    def take(self, name: str, databases: tuple[str, ...]) -> None:
        self.product.stop()
        self._run(*[f'CREATE DATABASE {each}_{name} TEMPLATE {each} OWNER "{each}_owner"' for each in databases])

    def restore(self, name: str, databases: tuple[str, ...]) -> None:
        self.product.stop()
        for each in databases:
            self._run(f"DROP DATABASE {each}", f'CREATE DATABASE {each} TEMPLATE {each}_{name} OWNER "{each}_owner"')

    def _run(self, *statements: str) -> None:
        self.server.start()
        with psycopg.connect(self.server.url("postgres", "postgres").replace("+asyncpg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
        self.server.stop()


@pytest.fixture
def product() -> Iterator[Embedded]:
    made = Embedded()
    made.today("2026-09-21")
    made.start()
    yield made
    made.remove()


def start(product: Embedded) -> None:
    """Start a product of which services may refuse to work."""
    product.processes["up"].start()
    eventually("every service answers", lambda: all(ready(product, service) is not None for service in SERVICES))


def ready(product: Embedded, service: str) -> httpx2.Response | None:
    try:
        return httpx2.get(f"{product.address(service)}/health/ready")
    except httpx2.TransportError:
        return None


def refusing(product: Embedded) -> dict[str, str]:
    """Return why services refuse to work."""
    answers = {service: answer.json() for service in SERVICES if (answer := ready(product, service)) is not None}
    return {service: body["detail"] for service, body in answers.items() if body.get("type") == "/problems/database-is-older"}


def recover(product: Embedded, service: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "attendance", "recover", service, "--by", "Ann Operator"]
    return subprocess.run(command, env=product.environment, capture_output=True, text=True, check=False)


def letters_at_the_provider(product: Embedded) -> int:
    with sqlite3.connect(Path(product.environment["ATTENDANCE_DATA"]) / "stand-ins" / "notify.sqlite3") as rows:
        return int(rows.execute("SELECT count(*) FROM notifications").fetchone()[0])


def payments_at_the_provider(product: Embedded) -> int:
    with sqlite3.connect(Path(product.environment["ATTENDANCE_DATA"]) / "stand-ins" / "payments.sqlite3") as rows:
        return int(rows.execute("SELECT count(*) FROM payments").fetchone()[0])


def test_old_copies_are_refused_and_brought_back_without_a_second_notice_letter_or_payment(product: Embedded) -> None:
    journey, copies = Journey(product), Copies(product)
    for step in (journey.open_school, journey.absence, journey.warn):
        step()
    copies.take("old", SERVICES)
    product.start()
    for step in (journey.more_absence, journey.periods_fail, journey.agree, journey.fine, journey.pay, journey.run_out):
        step()
    eventually("every published event is handled", lambda: not lost_or_doubled(product))
    letters, payments = letters_at_the_provider(product), payments_at_the_provider(product)
    copies.take("new", (*SERVICES, "log"))

    copies.restore("old", SERVICES)
    start(product)
    refused = refusing(product)
    assert set(refused) == set(SERVICES)
    assert "2 notice-issued" in refused["penalties"]
    assert "2 notice-served" in refused["notifications"]
    assert "1 prosecution-file-opened" in refused["prosecutions"]
    copies.restore("new", ("registers", "thresholds", "prosecutions"))
    start(product)
    assert set(refusing(product)) == {"penalties", "notifications"}

    brought_back = recover(product, "penalties"), recover(product, "notifications")

    assert [(done.returncode, done.stderr) for done in brought_back] == [(0, ""), (0, "")], brought_back
    assert "names and reasons did not come back" in brought_back[0].stdout
    eventually("every service works again", lambda: not refusing(product), WITHIN_A_MINUTE)
    eventually("every published event is handled", lambda: not lost_or_doubled(product))
    assert end_state(journey) == END_STATE
    assert (letters_at_the_provider(product), payments_at_the_provider(product)) == (letters, payments)
    assert product.stop() == {"up": 0}
