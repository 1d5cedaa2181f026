"""Other systems are asked over connections that are kept and used again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx2
import pytest

from shared.http import HttpClient, ServiceClient
from shared.http.client import IncompleteResponse, UpstreamUnavailable
from shared.problems import NotFound, Unavailable


class Upstream:
    """A server that answers every request of a connection with one status and body, and counts both."""

    def __init__(self, status: int = 200, body: bytes = b'{"ok": true}') -> None:
        self.status = status
        self.body = body
        self.connections = 0
        self.requests: list[str] = []
        self.open: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.append(writer)
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.requests.append(head.decode().splitlines()[0])
                writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(self.body)}\r\n\r\n".encode() + self.body)


@asynccontextmanager
async def served(upstream: "Upstream | Meeting") -> AsyncIterator[str]:
    server = await asyncio.start_server(upstream, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for writer in upstream.open:
        writer.close()
    server.close()


@pytest.fixture
def registers(monkeypatch: pytest.MonkeyPatch):
    """Return what makes a client of registers at an address."""

    def at(address: str) -> ServiceClient:
        monkeypatch.setenv("ATTENDANCE_URL_REGISTERS", address)
        return ServiceClient("registers")

    return at


async def test_a_second_request_uses_the_connection_of_the_first(registers):
    upstream = Upstream()
    async with served(upstream) as address:
        client = registers(f"{address}/")

        assert await client.read("/v1/schools/100401", dict[str, bool]) == {"ok": True}
        await client.read("/v1/pupils/A881400020401/marks", dict[str, bool], **{"from": "2026-09-14"})

    assert upstream.requests == ["GET /v1/schools/100401 HTTP/1.1", "GET /v1/pupils/A881400020401/marks?from=2026-09-14 HTTP/1.1"]
    assert upstream.connections == 1


class Meeting:
    """A server that answers when so many requests are under way at the same moment, and counts its connections."""

    def __init__(self, size: int) -> None:
        self.waiting = asyncio.Barrier(size)
        self.connections = 0
        self.open: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.append(writer)
        with suppress(asyncio.IncompleteReadError, asyncio.BrokenBarrierError):
            while await reader.readuntil(b"\r\n\r\n"):
                await self.waiting.wait()
                writer.write(b'HTTP/1.1 200 X\r\nContent-Length: 12\r\n\r\n{"ok": true}')


async def test_forty_calls_at_once_are_under_way_together_and_the_next_forty_use_kept_connections(registers):
    meeting = Meeting(40)
    async with served(meeting) as address:
        client = registers(address)

        async with asyncio.timeout(10):  # each waits for all the others
            for _ in range(2):
                found = await asyncio.gather(*(client.read("/v1/schools/100401", dict[str, bool]) for _ in range(40)))
                assert found == [{"ok": True}] * 40
        assert meeting.connections < 80


async def test_certificates_are_loaded_once_for_every_client(monkeypatch: pytest.MonkeyPatch):
    HttpClient("the first", lambda: "https://first.example", seconds=1)
    loaded: list[None] = []
    monkeypatch.setattr(httpx2, "create_ssl_context", lambda: loaded.append(None))

    HttpClient("the second", lambda: "https://second.example", seconds=1)

    assert not loaded


@pytest.mark.parametrize(
    ("status", "refusal"), [(404, NotFound), (503, Unavailable), (403, UpstreamUnavailable), (302, UpstreamUnavailable)]
)
async def test_a_service_that_refuses_is_named_by_its_refusal(registers, status: int, refusal: type[Exception]):
    async with served(Upstream(status)) as address:
        with pytest.raises(refusal):
            await registers(address).read("/v1/schools/100401", dict[str, bool])


async def test_a_system_that_is_away_is_asked_again_later():
    client = HttpClient("The provider", lambda: "http://127.0.0.1:1", seconds=1, retry_after=10)

    with pytest.raises(Unavailable, match=r"The provider does not answer\.") as away:
        await client.request("GET", "/v1/payments")

    assert away.value.headers == {"Retry-After": "10"}


@dataclass(frozen=True)
class Welcome:
    ok: bool


@dataclass(frozen=True)
class Invitation:
    ok: bool
    until: str


async def test_a_response_is_read_as_a_value_and_refused_where_a_field_is_missing(registers):
    async with served(Upstream()) as address:
        client = registers(address)

        assert await client.read("/v1/welcome", Welcome) == Welcome(ok=True)
        with pytest.raises(IncompleteResponse, match="registers responded without a usable until"):
            await client.read("/v1/invitation", Invitation)


async def test_a_response_that_is_no_json_is_refused(registers):
    async with served(Upstream(body=b"<html></html>")) as address:
        with pytest.raises(IncompleteResponse, match="registers responded without a usable body"):
            await registers(address).read("/v1/welcome", Welcome)
