"""Due work, shown on a service that doubles numbers: what cannot be done keeps nothing else from it and waits for a person in the end."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text

from shared.database import NAMING, Database, Transaction, platform_tables
from shared.due_work import MAX_ATTEMPTS, DueWork, in_one_transaction, not_waiting, record_failure, recorded
from shared.jobs import BACKOFF
from shared.problems import Unavailable
from shared.service import Service
from tests.support import service_fixtures

metadata = MetaData(naming_convention=NAMING)
platform_tables(metadata)
Table("numbers", metadata, Column("number", Integer, primary_key=True), Column("doubled", Integer))

FOLDER = Path(tempfile.mkdtemp(prefix="migrations-"))
(FOLDER / "0001_platform.py").write_text(
    "from alembic import op\nfrom tests.support.platform import create_platform\n"
    "revision, down_revision = '0001', None\n"
    "def upgrade():\n    create_platform()\n"
    "    op.execute('CREATE TABLE numbers (number integer CONSTRAINT pk_numbers PRIMARY KEY, doubled integer)')\n"
)
_DUE = text(f"SELECT number FROM numbers WHERE doubled IS NULL AND {not_waiting('CAST(number AS text)')} ORDER BY number LIMIT :limit")
_DOUBLE = text("UPDATE numbers SET doubled = number * 2 WHERE number = ANY(:numbers) AND doubled IS NULL")


class Faults(dict[int, Exception]):
    """The numbers that cannot be doubled, with the error that they meet."""

    def check(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            if number in self:
                raise self[number]


faults = Faults()


async def find(tx: Transaction, job: str, limit: int) -> Sequence[str]:
    if -1 in faults:
        raise faults[-1]
    return [str(number) for number in (await tx.execute(_DUE, {"job": job, "limit": limit})).scalars()]


async def double(tx: Transaction, keys: Sequence[str]) -> int:
    done = (await tx.execute(_DOUBLE, {"numbers": [int(key) for key in keys]})).rowcount
    faults.check([int(key) for key in keys])
    return done


double_numbers = DueWork("double", find, in_one_transaction(double), batch=4)
database, tx, api = service_fixtures(Service("numbers", "Numbers", "Doubled", metadata, FOLDER, [], jobs={"double": double_numbers}))


@pytest.fixture(autouse=True)
def no_faults():
    faults.clear()


async def rows(database: Database, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    async with database.begin() as tx:
        found = await tx.execute(text(statement), values)
        return [tuple(row) for row in found] if found.returns_rows else []


async def numbers(database: Database, *given: int) -> None:
    for number in given:
        await rows(database, "INSERT INTO numbers (number) VALUES (:number)", number=number)


async def doubled(database: Database) -> list[int]:
    return [number for (number,) in await rows(database, "SELECT number FROM numbers WHERE doubled IS NOT NULL ORDER BY number")]


async def let_pause_pass(database: Database) -> None:
    await rows(database, "UPDATE failed_work SET next_attempt_at = now() - interval '1 second' WHERE next_attempt_at IS NOT NULL")


async def until_parked(database: Database) -> None:
    for _ in range(MAX_ATTEMPTS):
        await double_numbers(database)
        await let_pause_pass(database)


async def open_letters(api) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await api.as_("operations").get("/v1/dead-letters")).json()["items"]
    return items


async def test_one_row_that_fails_keeps_no_other_row_of_its_batch_from_being_done(database):
    await numbers(database, 1, 2, 3)
    faults[2] = ValueError("a child's name")

    await double_numbers(database)

    assert await doubled(database) == [1, 3]


async def test_a_full_batch_of_rows_that_fail_keeps_no_later_row_from_being_done(database):
    await numbers(database, 1, 2, 3, 4, 5)
    faults.update({number: ValueError() for number in (1, 2, 3, 4)})

    await double_numbers(database)
    await double_numbers(database)

    assert await doubled(database) == [5]


async def test_work_that_fails_is_tried_again_at_growing_pauses(database):
    await numbers(database, 1)
    faults[1] = ValueError()
    waits = []

    for _ in range(MAX_ATTEMPTS - 1):
        await double_numbers(database)
        await double_numbers(database)  # not before its time
        ((attempts, pause),) = await rows(database, "SELECT attempts, next_attempt_at - now() FROM failed_work")
        waits.append((attempts, round(pause.total_seconds(), -1)))
        await let_pause_pass(database)
    faults.clear()
    await double_numbers(database)

    assert waits == [(number + 1, BACKOFF[number].total_seconds()) for number in range(MAX_ATTEMPTS - 1)]
    assert await doubled(database) == [1]
    assert await rows(database, "SELECT * FROM failed_work") == []


@pytest.mark.parametrize("columns", ["next_attempt_at failed_at", "next_attempt_at"])
async def test_work_that_failed_while_the_clock_was_ahead_is_tried_when_the_clock_is_right(database, columns):
    await numbers(database, 1)
    faults[1] = ValueError()
    await double_numbers(database)
    ahead = ", ".join(f"{each} = {each} + interval '40 days'" for each in columns.split())
    await rows(database, f"UPDATE failed_work SET {ahead}")
    faults.clear()

    await double_numbers(database)

    assert await doubled(database) == [1]


async def test_work_that_failed_often_is_parked_among_the_dead_letters_without_the_values_that_it_quotes(database, api):
    await numbers(database, 1)
    faults[1] = ValueError("a child's name")

    await until_parked(database)
    await double_numbers(database)

    (letter,) = await open_letters(api)
    assert {name: letter[name] for name in ("topic", "type", "key", "attempts")} == {
        "topic": "due-work", "type": "double", "key": "1", "attempts": MAX_ATTEMPTS,
    }  # fmt: skip
    assert letter["error"].startswith("ValueError")
    assert "child" not in letter["error"]


async def test_a_transient_error_delays_work_and_never_parks_it(database, api):
    await numbers(database, 1, 2)
    faults[1] = Unavailable()

    await until_parked(database)
    await until_parked(database)

    assert await doubled(database) == [2]
    assert await open_letters(api) == []
    faults.clear()
    await double_numbers(database)
    assert await doubled(database) == [1, 2]


async def test_a_named_operator_replays_parked_work(database, api):
    await numbers(database, 1)
    faults[1] = ValueError()
    await until_parked(database)
    (letter,) = await open_letters(api)
    path, operator = f"/v1/dead-letters/{letter['id']}/replay", api.as_("operations", name="Ann Operator")

    again = await operator.post(path)
    (still,) = await open_letters(api)
    faults.clear()
    done = await operator.post(path)
    twice = await api.as_("operations", name="Bob Operator").post(path)

    assert (again.status_code, again.json()["type"], still["attempts"]) == (409, "/problems/replay-failed", MAX_ATTEMPTS + 1)
    assert (done.status_code, done.json(), await doubled(database)) == (200, {"replayed": 1}, [1])
    assert (twice.status_code, twice.json()["resolved_by"], twice.json()["resolution"]) == (409, "Ann Operator", "replayed")
    assert await open_letters(api) == []


async def test_dismissed_work_is_not_tried_again(database, api):
    await numbers(database, 1, 2)
    faults[1] = ValueError()
    await until_parked(database)
    (letter,) = await open_letters(api)

    dismissed = await api.as_("operations", name="Ann Operator").post(
        f"/v1/dead-letters/{letter['id']}/dismissal", {"reason": "There is no such number."}
    )
    faults.clear()
    await double_numbers(database)

    assert (dismissed.status_code, await doubled(database), await open_letters(api)) == (200, [2], [])


async def test_work_that_a_dying_replay_left_behind_is_tried_by_the_worker_and_parked_again(database, api):
    await numbers(database, 1)
    faults[1] = ValueError()
    await until_parked(database)
    (letter,) = await open_letters(api)
    # As far as a replay comes before its process dies.
    await rows(database, "UPDATE dead_letters SET resolved_at = now(), resolution = 'replayed', resolved_by = 'Ann Operator'")
    await rows(database, "UPDATE failed_work SET attempts = :left, next_attempt_at = now()", left=MAX_ATTEMPTS - 1)

    await double_numbers(database)

    (parked,) = await open_letters(api)
    assert (parked["key"], parked["id"] > letter["id"]) == ("1", True)


async def test_a_job_that_fails_as_a_whole_is_shown_and_no_longer_once_it_succeeds(database, api):
    await numbers(database, 1)
    faults[-1] = ValueError()
    job = recorded("double", double_numbers)

    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(ValueError, match=r"^$"):
            await job(database)
    (letter,) = await open_letters(api)
    faults.clear()
    await job(database)

    assert (letter["type"], letter["key"], letter["attempts"]) == ("double", "", MAX_ATTEMPTS)
    assert (await doubled(database), await open_letters(api)) == ([1], [])
    assert await rows(database, "SELECT resolution FROM dead_letters") == [("succeeded",)]


async def test_two_operators_who_replay_and_dismiss_one_letter_at_the_same_moment_get_one_success(database, api):
    await numbers(database, 1)
    faults[1] = ValueError()
    await until_parked(database)
    faults.clear()
    (letter,) = await open_letters(api)
    path = f"/v1/dead-letters/{letter['id']}"

    answers = await asyncio.gather(
        api.as_("operations", name="Ann Operator").post(f"{path}/replay"),
        api.as_("operations", name="Bob Operator").post(f"{path}/dismissal", {"reason": "Not wanted."}),
    )

    assert sorted(each.status_code for each in answers) == [200, 409]


async def test_a_bounded_number_of_calls_is_made_at_once(database):
    await numbers(database, *range(10))
    at_once, most = 0, 0
    enough = asyncio.Event()

    async def call(database: Database, keys: Sequence[str], _due_by: datetime) -> int:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        if at_once == 3:
            enough.set()
        await enough.wait()
        at_once -= 1
        async with database.begin() as tx:
            return await double(tx, keys)

    await asyncio.wait_for(DueWork("double", find, call, at_once=3)(database), 10)

    assert (most, len(await doubled(database))) == (3, 3)


async def test_failed_attempts_are_counted_for_good(database):
    for key in ("1", "2", "2"):
        async with database.begin() as tx:
            await record_failure(tx, "double", key, ValueError())
    async with database.begin() as tx:
        await record_failure(tx, "double", "3", Unavailable())

    assert await rows(database, "SELECT job, attempts FROM failed_attempts") == [("double", 3)]


async def test_the_figures_count_what_waits_and_since_when(database, api):
    await numbers(database, 1, 2)
    faults.update({1: ValueError(), 2: Unavailable()})
    await until_parked(database)
    await double_numbers(database)
    await rows(database, "UPDATE dead_letters SET arrived_at = now() - interval '2 minutes'")
    event = "(gen_random_uuid(), 'numbers', 'a', 'counted.v1', '', '{}'"
    await rows(
        database,
        f"INSERT INTO outbox (event_id, topic, key, type, body, headers, occurred_at) VALUES {event}, now() - interval '1 hour'), {event}, now())",
    )
    failed = "INSERT INTO dead_letters (event_id, topic, key, type, body, headers, consumer, error, arrived_at) VALUES"
    await rows(database, f"{failed} {event}, 'numbers', 'ValueError', now() - interval '1 day'), {event}, 'numbers', NULL, now())")

    text_of = (await api.get("/metrics")).text
    backlog = (await api.as_("operations").get("/v1/backlog")).json()

    def figure(name: str) -> float:
        return next(float(line.rpartition(" ")[2]) for line in text_of.splitlines() if line.startswith(f"{name}{{"))

    counts = ("outbox_unpublished", "dead_letters_open", "dead_letters_waiting", "due_work_parked", "due_work_failing")
    assert [figure(name) for name in counts] == [2, 1, 1, 1, 1]
    ages = ("outbox_oldest_seconds", "dead_letters_oldest_seconds", "due_work_parked_oldest_seconds")
    assert [round(figure(name), -1) for name in ages] == [3600, 86400, 120]
    assert f'due_work_failed_attempts_total{{job="double",service="numbers"}} {float(MAX_ATTEMPTS)}' in text_of
    assert (backlog["unpublished"], backlog["parked"]) == (2, 1)


async def test_the_figures_of_the_process_are_given_while_the_database_is_away(api, monkeypatch):
    def away(_: Database) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(Database, "begin", away)

    answer = await api.get("/metrics")

    assert (answer.status_code, "http_request_seconds" in answer.text, "outbox_unpublished" in answer.text) == (200, True, False)
