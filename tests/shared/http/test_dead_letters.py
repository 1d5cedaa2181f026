"""Dead letters over the API: one operator's word stands, and what happened is what the response says."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import MetaData, text

from shared.database import NAMING, Database, Transaction, platform_tables
from shared.database.limits import REQUEST
from shared.http import dead_letters as routes
from shared.http.app import create_app
from shared.messaging import EventHandlers, dead_letters, publish_many, set_aside
from shared.messaging.messages import Message, Unpublishable
from shared.messaging.outbox import to_message
from shared.service import Service
from tests.shared.messaging.world import Counted
from tests.support import ApiClient, service_fixtures

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)
FOLDER = Path(tempfile.mkdtemp(prefix="migrations-"))
(FOLDER / "0001_platform.py").write_text(
    "from tests.support.platform import create_platform\nrevision, down_revision = '0001', None\ndef upgrade():\n    create_platform()\n"
)
wrong: set[int] = set()
handled: list[int] = []


limits: list[str] = []


async def count(tx: Transaction, event: Counted) -> None:
    limits.append((await tx.execute(text("SHOW statement_timeout"))).scalar_one())
    if event.number in wrong:
        raise ValueError
    handled.append(event.number)


consumers = EventHandlers("counting")
consumers.on(Counted)(count)
database, tx, api = service_fixtures(Service("counting", "Counting", "Counts", metadata, FOLDER, [], consumers))


@pytest.fixture
async def letters(database: Database) -> list[int]:
    """Three dead letters of one pupil: the first failed, the others wait."""
    wrong.clear()
    handled.clear()
    async with database.begin() as tx:
        for number in (1, 2, 3):
            body = Counted(pupil="a", number=number).model_dump_json().encode()
            message = to_message("none", Counted.type(), "a", body)
            await (
                dead_letters.store(tx, "counting", message, ValueError())
                if number == 1
                else dead_letters.store_waiting(tx, "counting", message)
            )
        return [each.id for each in (await dead_letters.listing(tx)).rows]


async def replay(api: ApiClient, letter: int, name: str = "Ann Operator") -> Any:
    return await api.as_("operations", name=name).post(f"/v1/dead-letters/{letter}/replay")


async def dismiss(api: ApiClient, letter: int, name: str = "Ann Operator") -> Any:
    return await api.as_("operations", name=name).post(f"/v1/dead-letters/{letter}/dismissal", {"reason": "published in error"})


async def resolution(database: Database, letter: int) -> tuple[str, str]:
    async with database.begin() as tx:
        asked = text("SELECT resolution, resolved_by FROM dead_letters WHERE id = :id")
        return tuple((await tx.execute(asked, {"id": letter})).one())


@pytest.mark.parametrize(("first", "second"), [(replay, dismiss), (dismiss, replay), (dismiss, dismiss), (replay, replay)])
async def test_a_letter_that_was_resolved_stays_so_and_the_second_operator_learns_who_did_what_and_when(
    api, database, letters, first, second
):
    await first(api, letters[0])

    refused = await second(api, letters[0], "Bob Operator")

    did = {replay: "replayed", dismiss: "dismissed"}[first]
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/dead-letter-resolved")
    assert refused.json()["detail"].startswith(f"Ann Operator {did} it on ")
    assert (refused.json()["resolved_by"], refused.json()["resolution"]) == ("Ann Operator", did)
    assert await resolution(database, letters[0]) == (did, "Ann Operator")


@pytest.mark.parametrize(("winner", "loser"), [(replay, dismiss), (dismiss, replay), (dismiss, dismiss), (replay, replay)])
async def test_of_two_operators_at_the_same_moment_the_second_is_refused_and_changes_nothing(
    api, database, letters, winner, loser, monkeypatch: pytest.MonkeyPatch
):
    seen, go_on = asyncio.Event(), asyncio.Event()
    find = dead_letters.find

    async def slow(tx: Transaction, letter_id: int) -> dead_letters.DeadLetter:
        """Let the other operator resolve the letter after this one has seen it unresolved."""
        found = await find(tx, letter_id)
        if asyncio.current_task() is task:
            seen.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(dead_letters, "find", slow)
    task = asyncio.create_task(loser(api, letters[0], "Bob Operator"))
    await seen.wait()
    done = await winner(api, letters[0])
    go_on.set()
    refused = await task

    assert (done.status_code, refused.status_code, refused.json()["resolved_by"]) == (200, 409, "Ann Operator")
    assert await resolution(database, letters[0]) == ({replay: "replayed", dismiss: "dismissed"}[winner], "Ann Operator")
    assert handled == ([1, 2, 3] if winner is replay else [2, 3])


async def test_a_dismissal_stands_though_the_next_event_of_the_key_fails_and_the_response_names_that(api, database, letters):
    wrong.add(2)

    answer = await dismiss(api, letters[0])

    assert (answer.status_code, answer.json()) == (200, {"replayed": 0, "next": letters[1]})
    assert await resolution(database, letters[0]) == ("dismissed", "Ann Operator")


async def test_a_replay_names_the_later_event_at_which_it_stopped(api, letters):
    wrong.add(3)

    answer = await replay(api, letters[0])

    assert (answer.status_code, answer.json()) == (200, {"replayed": 2, "next": letters[2]})


async def test_a_dead_letter_that_does_not_exist_is_refused(api, letters):
    assert [(await each(api, 999)).status_code for each in (replay, dismiss)] == [404, 404]


def test_the_response_of_before_has_only_gained_what_is_optional():
    assert routes.Replayed.model_validate({"replayed": 1}).next is None


async def test_a_letter_is_replayed_with_the_limits_of_a_worker_and_not_of_a_request(database, letters):
    url = database.engine.url.render_as_string(hide_password=False)
    hurried = Database(url, sees="nothing", limits=REQUEST)
    limits.clear()
    app = create_app(Service("counting", "Counting", "Counts", metadata, FOLDER, [], consumers), hurried)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as http:
        answer = await replay(ApiClient(http), letters[0])
    await hurried.dispose()

    assert (answer.status_code, answer.json()["replayed"]) == (200, 3)
    assert limits == ["1min"] * 3


@pytest.mark.parametrize(("act", "published", "answer"), [(replay, [1, 2, 3], {"replayed": 3}), (dismiss, [2, 3], {"replayed": 2})])
async def test_events_that_the_relay_set_aside_are_put_back_into_the_outbox_in_their_order(api, database, act, published, answer):
    handled.clear()
    async with database.begin() as tx:
        await publish_many(tx, [Counted(pupil="a", number=number) for number in (1, 2, 3)])
    async with database.begin() as tx:
        rows = (await tx.execute(text("UPDATE outbox SET published_at = now() RETURNING event_id, topic, key, type, body"))).all()
        messages = [Message(row.event_id, row.topic, row.key, row.type, row.body, {}) for row in rows]
        await set_aside.store(tx, messages, {0: Unpublishable("Too large."), 1: None, 2: None})
        first, *_ = [each.id for each in (await dead_letters.listing(tx)).rows]

    response = await act(api, first)

    assert (response.status_code, response.json()) == (200, answer)
    async with database.begin() as tx:
        bodies = (await tx.execute(text("SELECT body FROM outbox WHERE published_at IS NULL ORDER BY position"))).scalars().all()
    assert [Counted.model_validate_json(body).number for body in bodies] == published
    assert handled == []
