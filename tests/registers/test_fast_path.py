"""The fast path of a register past its route: it stores what the route would store, and leaves the rest to the route, untouched."""

import orjson
import pytest
from starlette.requests import ClientDisconnect

from services.registers.app import SERVICE
from services.registers.marks.use_cases import registers
from shared.http import fast_path, tokens
from shared.http.app import create_app
from tests.registers.given import A, B, a_pupil, a_register, a_school, scalar, upn

PATH = f"/v1/schools/{A}/registers/2026-09-10/AM"
BODY = orjson.dumps({"marks": [{"upn": upn(1), "code": "O"}]})
STORED = "SELECT count(*) FROM receipts WHERE date = '2026-09-10'"


class Line:
    """A connection to the service: what is sent on it comes in chunks, and may end before it is complete."""

    def __init__(self, database):
        self.app = create_app(SERVICE, database)

    async def put(self, *chunks, token=None, method="PUT", path=PATH, complete=True):
        sent = [
            {"type": "http.request", "body": chunk, "more_body": not complete or number < len(chunks)}
            for number, chunk in enumerate(chunks, 1)
        ]
        answered = []

        async def receive():
            return sent.pop(0) if sent else {"type": "http.disconnect"}

        async def send(message):
            answered.append(message)

        headers = [(b"authorization", f"Bearer {token or tokens.issue('mis', schools=[A])}".encode())]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
        }
        try:
            await self.app(
                {**scope, "http_version": "1.1", "scheme": "http", "server": ("service", 80), "client": ("here", 1)}, receive, send
            )
        except ClientDisconnect:
            assert not complete
        return answered[0]["status"] if answered else None


@pytest.fixture
async def line(api, database):
    """A school of one pupil, whose roll is in memory and whose month is there."""
    await a_school(api)
    await a_school(api, B)
    await a_pupil(api)
    await a_register(api, (1, "/"), day="2026-09-01")
    await a_register(api, (1, "/"), day="2026-09-02")
    return Line(database)


@pytest.fixture
def routed(monkeypatch):
    """The registers that the route was asked to store."""
    seen, store = [], registers.store_register

    async def noted(*asked):
        seen.append(asked)
        return await store(*asked)

    monkeypatch.setattr(registers, "store_register", noted)
    return seen


async def test_a_register_after_a_pupil_joined_takes_the_fast_path_with_the_new_roll(api, line, database, routed):
    await a_pupil(api, 2)
    both = orjson.dumps({"marks": [{"upn": upn(1), "code": "O"}, {"upn": upn(2), "code": "/"}]})

    assert await line.put(both) == 200
    assert await line.put(both, path=PATH.replace("09-10", "09-11")) == 200

    assert routed == []
    assert await scalar(database, "SELECT count(*) FROM marks WHERE date IN ('2026-09-10', '2026-09-11')") == 4


@pytest.mark.parametrize("chunks", [[BODY], [BODY[:9], BODY[9:]], [BODY, b""], [b"", BODY[:1], b"", BODY[1:]]])
async def test_a_body_is_stored_by_the_fast_path_in_whatever_chunks_it_comes(line, database, routed, chunks):
    assert await line.put(*chunks) == 200

    assert (routed, await scalar(database, STORED)) == ([], 1)


async def test_a_body_too_large_for_the_fast_path_is_read_from_its_beginning_by_the_route(line, database, routed):
    blank = b" " * (fast_path.MAX_BODY // 2)

    assert await line.put(BODY[:9], blank, blank, BODY[9:]) == 200

    assert (len(routed), await scalar(database, STORED)) == (1, 1)


@pytest.mark.parametrize("chunks", [[], [BODY[:9]], [BODY]])
async def test_a_body_that_was_never_complete_stores_nothing(line, database, chunks):
    assert await line.put(*chunks, complete=False) != 200

    assert await scalar(database, STORED) == 0


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (lambda: "nobody's", 401),
        (lambda: tokens.issue("school", schools=[A]), 403),
        (lambda: tokens.issue("aco"), 403),
        (lambda: tokens.issue("service"), 403),
        (lambda: tokens.issue("mis", schools=[B]), 403),
        (lambda: tokens.issue("mis"), 403),
        (lambda: tokens.issue("manager"), 403),
        (lambda: tokens.issue("manager", name="Mo Lead", la_code="935"), 403),
        (lambda: tokens.issue("manager", name="Mo Lead", la_code="881"), 200),
        (lambda: tokens.issue("manager", name="Mo Lead"), 200),
    ],
)
async def test_a_caller_whom_the_route_refuses_is_refused(line, database, token, status):
    assert await line.put(BODY, token=token()) == status

    assert await scalar(database, STORED) == (status == 200)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", PATH, 405),
        ("HEAD", PATH, 405),
        ("PUT", f"{PATH}/", 307),
        ("PUT", f"{PATH}\n", 422),
        ("PUT", PATH.replace("AM", "am"), 422),
        ("PUT", PATH.replace("-09-10", "-02-30"), 422),
        ("PUT", PATH.replace("2026", "٢٠٢٦"), 422),
        ("PUT", PATH.replace("2026", "2027"), 200),
    ],
)
async def test_a_path_that_is_not_quite_a_register_goes_to_the_routes(line, routed, method, path, status):
    assert await line.put(BODY, method=method, path=path) == status

    assert len(routed) == (status == 200), "a register of a day to come is quarantined by the route"
