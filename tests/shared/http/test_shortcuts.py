"""A shorter way past a route answers what it can; everything else comes to the route as if there were no other way."""

import httpx2
import pytest
from fastapi import Request
from prometheus_client import REGISTRY

from services.registers.app import SERVICE as REGISTERS
from shared.database import Database
from shared.http import CallerInfo, Router, allow, fast_path, fast_path_of, only_for_callers_of_an_area, tokens
from shared.http.app import create_app
from shared.service import Service

ROUTE = "/schools/{urn}/notes/{day}"
NOWHERE = Database("postgresql+asyncpg://nobody@localhost:1/nothing")
router = Router()
taken: list[CallerInfo] = []


@only_for_callers_of_an_area
async def in_area(tx, caller, path):
    """Is never asked here: nobody gets as far as a transaction."""


@router.put(ROUTE)
@allow("mis", "manager", own_school=True, guard=in_area, transaction=False)
async def put_note(urn: int, day: str, request: Request) -> dict[str, str]:
    return {"way": "route", "body": (await request.body()).decode(), "urn": str(urn), "day": day}


async def take(database, caller, path, body):
    taken.append(caller)
    if body == b"trouble":
        raise ZeroDivisionError
    return b'{"way":"fast path","day":"%b"}' % path["day"].encode() if body.startswith(b"short") else None


SHORTCUT = fast_path_of(put_note, "PUT", f"/v1{ROUTE}", take, urn="[0-9]{6}", day="[a-z]+")
APP = create_app(
    Service("notes", "Notes", "One route, two ways", REGISTERS.metadata, REGISTERS.migrations, [router], fast_paths=[SHORTCUT]), NOWHERE
)


@pytest.fixture(autouse=True)
def _nobody_yet():
    taken.clear()


async def put(body, *, path="/v1/schools/100101/notes/monday", role="mis", schools=(100101,), la_code=None, method="PUT"):
    token = tokens.issue(role, schools=schools, la_code=la_code)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=APP), base_url="http://notes") as client:
        return await client.request(method, path, content=body, headers={"Authorization": f"Bearer {token}"})


async def in_pieces(*pieces):
    for piece in pieces:
        yield piece


def counted(route):
    return REGISTRY.get_sample_value("http_request_seconds_count", {"service": "notes", "method": "PUT", "route": route, "status": "200"})


async def test_what_it_can_answer_it_answers_with_all_that_belongs_to_an_answer():
    before = counted(f"/v1{ROUTE}") or 0

    answer = await put(b"short")

    assert answer.json() == {"way": "fast path", "day": "monday"}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-trace-id"]
    assert counted(f"/v1{ROUTE}") == before + 1


@pytest.mark.parametrize("body", [b"long", b"trouble", b""])
async def test_what_it_declines_or_fails_at_comes_to_the_route_whole(body):
    assert (await put(body)).json() == {"way": "route", "body": body.decode(), "urn": "100101", "day": "monday"}
    assert len(taken) == 1


async def test_a_body_in_pieces_is_put_together_for_either():
    assert (await put(in_pieces(b"sh", b"ort"))).json()["way"] == "fast path"
    assert (await put(in_pieces(b"lo", b"ng"))).json()["body"] == "long"


async def test_a_body_beyond_its_size_comes_to_the_route_whole(monkeypatch):
    monkeypatch.setattr(fast_path, "LARGEST", 8)

    assert (await put(in_pieces(b"short", b"er", b" than ", b"that"))).json()["body"] == "shorter than that"
    assert taken == []


async def test_a_body_in_too_many_pieces_comes_to_the_route_whole(monkeypatch):
    monkeypatch.setattr(fast_path, "PIECES", 2)

    assert (await put(in_pieces(b"sh", b"or", b"t"))).json()["body"] == "short"
    assert taken == []


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"role": "aco"}, 403),
        ({"schools": [100102]}, 403),
        ({"path": "/v1/schools/100102/notes/monday"}, 403),
        ({"path": "/v1/schools/100101/notes/monday/"}, 307),
        ({"method": "POST"}, 405),
    ],
)
async def test_it_refuses_nobody_and_lets_in_nobody(changed, status):
    assert (await put(b"short", **changed)).status_code == status
    assert taken == []


@pytest.mark.parametrize("path", ["/v1/schools/100101/notes/monday?x=1", "/v1/schools/100101/notes/MONDAY"])
async def test_other_paths_go_the_usual_way(path):
    assert (await put(b"short", path=path)).json()["way"] == "route"


async def test_an_officer_with_an_area_goes_the_usual_way_where_the_guard_stands():
    assert (await put(b"short", role="manager", schools=())).json()["way"] == "fast path"
    taken.clear()

    assert (
        await put(b"short", role="manager", schools=(), la_code="881")
    ).status_code == 503  # the guard would ask a database that is away
    assert taken == []


async def test_without_a_token_there_is_no_way():
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=APP), base_url="http://notes") as client:
        answer = await client.put("/v1/schools/100101/notes/monday", content=b"short")

    assert answer.status_code == 401
    assert taken == []
