"""The service over a real database, with a register service that answers over a real socket."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.prosecutions.app import SERVICE
from tests.notifications.upstreams import Upstreams
from tests.support import service_fixtures
from tests.support.servers import served

database, tx, api = service_fixtures(SERVICE)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDANCE_TODAY", "2026-12-16")


@pytest_asyncio.fixture
async def upstreams(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Upstreams]:
    made = Upstreams()
    async with served(made.app) as address:
        monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", address)
        yield made
