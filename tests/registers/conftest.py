"""The service over a real database, on a fixed day."""

import pytest

from services.registers.app import SERVICE
from tests.support import service_fixtures

database, tx, api = service_fixtures(SERVICE)


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch):
    monkeypatch.setenv("ATTENDANCE_TODAY", "2027-08-01")
