"""What a server does with clients that send nothing, too slowly, too much, or go away; over real sockets."""

import asyncio
import json
import socket

import pytest
import pytest_asyncio
from fastapi import Request
from structlog.testing import capture_logs

from services.console.app import create_console
from services.console.connections import PageConnection
from services.registers.app import SERVICE as REGISTERS
from shared.database import Database
from shared.http import Router, allow, connections, edge, tokens
from shared.http.app import create_app
from shared.runtime import Server, serve
from shared.service import Service
from shared.settings import Settings

router = Router()
entered, leave = asyncio.Event(), asyncio.Event()
LONG = "x" * (32 * 1024 * 1024)


@router.post("/echoes")
@allow("mis", transaction=False)
async def echo(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@router.get("/waits")
@allow("mis", transaction=False)
async def wait() -> dict[str, str]:
    entered.set()
    await leave.wait()
    return {"status": "left"}


@router.get("/long")
@allow("mis", transaction=False)
async def long() -> dict[str, str]:
    return {"text": LONG}


SERVICE = Service("echoes", "Echoes", "Three routes", REGISTERS.metadata, REGISTERS.migrations, [router])


class Client:
    """One connection to a server."""

    def __init__(self, port):
        self.port = port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self.writer.transport.abort()

    def send(self, text):
        self.writer.write(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode())

    async def answer(self):
        """Return status, headers and body of the next response."""
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def get(self, path):
        self.send(f"GET {path} HTTP/1.1\nHost: here\nAuthorization: Bearer {tokens.issue('mis', schools=[100101])}\n\n")
        return await self.answer()

    async def is_closed(self):
        """Wait until the server ends the connection; return whether it did so without a response."""
        try:
            return await asyncio.wait_for(self.reader.read(), 5) == b""
        except ConnectionResetError:
            return True


def head(length, path="/v1/echoes"):
    token = tokens.issue("mis", schools=[100101])
    return f"POST {path} HTTP/1.1\nHost: here\nAuthorization: Bearer {token}\nContent-Type: application/json\nContent-Length: {length}\n\n"


async def served(app, connection=connections.Connection):
    server, stopping, ready = Server(app, 0, connection=connection), asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(serve(server, stopping, ready.set))
    await ready.wait()
    yield server.servers[0].sockets[0].getsockname()[1]
    stopping.set()
    await running


@pytest_asyncio.fixture
async def port(postgres):
    entered.clear()
    leave.clear()
    async for each in served(create_app(SERVICE, Database(postgres.url("postgres", "postgres")))):
        yield each


@pytest_asyncio.fixture
async def console_port(tmp_path):
    async for each in served(create_console(Settings(data=tmp_path)), PageConnection):
        yield each


@pytest.fixture
def recorded(monkeypatch):
    """Give a queue of what services record: name and status of each request."""
    queue: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    record = edge.Edge._record

    def record_and_tell(self, scope, status, seconds):
        record(self, scope, status, seconds)
        queue.put_nowait((self.service, status))

    monkeypatch.setattr(edge.Edge, "_record", record_and_tell)
    return queue


async def test_silent_connections_keep_nobody_else_waiting(port):
    silent = [await Client(port).__aenter__() for _ in range(300)]

    async with Client(port) as client:
        statuses = [(await client.get(path))[0] for path in ("/health/live", "/health/ready", "/v1/nothing")]

    assert statuses == [200, 503, 404]  # this database was never migrated
    for each in silent:
        await each.__aexit__()


@pytest.mark.parametrize(
    "sent",
    ["", "GET /health/live HTTP/1.1\nHost: he", "\n", head(10), head(10) + "{"],
    ids=["nothing", "half a head", "an empty line", "no body", "half a body"],
)
async def test_a_connection_that_sends_no_complete_request_is_closed(port, monkeypatch, sent):
    monkeypatch.setattr(connections, "RECEIVE_SECONDS", 0.2)
    async with Client(port) as client:
        client.send(sent)

        assert await client.is_closed()


async def test_a_connection_that_was_used_stays_open_as_long_as_a_new_one(port, monkeypatch):
    connection_made = connections.Connection.connection_made

    def make(self, transport):
        connection_made(self, transport)
        self.timeout_keep_alive = 0.1  # uvicorn's own time limit

    monkeypatch.setattr(connections.Connection, "connection_made", make)
    async with Client(port) as client:
        first = await client.get("/health/live")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(1), 0.5)
        second = await client.get("/health/live")

    assert (first[0], second[0]) == (200, 200)


async def test_a_connection_that_was_used_is_closed_when_the_next_request_stays_incomplete(port, monkeypatch):
    monkeypatch.setattr(connections, "RECEIVE_SECONDS", 0.2)
    async with Client(port) as client:
        first = await client.get("/health/live")
        client.send("\n")  # takes uvicorn's own time limit away

        assert (first[0], await client.is_closed()) == (200, True)


async def test_a_sender_of_a_long_body_has_more_time(port, monkeypatch):
    monkeypatch.setattr(connections, "RECEIVE_SECONDS", 0.2)
    monkeypatch.setattr(connections, "BODY_RATE", 1)
    async with Client(port) as client:
        client.send(head(4) + "123")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.reader.read(), 1)
        client.send("4")

        assert json.loads((await client.answer())[2]) == {"bytes": 4}


async def test_a_request_in_work_is_not_hurried(port, monkeypatch):
    monkeypatch.setattr(connections, "RECEIVE_SECONDS", 0.1)
    async with Client(port) as client:
        answer = asyncio.create_task(client.get("/v1/waits"))
        await entered.wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(answer), 0.5)
        leave.set()

        assert (await answer)[0] == 200


async def test_a_client_that_does_not_take_its_response_is_given_up(port, monkeypatch, recorded):
    monkeypatch.setattr(connections, "RECEIVE_SECONDS", 0.1)
    monkeypatch.setattr(connections, "WRITE_SECONDS", 0.1)
    lost, connection_lost = asyncio.Event(), connections.Connection.connection_lost

    def lose(self, exc):
        lost.set()
        connection_lost(self, exc)

    monkeypatch.setattr(connections.Connection, "connection_lost", lose)
    async with Client(port) as client:
        client.reader._transport.pause_reading()
        client.send(f"GET /v1/long HTTP/1.1\nHost: here\nAuthorization: Bearer {tokens.issue('mis', schools=[100101])}\n\n")

        assert await recorded.get() == ("echoes", 200)
        await asyncio.wait_for(lost.wait(), 5)


async def test_a_new_connection_takes_the_place_of_the_one_that_was_silent_longest(port, monkeypatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    async with Client(port) as used, Client(port) as silent, Client(port) as later:
        await used.get("/health/live")

        async with Client(port) as newest:
            assert (await newest.get("/health/live"))[0] == 200
            assert await silent.is_closed()
            assert [(await each.get("/health/live"))[0] for each in (used, later)] == [200, 200]


@pytest.mark.parametrize(
    ("begun", "piece"),
    [("GET / HTTP/1.1\nX-Long: ", b"x"), ("GET /", b"x"), ("GET / HTTP/1.1\n", b"x: y\r\n")],
    ids=["header", "path", "headers"],
)
async def test_a_head_without_end_is_refused(port, begun, piece):
    async with Client(port) as client, Client(port) as other:
        client.send(begun)
        await other.get("/health/live")  # what was sent before has been read by then
        client.send(piece * (connections.MAX_HEAD // len(piece) + 1))

        status, headers, body = await client.answer()

    assert (status, headers["content-type"], json.loads(body)["status"]) == (431, "application/problem+json", 431)


@pytest.mark.parametrize(
    ("sent", "status"),
    [("HELO\n\n", 400), (b"GET /sign-in?next=\xff HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\n" + "x: y\n" * connections.MAX_HEAD, 431)],
)
async def test_a_text_that_is_no_request_is_refused_by_the_console_with_a_page(console_port, sent, status):
    async with Client(console_port) as client:
        client.send(sent)

        answered, headers, body = await client.answer()

    assert (answered, headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert body.count(b"<h1") == 1
    assert b'<a class="govuk-link" href="/">Sign in</a>' in body


async def test_trailers_without_end_are_refused(port):
    async with Client(port) as client:
        client.send(head(1).replace("Content-Length: 1", "Transfer-Encoding: chunked") + "1\n1\n0\n")
        for _ in range(200):
            client.send(b"x: y\r\n" * 1000)

        assert await client.is_closed()


async def test_a_request_with_a_body_that_asks_for_another_protocol_is_refused_with_a_problem(port):
    async with Client(port) as client:
        client.send(head(4).replace("Host: here\n", "Host: here\nUpgrade: h2c\nConnection: Upgrade\n"))
        await client.writer.drain()
        client.send("1234")

        status, headers, body = await client.answer()

    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert "without Upgrade" in json.loads(body)["title"]


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1\nConnection: close"])
async def test_a_refusal_reaches_a_client_that_goes_on_sending_and_wants_no_other_answer(port, protocol):
    async with Client(port) as client:
        client.send(head(20 * 1024 * 1024).replace("HTTP/1.1", protocol))
        await asyncio.wait_for(client.reader._wait_for_data("headers"), 5)  # the refusal is there before the body is sent
        for _ in range(20):
            client.send(b"x" * 1024 * 1024)
            await client.writer.drain()

        status, headers, _ = await client.answer()
        ended = await client.is_closed()

    assert (status, headers["connection"], ended) == (413, "close", True)


@pytest.mark.parametrize("sent", ["HELO\n\n", b"GET /v1/echoes?name=\xff HTTP/1.1\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n"])
async def test_a_text_that_is_no_request_is_refused_with_a_problem(port, sent):
    async with Client(port) as client:
        client.send(sent)

        status, headers, body = await client.answer()

    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["title"] == "Invalid HTTP request received"


async def test_more_requests_than_can_be_worked_on_are_refused_and_health_answers(port, monkeypatch):
    monkeypatch.setattr(edge, "MAX_IN_WORK", 1)
    async with Client(port) as first, Client(port) as slow, Client(port) as second:
        answer = asyncio.create_task(first.get("/v1/waits"))
        await entered.wait()
        refused = await second.get("/v1/waits")
        live, ready = [await second.get(path) for path in ("/health/live", "/health/ready")]
        leave.set()
        answered = await answer
        slow.send(head(10) + "half")  # a body that has not come yet takes no place
        again = await second.get("/v1/waits")

    assert (refused[0], refused[1]["content-type"], refused[1]["retry-after"]) == (503, "application/problem+json", "1")
    assert json.loads(refused[2]) == {
        "type": "/problems/overloaded",
        "title": "Too many requests are in work at the moment",
        "status": 503,
        "detail": "Send the request again.",
    }
    assert (live[0], answered[0], again[0]) == (200, 200, 200)
    assert json.loads(ready[2])["title"] == "The database does not answer or is not migrated"  # and not that it is overloaded


async def test_questions_after_health_that_wait_for_a_database_keep_no_request_out(port, monkeypatch):
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def hang(_database: Database) -> bool:
        asked.set()
        await goes_on.wait()
        return True

    monkeypatch.setattr(Database, "ready", hang)
    monkeypatch.setattr(edge, "MAX_IN_WORK", 1)
    async with Client(port) as first, Client(port) as second:
        ready = asyncio.create_task(first.get("/health/ready"))
        await asked.wait()
        missing = await second.get("/v1/nothing")
        goes_on.set()

        assert ((await ready)[0], missing[0]) == (200, 404)


async def test_a_client_that_hangs_up_is_no_error(port, recorded):
    with capture_logs() as logs:
        async with Client(port) as client:
            client.send(head(10) + "half")
            await client.writer.drain()

        assert await asyncio.wait_for(recorded.get(), 5) == ("echoes", 499)

    assert {(each["event"], each["log_level"]) for each in logs} == {("request", "info")}


async def test_a_person_who_closes_the_page_while_a_form_is_sent_is_no_error(console_port, recorded):
    with capture_logs() as logs:
        async with Client(console_port) as client:
            form = head(10, "/sign-in").replace("application/json", "application/x-www-form-urlencoded")
            client.send(form.replace("Host: here\n", "Host: here\nOrigin: http://here\n"))
            await client.writer.drain()

        assert await asyncio.wait_for(recorded.get(), 5) == ("console", 499)

    assert {(each["event"], each["log_level"]) for each in logs} == {("request", "info")}


async def test_readiness_is_answered_while_the_database_hangs(monkeypatch):
    monkeypatch.setattr(Database.ready, "__defaults__", (0.2,))
    with socket.create_server(("127.0.0.1", 0)) as hanging:  # connections are made, and nobody ever says anything
        database = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{hanging.getsockname()[1]}/nothing")
        async for port in served(create_app(SERVICE, database)):
            async with Client(port) as client:
                ready, live = await client.get("/health/ready"), await client.get("/health/live")

    assert (ready[0], live[0]) == (503, 200)
    assert json.loads(ready[2])["title"] == "The database does not answer or is not migrated"
