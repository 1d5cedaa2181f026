"""The service over a real database, with other services and a letter provider over real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from attendance.standins import notify
from services.notifications.app import SERVICE
from shared.settings import settings
from tests.notifications.examples import KEY
from tests.notifications.upstreams import PostOffice, Upstreams
from tests.support import service_fixtures
from tests.support.servers import served

database, tx, api = service_fixtures(SERVICE)


@pytest_asyncio.fixture
async def upstreams(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Upstreams]:
    made = Upstreams()
    async with served(made.app) as address:
        monkeypatch.setenv("ATTENDANCE_URL_PENALTIES", address)
        monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", address)
        yield made


@pytest_asyncio.fixture
async def post_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PostOffice]:
    office = PostOffice(notify.create(tmp_path / "notify", KEY))
    async with served(office) as address:
        monkeypatch.setenv("ATTENDANCE_NOTIFY_URL", address)
        monkeypatch.setenv("ATTENDANCE_NOTIFY_API_KEY", KEY)
        monkeypatch.setenv("ATTENDANCE_NOTIFY_CALLBACK_TOKEN", "callback-token")
        monkeypatch.setenv("ATTENDANCE_PUBLIC_URL", "https://attendance.example.gov.uk")
        monkeypatch.setenv("ATTENDANCE_TODAY", "2026-09-21")
        settings.cache_clear()
        yield office
    settings.cache_clear()
