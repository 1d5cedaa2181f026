"""What every service's API does alike, shown on a service of two routes."""

import asyncio
import re
import tempfile
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from fastapi import Request
from pydantic import BaseModel
from sqlalchemy import Column, Integer, MetaData, Table, Uuid, insert, select

from shared.database import NAMING, platform_tables
from shared.http import Caller, Router, Tx, allow
from shared.http.app import MAX_BODY
from shared.ids import new_id
from shared.messaging import dead_letters
from shared.messaging.messages import Message
from shared.problems import Forbidden
from shared.service import Service
from tests.support import service_fixtures

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)
things = Table("things", metadata, Column("id", Uuid, primary_key=True), Column("size", Integer))
router = Router()


class ThingIn(BaseModel):
    size: int


class ThingOut(BaseModel):
    id: UUID
    size: int


async def not_the_secret_thing(tx, caller, path):
    if path.get("thing") == "secret":
        raise Forbidden


@router.post("/things", status_code=201)
@allow("aco")
async def make_thing(tx: Tx, caller: Caller, body: ThingIn) -> ThingOut:
    if body.size < 0:
        raise ZeroDivisionError("a child's name")
    made = ThingOut(id=new_id(), size=body.size)
    await tx.execute(insert(things).values(**made.model_dump()))
    return made


@router.get("/things")
@allow("aco", "mis")
async def list_things(tx: Tx) -> list[ThingOut]:
    return [ThingOut.model_validate(dict(row)) for row in (await tx.execute(select(things))).mappings()]


@router.put("/raw-things")
@allow("aco", transaction=False)
async def put_raw_thing(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


@router.post("/things/{thing}")
@allow("aco")
async def look_at_thing(tx: Tx, thing: UUID) -> dict[str, str]:
    return {"id": str(thing)}


@router.put("/schools/{urn}/things/{thing}")
@allow("mis", own_school=True, rule=not_the_secret_thing)
async def put_thing(tx: Tx, urn: int, thing: str, body: ThingIn) -> ThingIn:
    return body


FOLDER = Path(tempfile.mkdtemp(prefix="migrations-"))
(FOLDER / "0001_platform.py").write_text(
    "from alembic import op\nfrom tests.support.platform import create_platform\nrevision, down_revision = '0001', None\n"
    "def upgrade():\n    create_platform()\n    op.execute('CREATE TABLE things (id uuid CONSTRAINT pk_things PRIMARY KEY, size integer)')\n"
)
database, tx, api = service_fixtures(Service("things", "Things", "Two routes", metadata, FOLDER, [router]))


async def test_without_a_token_nothing_is_read(api):
    answer = await api.post("/v1/things", content=b"{oops")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/unauthenticated",
        "title": "A valid bearer token is needed",
        "status": 401,
        "detail": answer.json()["detail"],
    }


async def test_refusals_come_in_order(api):
    school = api.as_("mis", schools=[100001])

    wrong_role = await school.post("/v1/things", content=b"{oops")
    other_school = await school.put("/v1/schools/100002/things/1", content=b"{oops")
    guarded = await school.put("/v1/schools/100001/things/secret", content=b"{oops")
    malformed = await school.put("/v1/schools/100001/things/1", content=b"{oops")
    not_text = await school.put("/v1/schools/100001/things/1", content=b'{"size": "\xff"}')
    shapeless = await school.put("/v1/schools/100001/things/1", {})
    nowhere = await school.get("/v1/nothing")

    assert [a.status_code for a in (wrong_role, other_school, guarded, malformed, not_text, shapeless, nowhere)] == [
        403,
        403,
        403,
        422,
        400,
        422,
        404,
    ]
    assert all(
        {"type", "title", "status"} <= a.json().keys() for a in (wrong_role, other_school, guarded, malformed, not_text, shapeless, nowhere)
    )
    assert shapeless.json()["errors"] == [{"where": ["body", "size"], "what": "Field required"}]


async def test_a_body_that_no_parser_takes_is_refused(api):
    officer = api.as_("aco")

    answers = {
        name: (await officer.post("/v1/things", content=body)).status_code
        for name, body in {
            "a byte order mark of another encoding": b"\xff\xfe",
            "UTF-16": '{"size": 3}'.encode("utf-16"),
            "nested too deeply": b"[" * 100_000,
            "an integer of too many digits": b'{"size": ' + b"1" * 5_000 + b"}",
        }.items()
    }

    assert answers == {
        "a byte order mark of another encoding": 400,
        "UTF-16": 400,
        "nested too deeply": 422,
        "an integer of too many digits": 422,
    }


@pytest.mark.parametrize("length", [{"Content-Length": str(20 * MAX_BODY)}, {}], ids=["declared", "found"])
async def test_a_body_that_is_too_long_is_refused_with_a_problem(api, length):
    async def pieces():
        for _ in range(17):
            yield b"x" * (MAX_BODY // 16)

    answer = await api.as_("aco").put("/v1/raw-things", content=b"x" if length else pieces(), headers=length)

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/too-long",
        "title": "The body is longer than this takes",
        "status": 413,
        "detail": "Nothing of it was stored. Send less at once.",
    }
    assert "x-trace-id" in answer.headers


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-1", "lines=1-2", "bytes=x"])
async def test_a_part_of_a_file_that_there_is_not_is_refused_with_a_problem(api, asked):
    answer = await api.get("/docs/files/swagger-ui.css", headers={"Range": asked})

    assert (answer.status_code, answer.headers["content-type"]) == (416, "application/problem+json")
    assert answer.json()["title"] == "The file has no such part"


async def test_a_key_goes_with_any_path(api):
    answer = await api.as_("aco").post("/v1/things/%00", headers={"Idempotency-Key": "k1"})

    assert answer.status_code == 422


async def test_a_failure_shows_nothing_but_its_trace_id_and_stores_nothing(api, database):
    answer = await api.as_("aco").post("/v1/things", {"size": -1})

    assert answer.status_code == 500
    assert answer.json() == {
        "type": "about:blank",
        "title": "Something went wrong here",
        "status": 500,
        "trace_id": answer.json()["trace_id"],
    }
    assert (await api.as_("aco").get("/v1/things")).json() == []


async def test_the_same_key_and_body_give_the_first_answer_again(api):
    officer = api.as_("aco")
    first = await officer.post("/v1/things", {"size": 3}, headers={"Idempotency-Key": "k1"})
    again = await officer.post("/v1/things", {"size": 3}, headers={"Idempotency-Key": "k1"})
    other_body = await officer.post("/v1/things", {"size": 4}, headers={"Idempotency-Key": "k1"})
    other_caller = await api.as_("aco").post("/v1/things", {"size": 4}, headers={"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert (other_body.status_code, other_body.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert other_caller.status_code == 201
    assert len((await officer.get("/v1/things")).json()) == 2


async def test_of_two_requests_at_once_with_one_key_only_one_has_an_effect(api):
    officer = api.as_("aco")

    answers = await asyncio.gather(*(officer.post("/v1/things", {"size": 3}, headers={"Idempotency-Key": "k2"}) for _ in range(5)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len((await officer.get("/v1/things")).json()) == 1


async def test_a_refused_request_leaves_its_key_free(api):
    officer = api.as_("aco")
    refused = await officer.post("/v1/things", {}, headers={"Idempotency-Key": "k3"})
    repaired = await officer.post("/v1/things", {"size": 1}, headers={"Idempotency-Key": "k3"})

    assert (refused.status_code, repaired.status_code) == (422, 201)


async def test_an_unchanged_answer_is_not_sent_again(api):
    officer = api.as_("aco")
    first = await officer.get("/v1/things")
    again = await officer.get("/v1/things", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize("sent", ["W/{tag}", '"older", {tag}', "*"])
async def test_an_etag_is_recognised_in_every_way_a_client_may_write_it(api, sent):
    officer = api.as_("aco")
    tag = (await officer.get("/v1/things")).headers["etag"]

    again = await officer.get("/v1/things", headers={"If-None-Match": sent.format(tag=tag)})

    assert again.status_code == 304


async def test_a_path_that_no_database_can_hold_is_refused(api):
    officer = api.as_("aco")

    answers = [await officer.post("/v1/things/%00", {}), await api.as_("mis").post("/v1/things/%00", {})]

    assert [each.status_code for each in answers] == [422, 403]


@pytest.mark.parametrize(
    "text",
    [r'"\u0000"', r'["a", {"b": "\u0000"}]', r'{"\u0000": 1}', r'"\ud800"', r'{"a": "\udfff\ud800"}'],
    ids=["NUL", "within", "name", "half", "halves"],
)
async def test_a_body_with_a_character_that_is_no_text_is_refused(api, text):
    officer = api.as_("aco")

    answers = [
        await officer.post("/v1/things", content=b'{"size": 1, "note": %b}' % text.encode()),
        await officer.put("/v1/raw-things", content=b'{"note": %b}' % text.encode()),
    ]

    assert [each.status_code for each in answers] == [422, 422]
    assert "no text" in answers[0].json()["detail"]


@pytest.mark.parametrize(
    "text", [r'"\ud83d\ude00"', r'"\\u0000"', r'"\\ud800"', r'"A"'], ids=["pair", "escaped NUL", "escaped half", "letter"]
)
async def test_a_body_with_an_escaped_character_that_is_text_is_read(api, text):
    answer = await api.as_("aco").post("/v1/things", content=b'{"size": 1, "note": %b}' % text.encode())

    assert answer.status_code == 201


@pytest.mark.parametrize("query", ["after=%00", "after=9223372036854775808", "after=-1", "limit=99999999999999999999", "%00=1"])
async def test_a_query_that_no_database_can_hold_is_refused(api, query):
    operator = api.as_("operations", name="Ann Operator")

    answer = await operator.get(f"/v1/dead-letters?{query}")

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_a_query_of_a_stranger_is_not_looked_at(api):
    answers = [await api.get("/v1/things?size=%00"), await api.as_("school").get("/v1/things?size=%00")]

    assert [each.status_code for each in answers] == [401, 403]


async def test_no_response_may_be_kept_or_taken_for_what_it_is_not(api):
    officer = api.as_("aco")

    answers = [
        await officer.get("/v1/things"),
        await officer.get("/v1/nothing"),
        await officer.post("/v1/things", {"size": -1}),
        await api.get("/v1/things"),
        await api.get("/openapi.json"),
    ]

    assert [each.status_code for each in answers] == [200, 404, 500, 401, 200]
    assert {(each.headers["cache-control"], each.headers["x-content-type-options"]) for each in answers} == {("no-store", "nosniff")}


async def test_the_description_of_an_api_loads_nothing_from_outside(api):
    page = await api.get("/docs")
    loaded = re.findall(r"(?:src|href|url:)\s*=?\s*[\"']([^\"']+)", page.text)
    files = [await api.get(str(page.url.join(each))) for each in loaded]

    assert len(loaded) == 4
    assert not [each for each in loaded if "//" in each]
    assert {each.status_code for each in files} == {200}
    assert '"validatorUrl": null' in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


async def test_health_needs_no_token(api):
    live, ready, metrics = [await api.get(path) for path in ("/health/live", "/health/ready", "/metrics")]

    assert (live.status_code, ready.status_code, metrics.status_code) == (200, 200, 200)
    assert isinstance(ready, httpx2.Response)


async def test_a_token_that_is_not_ours_is_refused(api):
    answer = await api.get("/v1/things", headers={"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})

    assert answer.status_code == 401


async def test_dead_letters_are_listed_by_page_and_dismissed_by_a_named_operator(api, database):
    operator = api.as_("operations", name="Ann Operator")
    async with database.begin() as tx:
        for number in range(2):
            message = Message(new_id(), "registers", str(number), "session-recorded.v1", b"{}", {})
            await dead_letters.store(tx, "things", message, ValueError("a child's name"))

    first = (await operator.get("/v1/dead-letters?limit=1")).json()
    second = (await operator.get(f"/v1/dead-letters?limit=1&after={first['next']}")).json()
    letter = first["items"][0]
    dismissed = await operator.post(f"/v1/dead-letters/{letter['id']}/dismissal", {"reason": "published in error"})
    left = (await operator.get("/v1/dead-letters")).json()

    assert {name: letter[name] for name in ("consumer", "key", "type", "attempts", "resolution")} == {
        "consumer": "things", "key": "0", "type": "session-recorded.v1", "attempts": 1, "resolution": None,
    }  # fmt: skip
    assert letter["error"].startswith("ValueError")
    assert "child" not in letter["error"]
    assert (second["items"][0]["key"], second["next"]) == ("1", None)
    assert (dismissed.status_code, dismissed.json()) == (200, {"replayed": 0})
    assert [each["key"] for each in left["items"]] == ["1"]
