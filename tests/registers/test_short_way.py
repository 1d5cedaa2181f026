"""The short way of the usual register past its route: it takes what the route would take, and leaves the rest to it, untouched."""

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
    """A connection to the service: what is sent on it comes in pieces, and may end before it is whole."""

    def __init__(self, database):
        self.app = create_app(SERVICE, database)

    async def put(self, *pieces, token=None, method="PUT", path=PATH, whole=True):
        said = [
            {"type": "http.request", "body": piece, "more_body": not whole or number < len(pieces)}
            for number, piece in enumerate(pieces, 1)
        ]
        answered = []

        async def receive():
            return said.pop(0) if said else {"type": "http.disconnect"}

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
            assert not whole
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
    seen, put = [], registers.put_register

    async def noted(*asked):
        seen.append(asked)
        return await put(*asked)

    monkeypatch.setattr(registers, "put_register", noted)
    return seen


@pytest.mark.parametrize("pieces", [[BODY], [BODY[:9], BODY[9:]], [BODY, b""], [b"", BODY[:1], b"", BODY[1:]]])
async def test_a_body_is_taken_in_whatever_pieces_it_comes(line, database, routed, pieces):
    assert await line.put(*pieces) == 200

    assert (routed, await scalar(database, STORED)) == ([], 1)


async def test_after_a_pupil_joined_one_register_goes_the_usual_way_and_the_next_does_not(api, line, routed):
    await a_pupil(api, 2)
    both = orjson.dumps({"marks": [{"upn": upn(1), "code": "O"}, {"upn": upn(2), "code": "/"}]})

    assert await line.put(both) == 200
    assert await line.put(both, path=PATH.replace("09-10", "09-11")) == 200

    assert len(routed) == 1


async def test_a_large_body_is_read_by_the_route_from_its_beginning(line, database, routed):
    blank = b" " * (fast_path.MAX_BODY // 2)

    assert await line.put(BODY[:9], blank, blank, BODY[9:]) == 200

    assert (len(routed), await scalar(database, STORED)) == (1, 1)


@pytest.mark.parametrize("pieces", [[], [BODY[:9]], [BODY]])
async def test_of_a_caller_who_is_gone_before_the_body_was_whole_nothing_is_stored(line, database, pieces):
    assert await line.put(*pieces, whole=False) != 200

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
        (lambda: tokens.issue("manager", la_code="935"), 403),
        (lambda: tokens.issue("manager", la_code="881"), 200),
        (lambda: tokens.issue("manager"), 200),
    ],
)
async def test_nobody_comes_in_whom_the_route_refuses(line, database, token, status):
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
async def test_what_is_not_quite_its_path_goes_to_the_routes(line, routed, method, path, status):
    assert await line.put(BODY, method=method, path=path) == status

    assert len(routed) == (status == 200), "a day to come is for the route to keep apart"
