"""The service over a real database, and a payment provider over a real socket."""

from collections.abc import Callable, Iterator

import pytest

from services.penalties.app import SERVICE
from shared.database import Database
from shared.settings import settings
from tests.penalties.chain import Chain, Registers
from tests.penalties.paying import SECRET, Provider
from tests.support import ApiClient, service_fixtures

database, tx, api = service_fixtures(SERVICE)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what moves the civil date."""
    return lambda day: monkeypatch.setenv("ATTENDANCE_TODAY", day)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, today: Callable[[str], None]) -> Iterator[Provider]:
    """Give a payment provider; it is the last day of the lower rate."""
    made = Provider()
    monkeypatch.setenv("ATTENDANCE_PAY_URL", made.url)
    monkeypatch.setenv("ATTENDANCE_PAY_API_KEY", "api_test_key")
    monkeypatch.setenv("ATTENDANCE_PAY_WEBHOOK_SECRET", SECRET)
    settings.cache_clear()
    today("2026-12-08")
    yield made
    made.stop()
    settings.cache_clear()


@pytest.fixture
def registers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registers]:
    """Give as much of registers and thresholds as penalties asks."""
    made = Registers()
    monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", made.url)
    monkeypatch.setenv("ATTENDANCE_URL_THRESHOLDS", made.url)
    yield made
    made.stop()


@pytest.fixture
def chain(database: Database, api: ApiClient, registers: Registers, today: Callable[[str], None]) -> Chain:
    """Give one pupil with two parents; it is the Monday on which the journey begins."""
    today("2026-09-21")
    return Chain(database, api)
