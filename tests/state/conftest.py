"""Services over real databases: what one publishes reaches the others when a test carries it there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from services.notifications.app import SERVICE as NOTIFICATIONS
from services.penalties.app import SERVICE as PENALTIES
from services.prosecutions.app import SERVICE as PROSECUTIONS
from services.registers.app import SERVICE as REGISTERS
from services.thresholds.app import SERVICE as THRESHOLDS
from shared.database import Database
from shared.http.comparisons import HeldFact
from tests.state.carrying import client_of
from tests.support import ApiClient, service_fixtures

registers = service_fixtures(REGISTERS)[0]
thresholds = service_fixtures(THRESHOLDS)[0]
penalties = service_fixtures(PENALTIES)[0]
prosecutions = service_fixtures(PROSECUTIONS)[0]
notifications = service_fixtures(NOTIFICATIONS)[0]


@pytest_asyncio.fixture
async def registers_api(registers: Database) -> AsyncIterator[ApiClient]:
    async with client_of(REGISTERS, registers) as client:
        yield client


@pytest_asyncio.fixture
async def thresholds_api(thresholds: Database) -> AsyncIterator[ApiClient]:
    async with client_of(THRESHOLDS, thresholds) as client:
        yield client


@pytest.fixture
def databases(
    registers: Database, thresholds: Database, penalties: Database, prosecutions: Database, notifications: Database
) -> dict[str, Database]:
    """Give the database of every service by its name."""
    return {
        "registers": registers,
        "thresholds": thresholds,
        "penalties": penalties,
        "prosecutions": prosecutions,
        "notifications": notifications,
    }


@pytest_asyncio.fixture
async def notifications_api(notifications: Database) -> AsyncIterator[ApiClient]:
    async with client_of(NOTIFICATIONS, notifications) as client:
        yield client


class Services:
    """Asks each service's API for what it holds, as the doctor does; `look` is awaited before each question."""

    def __init__(self, clients: dict[str, ApiClient]) -> None:
        self.clients = clients
        self.look: Callable[[], Awaitable[None]] | None = None

    async def get(self, service: str, path: str, model: type[HeldFact], *, role: str = "manager") -> HeldFact:
        if self.look:
            await self.look()
        answer = await self.clients[service].as_(role, name="").get(path)
        assert answer.status_code == 200, answer.text
        return model.model_validate_json(answer.content)


@pytest_asyncio.fixture
async def services(databases: dict[str, Database]) -> AsyncIterator[Services]:
    """Give what the doctor asks, over the databases of the test."""
    async with AsyncExitStack() as stack:
        made = (REGISTERS, THRESHOLDS, PENALTIES, PROSECUTIONS, NOTIFICATIONS)
        yield Services({each.name: await stack.enter_async_context(client_of(each, databases[each.name])) for each in made})
