"""A fast path past a route answers what it can; everything else comes to the route as if there were no other path."""

from itertools import pairwise

import httpx2
import pytest
from fastapi import Request
from prometheus_client import REGISTRY

from services.registers.app import SERVICE as REGISTERS
from shared.database import Database
from shared.http import CallerInfo, Router, allow, fast_path, fast_path_of, tokens
from shared.http.app import create_app
from shared.service import Service

ROUTE = "/schools/{urn}/notes/{day}"
NOWHERE = Database("postgresql+asyncpg://nobody@localhost:1/nothing")
router = Router()
handled: list[CallerInfo] = []


async def in_area(tx, caller, path):
    """Is never asked here: nobody gets as far as a transaction."""


@router.put(ROUTE)
@allow("mis", "manager", own_school=True, guard=in_area, transaction=False)
async def put_note(urn: int, day: str, request: Request) -> dict[str, str]:
    return {"path": "route", "body": (await request.body()).decode(), "urn": str(urn), "day": day}


async def handle(database, caller, path, body):
    handled.append(caller)
    if body == b"error":
        raise ZeroDivisionError
    return b'{"path":"fast","day":"%b"}' % path["day"].encode() if body.startswith(b"fast") else None


FAST_PATH = fast_path_of(put_note, "PUT", f"/v1{ROUTE}", handle, urn="[0-9]{6}", day="[a-z]+")
APP = create_app(
    Service("notes", "Notes", "One route, two paths", REGISTERS.metadata, REGISTERS.migrations, [router], fast_paths=[FAST_PATH]), NOWHERE
)


@pytest.fixture(autouse=True)
def _none_handled_yet():
    handled.clear()


async def put(body, *, path="/v1/schools/100101/notes/monday", role="mis", schools=(100101,), la_code=None, name="Mo Lead", method="PUT"):
    token = tokens.issue(role, name=name, schools=schools, la_code=la_code)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=APP), base_url="http://notes") as client:
        return await client.request(method, path, content=body, headers={"Authorization": f"Bearer {token}"})


async def in_chunks(*chunks):
    for chunk in chunks:
        yield chunk


def counted(route):
    return REGISTRY.get_sample_value("http_request_seconds_count", {"service": "notes", "method": "PUT", "route": route, "status": "200"})


async def test_the_fast_path_answers_with_everything_that_a_response_has():
    before = counted(f"/v1{ROUTE}") or 0

    answer = await put(b"fast")

    assert answer.json() == {"path": "fast", "day": "monday"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-trace-id"]
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert counted(f"/v1{ROUTE}") == before + 1


@pytest.mark.parametrize("body", [b"long", b"error", b""])
async def test_a_request_that_the_fast_path_declines_or_fails_at_reaches_the_route_unchanged(body):
    assert (await put(body)).json() == {"path": "route", "body": body.decode(), "urn": "100101", "day": "monday"}
    assert len(handled) == 1


@pytest.mark.parametrize("ends", [(0,), (2,), (4,), (0, 1, 1), (1, 2, 3)])
async def test_a_body_in_chunks_is_joined_for_the_fast_path_and_for_the_route(ends):
    def chunks(body):
        return in_chunks(*(body[start:end] for start, end in pairwise((0, *ends, len(body)))))

    assert (await put(chunks(b"fast"))).json()["path"] == "fast"
    assert len(handled) == 1
    assert (await put(chunks(b"long"))).json()["body"] == "long"


async def test_a_body_larger_than_the_limit_reaches_the_route_unchanged(monkeypatch):
    monkeypatch.setattr(fast_path, "MAX_BODY", 8)

    assert (await put(in_chunks(b"fast", b"er", b" than ", b"that"))).json()["body"] == "faster than that"
    assert handled == []


async def test_a_body_in_too_many_chunks_reaches_the_route_unchanged(monkeypatch):
    monkeypatch.setattr(fast_path, "MAX_CHUNKS", 2)

    assert (await put(in_chunks(b"fa", b"s", b"t"))).json()["body"] == "fast"
    assert handled == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"role": "aco"}, 403),
        ({"schools": [100102]}, 403),
        ({"role": "manager", "name": None}, 403),
        ({"path": "/v1/schools/100102/notes/monday"}, 403),
        ({"path": "/v1/schools/100101/notes/monday/"}, 307),
        ({"method": "POST"}, 405),
    ],
)
async def test_the_fast_path_refuses_nobody_and_admits_nobody_whom_the_route_refuses(changed, status):
    assert (await put(b"fast", **changed)).status_code == status
    assert handled == []


@pytest.mark.parametrize("path", ["/v1/schools/100101/notes/monday?x=1", "/v1/schools/100101/notes/MONDAY"])
async def test_a_path_that_does_not_match_goes_to_the_route(path):
    assert (await put(b"fast", path=path)).json()["path"] == "route"


async def test_an_officer_of_an_area_goes_to_the_route_where_the_guard_decides():
    assert (await put(b"fast", role="manager", schools=())).json()["path"] == "fast"
    handled.clear()

    assert (await put(b"fast", role="manager", schools=(), la_code="881")).status_code == 503  # the guard would ask a database that is away
    assert handled == []


async def test_a_request_without_a_token_is_handled_by_neither():
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=APP), base_url="http://notes") as client:
        answer = await client.put("/v1/schools/100101/notes/monday", content=b"fast")

    assert answer.status_code == 401
    assert handled == []
