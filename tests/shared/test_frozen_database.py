"""What is answered while every process of the database server stands still, and once they go on."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import psutil
import pytest
from sqlalchemy import MetaData, text

from shared.database import REQUEST, Database, Limits, platform_tables
from shared.database.embedded import EmbeddedPostgres
from shared.database.migrations import upgrade
from shared.database.silence import DatabaseSilent
from shared.http.access import CallerInfo, allow
from shared.http.app import create_app
from shared.http.fast_path import fast_path_of
from shared.http.routing import Db, Router, Tx
from shared.problems import Unavailable
from shared.service import Service
from tests.support.services import ApiClient

LIMITS = Limits(statement=0.4, lock=0.3, idle=60, margin=0.1, connect=0.4)
LONGEST = 1.6
"""A statement and a connection that are not answered, and the end of both: what a request may wait for in all."""
ADD = text("INSERT INTO things (id) VALUES (:id)")

router = Router()
freeze_at_the_end: list["Server"] = []


@router.get("/things")
@allow("manager")
async def count_things(tx: Tx) -> int:
    return int((await tx.execute(text("SELECT count(*) FROM things"))).scalar_one())


@router.post("/things/{number}", status_code=201)
@allow("manager")
async def add_thing(tx: Tx, number: int) -> int:
    await tx.execute(ADD, {"id": number})
    for server in freeze_at_the_end:
        server.freeze()
    return number


@router.post("/outside-things/{number}", status_code=201)
@allow("manager", transaction=False)
async def add_thing_outside(database: Db, number: int) -> int:
    async with database.begin() as tx:
        await tx.execute(ADD, {"id": number})
    return number


@router.put("/things/{number}")
@allow("manager")
async def put_thing(tx: Tx, number: int) -> int:
    await tx.execute(ADD, {"id": number})
    return number


async def put_fast(database: Database, _caller: CallerInfo, path: Mapping[str, str], _body: bytes) -> bytes:
    async with database.begin_in_driver({1}, "things") as connection:
        await connection.execute("INSERT INTO things (id) VALUES ($1)", int(path["number"]))
    return b"1"


metadata = MetaData()
platform_tables(metadata)
FAST = fast_path_of(put_thing, "PUT", "/v1/things/{number}", put_fast, number=r"\d+")
MIGRATION = """
from alembic import op
from tests.support.platform import create_platform
revision, down_revision = '0001', None
def upgrade():
    create_platform()
    op.execute('CREATE TABLE things (id integer CONSTRAINT pk_things PRIMARY KEY)')
"""


class Server:
    """A PostgreSQL server of this module, whose processes can be stopped and let go on."""

    def __init__(self, folder: Path) -> None:
        self.postgres = EmbeddedPostgres(folder / "data")
        self.postgres.start()
        migrations = folder / "migrations"
        migrations.mkdir()
        (migrations / "0001_things.py").write_text(MIGRATION)
        self.url, owner = self.postgres.provide("things")
        upgrade(owner, migrations)
        self.service = Service("things", "Things", "A few routes", metadata, migrations, [router], fast_paths=(FAST,))
        self._stopped: list[psutil.Process] = []

    def freeze(self) -> None:
        """Stop every process, the one first that would start others."""
        main = psutil.Process(self.postgres.pid())
        main.suspend()
        self._stopped = [main, *main.children(recursive=True)]
        for process in self._stopped[1:]:
            os.kill(process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let every process go on."""
        while self._stopped:
            os.kill(self._stopped.pop().pid, signal.SIGCONT)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the server within the block."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with TemporaryDirectory(prefix="attendance-postgres-", ignore_cleanup_errors=True) as folder:
        made = Server(Path(folder))
        yield made
        made.thaw()
        made.postgres.stop()


@pytest.fixture(autouse=True)
def emptied(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(Database.ready, "__defaults__", (LIMITS.connect,))
    yield
    server.thaw()
    freeze_at_the_end.clear()


@asynccontextmanager
async def served(server: Server) -> AsyncIterator[ApiClient]:
    database = Database(server.url, limits=LIMITS)
    app = httpx2.ASGITransport(create_app(server.service, database), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=app, base_url="http://things") as http:
        yield ApiClient(http).as_("manager")
    await database.dispose()


numbers = iter(range(1_000_000))
REQUESTS = {
    "that reads": ("GET", "/v1/things", {}),
    "that stores": ("POST", "/v1/things/{}", {}),
    "that stores under a key": ("POST", "/v1/things/{}", {"Idempotency-Key": "{}"}),
    "that opens its own transactions": ("POST", "/v1/outside-things/{}", {"Idempotency-Key": "{}"}),
    "on the fast path": ("PUT", "/v1/things/{}", {}),
}


async def send(api: ApiClient, name: str) -> httpx2.Response:
    method, path, headers = REQUESTS[name]
    number = str(next(numbers))
    return await api.request(
        method, path.replace("{}", number), headers={key: value.replace("{}", number) for key, value in headers.items()}
    )


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("rested", [False, True], ids=["a moment ago", "long ago"])
async def test_a_request_to_a_frozen_database_is_refused_in_a_few_seconds(
    server: Server, name: str, rested: bool, monkeypatch: pytest.MonkeyPatch
):
    async with served(server) as api:
        assert (await send(api, name)).status_code < 300
        if rested:  # since the connection was used
            monkeypatch.setattr("shared.database.connection.IDLE_BEFORE_PING", 0)

        with server.frozen():
            began = asyncio.get_running_loop().time()
            refused = await send(api, name)
            took = asyncio.get_running_loop().time() - began
            live, ready = await api.get("/health/live"), await api.get("/health/ready")
        again = await _once_back(api, name)

    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    assert int(refused.headers["retry-after"]) > 0
    assert "Nothing" not in refused.json()["detail"]  # nobody knows
    assert took < LONGEST
    assert (live.status_code, ready.status_code, again.status_code < 300) == (200, 503, True)


async def test_a_commit_that_was_not_answered_is_no_success_and_the_same_key_finds_it(server: Server):
    number = next(numbers)
    async with served(server) as api:
        freeze_at_the_end.append(server)
        unanswered = await api.post(f"/v1/things/{number}", headers={"Idempotency-Key": f"of {number}"})
        freeze_at_the_end.clear()
        server.thaw()
        await _once_back(api, "that reads")
        again = await api.post(f"/v1/things/{number}", headers={"Idempotency-Key": f"of {number}"})

    assert unanswered.status_code == 503
    assert "may have been stored all the same" in unanswered.json()["detail"]
    assert (again.status_code, again.json()) == (201, number)  # whether the server had committed it or not


async def test_work_does_not_queue_for_a_server_that_has_accepted_no_connection(server: Server):
    database = Database(server.url, limits=LIMITS)

    async def begin() -> None:
        async with database.begin():
            pass

    with server.frozen():
        with pytest.raises(TimeoutError):
            await begin()
        began = asyncio.get_running_loop().time()
        for _ in range(20):
            with pytest.raises(Unavailable):
                await begin()
        assert asyncio.get_running_loop().time() - began < LIMITS.connect
    await database.dispose()


async def test_the_connections_to_a_frozen_database_end_without_it(server: Server):
    database = Database(server.url)
    async with database.begin(), database.begin(), database.begin():
        pass

    with server.frozen():
        async with asyncio.timeout(LONGEST * 2):
            await database.dispose()


async def _once_back(api: ApiClient, name: str) -> httpx2.Response:
    """Return the response of a request once the server is heard again: it is asked as a client would."""
    async with asyncio.timeout(10):
        while (response := await send(api, name)).status_code == 503:  # noqa: ASYNC110 -- as it says
            await asyncio.sleep(0.05)
    return response


def test_the_limits_of_requests_add_up_to_a_few_seconds():
    assert REQUEST.answer + REQUEST.connect < 10


SLOW = """
from alembic import op
revision, down_revision = '0002', '0001'
def upgrade():
    op.execute('SELECT pg_sleep({seconds})')
"""


@pytest.fixture
def slow_migration(server: Server, tmp_path: Path) -> Callable[[str, float], tuple[str, Path]]:
    """Give a new database with migrations of which the second takes so many seconds."""

    def give(name: str, seconds: float) -> tuple[str, Path]:
        for number, source in enumerate((MIGRATION, SLOW.format(seconds=seconds)), start=1):
            (tmp_path / f"000{number}_step.py").write_text(source)
        return server.postgres.provide(name)[1], tmp_path

    return give


def test_a_migration_under_which_the_server_stands_still_ends_with_the_reason(
    server: Server, slow_migration: Callable[[str, float], tuple[str, Path]]
) -> None:
    lines: list[str] = []

    def freeze(line: str) -> None:
        lines.append(line)
        if len(lines) == 1:
            server.freeze()

    with pytest.raises(DatabaseSilent, match="has not answered"):
        upgrade(*slow_migration("frozen", 600), report=freeze, silent_seconds=2)

    assert lines[0] == "database frozen: migration, 1 seconds so far"


def test_a_long_migration_is_reported_and_ends(slow_migration: Callable[[str, float], tuple[str, Path]]) -> None:
    lines: list[str] = []

    upgrade(*slow_migration("slow", 1), report=lines.append, silent_seconds=0.4)

    assert {line.partition(",")[0] for line in lines} == {"database slow: migration"}
