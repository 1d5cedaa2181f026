"""Fixtures that give a test one service over a real database, migrated once per run."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text

from shared.contracts.event import Event
from shared.database import Database, RowVisibility, Transaction
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import upgrade
from shared.http import tokens
from shared.http.access import ROLES
from shared.http.app import create_app
from shared.ids import new_id
from shared.messaging.consumers import receive
from shared.messaging.contracts import contracts
from shared.messaging.messages import Message
from shared.service import Service


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """Give a PostgreSQL server of this test process."""
    # Not in pytest's own folder: every new run of pytest closes that to other users, and under root the server is one.
    with TemporaryDirectory(prefix="attendance-postgres-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "data")
        server.start()
        yield server
        server.stop()


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

    @pytest_asyncio.fixture
    async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
        """Give the service's database; what was committed is gone after the test."""
        made = Database(_migrated(postgres, service))
        yield made
        await made.dispose()
        _empty(postgres, service)

    @pytest_asyncio.fixture
    async def tx(postgres: EmbeddedPostgres) -> AsyncIterator[Transaction]:
        """Give a transaction that is rolled back after the test."""
        made = Database(_migrated(postgres, service), pooled=False)
        async with made.engine.connect() as connection:
            transaction = await connection.begin()
            yield connection
            await transaction.rollback()
        await made.dispose()

    @pytest_asyncio.fixture
    async def api(database: Database) -> AsyncIterator[ApiClient]:
        """Give a client of the service's API, without a token."""
        # As in production, where an API's connections see nothing under row security until a request has set whose it is.
        nothing = database.visible_to(RowVisibility(schools=frozenset()))
        transport = httpx2.ASGITransport(create_app(service, nothing), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as http:
            yield ApiClient(http)

    return database, tx, api


_done: dict[tuple[Path, str], str] = {}


def _migrated(postgres: EmbeddedPostgres, service: Service) -> str:
    key = (postgres.folder, service.name)
    if key not in _done:
        login, owner = postgres.provide(service.name)
        upgrade(owner, service.migrations)
        _done[key] = login
    return _done[key]


def _empty(postgres: EmbeddedPostgres, service: Service) -> None:
    # As the owner: the login role may not truncate, and should not.
    owner = postgres.url(f"{service.name}_owner", service.name).replace("+asyncpg", "+psycopg")
    engine = create_engine(owner)
    try:
        with engine.begin() as connection:
            # A test that leaves a transaction open fails here: this thread is the one in which it would have to go on.
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            # Emptying every table takes longer than most tests.
            every = ", ".join(f"('{name}', EXISTS (SELECT FROM \"{name}\"))" for name in service.metadata.tables)
            asked = f"SELECT name FROM (VALUES {every}) AS found (name, filled) WHERE filled"
            filled = connection.execute(text(asked)).scalars()
            if names := ", ".join(f'"{name}"' for name in filled):
                connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    finally:
        engine.dispose()


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
