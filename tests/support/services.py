"""Fixtures that give a test one service over a real database, migrated once per run."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import text

from shared.contracts.event import Event
from shared.database import Database, Transaction
from shared.database.embedded import EmbeddedPostgres
from shared.http import tokens
from shared.http.access import ROLES
from shared.ids import new_id
from shared.messaging.consumers import receive
from shared.messaging.contracts import contracts
from shared.messaging.messages import Message
from shared.service import Service
from tests.support.databases import ServiceDatabases, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """Give a PostgreSQL server of this test process."""
    with running_postgres() as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def service_databases(postgres: EmbeddedPostgres) -> AsyncIterator[ServiceDatabases]:
    """Give the services' databases on that server."""
    made = ServiceDatabases(postgres)
    yield made
    await made.close()


class ApiClient:
    """Asks a service's API in this process."""

    def __init__(self, http: httpx2.AsyncClient, token: str | None = None) -> None:
        self._http = http
        self._token = token

    def as_(self, role: str, *, name: str | None = None, schools: Iterable[int] = (), la_code: str | None = None) -> "ApiClient":
        """Return the same client with a token; without a name it names somebody by the title of the role, with an empty one nobody."""
        named = ROLES.get(role) if name is None else name
        return ApiClient(self._http, tokens.issue(role, name=named, schools=schools, la_code=la_code))

    async def request(
        self, method: str, path: str, body: Any = None, *, content: bytes | None = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """Send a request; `body` goes as JSON, `content` as it is."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        if content is not None:
            return await self._http.request(method, path, content=content, headers=sent)
        return await self._http.request(method, path, json=body, headers=sent)

    async def get(self, path: str, **more: Any) -> httpx2.Response:
        """GET a path."""
        return await self.request("GET", path, **more)

    async def put(self, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """PUT a body."""
        return await self.request("PUT", path, body, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """POST a body."""
        return await self.request("POST", path, body, **more)

    async def patch(self, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        """PATCH a body."""
        return await self.request("PATCH", path, body, **more)


def service_fixtures(service: Service) -> tuple[Any, Any, Any]:
    """Return the fixtures `database`, `tx` and `api` of a service, for its conftest to name."""

    @pytest.fixture
    def database(service_databases: ServiceDatabases) -> Iterator[Database]:
        """Give the service's database; what was committed is gone after the test."""
        kept = service_databases.of(service)
        yield kept.database
        kept.empty()

    @pytest_asyncio.fixture
    async def tx(service_databases: ServiceDatabases) -> AsyncIterator[Transaction]:
        """Give a transaction that is rolled back after the test."""
        kept = service_databases.of(service)
        async with kept.database.engine.connect() as connection:
            transaction = await connection.begin()
            yield connection
            await transaction.rollback()
        kept.forget_statistics()

    @pytest_asyncio.fixture
    async def api(database: Database, service_databases: ServiceDatabases) -> AsyncIterator[ApiClient]:
        """Give a client of the service's API, without a token."""
        transport = httpx2.ASGITransport(service_databases.of(service).app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as http:
            yield ApiClient(http)

    return database, tx, api


@contextmanager
def bells(database: Database, service: Service) -> Iterator[Callable[[], set[str]]]:
    """Give what returns the jobs of a service whose bells were rung since it was asked before."""
    with ExitStack() as listening:
        rung = {name: listening.enter_context(database.bells.listening(name)) for name in service.jobs}

        def take() -> set[str]:
            found = {name for name, bell in rung.items() if bell.is_set()}
            for name in found:
                rung[name].clear()
            return found

        yield take


async def outbox(tx: Transaction) -> list[Event]:
    """Return every event published so far, oldest first, as its contract."""
    rows = (await tx.execute(text("SELECT type, body FROM outbox ORDER BY position"))).all()
    return [contracts()[row.type].model_validate_json(row.body) for row in rows]


def message_of(event: Event) -> Message:
    """Return an event as a transport would carry it, with a fresh id."""
    event_id = new_id()
    return Message(event_id, event.topic, event.key, event.type(), event.model_dump_json(by_alias=True).encode(), {"ce_id": str(event_id)})


async def deliver(database: Database, service: Service, *events: Event) -> None:
    """Run the service's consumer on events, in one transaction, as the worker does."""
    if service.consumers is None:
        raise ValueError(f"{service.name} consumes nothing")
    async with database.begin() as tx:
        await receive(tx, service.consumers, [message_of(event) for event in events])
