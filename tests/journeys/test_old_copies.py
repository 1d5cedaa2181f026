"""Databases that are restored from an old copy beside newer others: noticed, refused, named, and brought back."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psycopg
import pytest

from shared.database.embedded import EmbeddedPostgres
from shared.settings import SERVICES
from tests.journeys.journey import END_STATE, URN, Journey, end_state, lost_or_doubled
from tests.journeys.product import Embedded, eventually

pytestmark = pytest.mark.journey

WITHIN_A_MINUTE = 90.0
DATABASES = (*SERVICES, "log")


class Copies:
    """Copies of a stopped product's databases, taken and restored as a person would who has nothing but PostgreSQL."""

    def __init__(self, product: Embedded) -> None:
        self.product = product
        self.server = EmbeddedPostgres(product.folder / "data" / "postgres")

    def take(self, name: str) -> None:
        self.product.stop()
        self._run(*[f'CREATE DATABASE {each}_{name} TEMPLATE {each} OWNER "{each}_owner"' for each in DATABASES])

    def restore(self, *old: str) -> None:
        """Let these databases be those of the old copy, and the others those of the new one."""
        running = self.product.processes["up"].running
        if running and running.poll() is None:
            self.product.stop()
        statements = []
        for each in DATABASES:
            name = "old" if each in old else "new"
            statements += [f"DROP DATABASE {each}", f'CREATE DATABASE {each} TEMPLATE {each}_{name} OWNER "{each}_owner"']
        self._run(*statements)

    def _run(self, *statements: str) -> None:
        self.server.start()
        with psycopg.connect(self.server.url("postgres", "postgres").replace("+asyncpg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
        self.server.stop()


@dataclass(frozen=True)
class Played:
    """A journey that was played to its end, with a copy from its middle and one from its end, and what the providers had then."""

    product: Embedded
    journey: Journey
    copies: Copies
    letters: int
    payments: int

    def is_as_it_was(self) -> None:
        """Fail unless everything converges to what it was: nothing lost or doubled, no second letter or payment."""
        eventually("every published event is handled", lambda: not lost_or_doubled(self.product))
        assert end_state(self.journey) == END_STATE
        assert (letters_at_the_provider(self.product), payments_at_the_provider(self.product)) == (self.letters, self.payments)


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    product = Embedded()
    product.today("2026-09-21")
    product.start()
    journey, copies = Journey(product), Copies(product)
    for step in (journey.open_school, journey.absence, journey.warn):
        step()
    copies.take("old")
    product.start()
    for step in (journey.more_absence, journey.periods_fail, journey.agree, journey.fine, journey.pay, journey.run_out):
        step()
    eventually("every published event is handled", lambda: not lost_or_doubled(product))
    letters, payments = letters_at_the_provider(product), payments_at_the_provider(product)
    copies.take("new")
    yield Played(product, journey, copies, letters, payments)
    product.remove()


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


def test_all_five_services_come_back_from_old_copies_without_a_second_notice_letter_or_payment(played: Played) -> None:
    product = played.product
    played.copies.restore(*SERVICES)
    start(product)
    refused = refusing(product)
    assert set(refused) == set(SERVICES)
    assert "4 session-recorded" in refused["registers"]
    assert "2 notice-issued" in refused["penalties"]
    assert "2 notice-served" in refused["notifications"]
    assert "1 prosecution-file-opened" in refused["prosecutions"]

    brought_back = {service: recover(product, service) for service in SERVICES}

    assert {service: (done.returncode, done.stderr) for service, done in brought_back.items()} == dict.fromkeys(SERVICES, (0, ""))
    eventually("every service works again", lambda: not refusing(product), WITHIN_A_MINUTE)
    played.is_as_it_was()


@pytest.mark.parametrize(
    ("service", "named"),
    [
        ("registers", f"school {URN}: registers of 2026-10-05 to 2026-10-06 came back without minutes late"),
        ("thresholds", "threshold-met.v1"),
        ("penalties", "names and reasons did not come back"),
        ("prosecutions", "draft: answers to gates, clearances, orders and bundles since the copy did not come back"),
        ("notifications", "brought back: 2 notice-served"),
    ],
)
def test_one_old_copy_beside_newer_ones_comes_back_and_what_did_not_is_named(played: Played, service: str, named: str) -> None:
    product = played.product
    played.copies.restore(service)
    start(product)
    assert set(refusing(product)) == {service}

    done = recover(product, service)

    assert (done.returncode, done.stderr) == (0, ""), done
    assert named in done.stdout
    eventually(f"{service} works again", lambda: not refusing(product), WITHIN_A_MINUTE)
    played.is_as_it_was()


def test_an_old_copy_of_the_log_is_filled_again_by_itself(played: Played) -> None:
    played.copies.restore("log")
    start(played.product)

    assert refusing(played.product) == {}
    played.is_as_it_was()
    assert played.product.stop() == {"up": 0}
